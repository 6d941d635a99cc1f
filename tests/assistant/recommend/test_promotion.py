from pathlib import Path

from assistant.recommend.promotion import Offer, Placement, Promotions
from tests.assistant.little_shop import STORE, little_shop

PROMOTIONS = (
    ("north", "m2", "mailer"),
    ("north", "m1", "mailer"),
    ("north", "m1", "display"),
    ("north", "p1", "display"),
    ("south", "m1", "mailer"),
    ("south", "b1", "mailer"),
    ("east", "p1", "display"),
)


def test_a_location_offers_its_own_reduced_ones_first(tmp_path: Path) -> None:
    with little_shop(tmp_path, promotions=PROMOTIONS) as (database, _):
        offers = Promotions(database, STORE).at("north")
    assert offers == {
        "milk": (
            Offer("m1", "milk", 249, 299, 9, Placement.MAILER),
            Offer("m2", "milk", 279, 279, 5, Placement.MAILER),
        ),
        "pasta": (Offer("p1", "pasta", 100, 100, 7, Placement.DISPLAY),),
    }
    assert [offer.reduced for offer in offers["milk"]] == [True, False]


def test_without_a_location_the_mailers_of_at_least_half_of_them_count(tmp_path: Path) -> None:
    # m1 is in two of three locations' mailers, b1 in one, p1 on two displays.
    expected = {"milk": (Offer("m1", "milk", 249, 299, 9, Placement.MOST_MAILERS),)}
    with little_shop(tmp_path, promotions=PROMOTIONS) as (database, _):
        promotions = Promotions(database, STORE)
        assert promotions.at(None) == expected
        assert promotions.at("west") == expected


def test_a_shop_without_promotions_has_no_offers(tmp_path: Path) -> None:
    with little_shop(tmp_path) as (database, _):
        assert Promotions(database, STORE).at(None) == {}
        assert Promotions(database, STORE).at("north") == {}
