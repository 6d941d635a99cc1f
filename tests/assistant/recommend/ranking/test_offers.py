from pathlib import Path

import numpy as np

from assistant.recommend.ranking.items import read_items
from assistant.recommend.ranking.offers import offers_of, read_offers
from tests.assistant.little_shop import STORE, little_shop
from tests.assistant.recommend.ranking.toy import toy_items

ITEMS = toy_items(4)
OFFERS = offers_of(
    ITEMS,
    ["north", "north", "south", "south"],
    ["p001", "p002", "p001", "unknown"],
    np.array([True, False, True, True]),
    np.array([False, True, True, False]),
)


def test_a_location_offers_its_own_promotions() -> None:
    assert OFFERS.items_at(OFFERS.row_of("north")).tolist() == [1, 2]
    assert OFFERS.items_at(OFFERS.row_of("south")).tolist() == [1]


def test_without_a_location_the_mailers_of_most_locations_are_offered() -> None:
    assert OFFERS.row_of(None) == OFFERS.row_of("elsewhere") == -1
    assert OFFERS.items_at(-1).tolist() == [1]


def test_mailer_and_display_are_told_apart() -> None:
    location = np.array([0, 0, 1, 1, -1], np.int32)
    item = np.array([1, 2, 1, 2, 1], np.int32)
    mailer, display = OFFERS.placed(location, item)
    assert mailer.tolist() == [True, False, True, False, False]
    assert display.tolist() == [False, True, True, False, False]


def test_shares_are_of_all_locations() -> None:
    assert OFFERS.mailer_share.tolist() == [0, 1, 0, 0]
    assert OFFERS.display_share.tolist() == [0, 0.5, 0.5, 0]


def test_no_promotions_place_nothing() -> None:
    none = np.empty(0, np.bool_)
    empty = offers_of(ITEMS, (), (), none, none)
    mailer, display = empty.placed(np.zeros(2, np.int32), np.array([0, 1], np.int32))
    assert not mailer.any() and not display.any()


def test_the_stores_promotions_are_read_with_their_placement(tmp_path: Path) -> None:
    promotions = (("north", "m1", "mailer"), ("north", "m1", "display"), ("south", "b1", "display"))
    with little_shop(tmp_path, (), promotions) as (database, _):
        items = read_items(database, STORE.name)
        offers = read_offers(database, STORE.name, items)
    milk = np.array([items.row_of["m1"]], np.int32)
    mailer, display = offers.placed(np.zeros(1, np.int32), milk)
    assert mailer.tolist() == display.tolist() == [True]
    assert offers.items_at(offers.row_of("south")).tolist() == [items.row_of["b1"]]
