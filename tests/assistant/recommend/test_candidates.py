from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from assistant.catalog.products import Family
from assistant.recommend.candidates import (
    Situation,
    by_score,
    completing,
    on_offer,
    popular,
    reranked,
)
from assistant.recommend.copurchase import Companion
from assistant.recommend.history import Purchase
from assistant.recommend.profile import Profile, profile_of
from assistant.recommend.promotion import Offer, Placement
from tests.assistant.little_shop import STORE, day, little_shop

ZONE = ZoneInfo(STORE.timezone)
GUEST = Situation(Profile(STORE.clock, ZONE))


@pytest.fixture
def families(tmp_path: Path) -> dict[str, Family]:
    with little_shop(tmp_path) as (_, catalogue):
        return dict(catalogue.families)


def _shopper(*bought: tuple[str, str]) -> Situation:
    """A shopper with one order for each product id and family."""
    lines = [
        Purchase(str(at), day(at), product_id, family_id, 1, 100)
        for at, (product_id, family_id) in enumerate(bought, start=1)
    ]
    return Situation(profile_of(lines, STORE.clock, ZONE))


def test_ties_go_to_the_most_sold_and_unknown_families_are_left_out(
    families: dict[str, Family],
) -> None:
    scores = {"noodles": 1.0, "bread": 1.0, "milk": 0.5, "unknown": 9.0}
    assert by_score(scores, families) == ["bread", "noodles", "milk"]


def test_popular_leaves_out_what_was_bought(families: dict[str, Family]) -> None:
    found = popular(families, _shopper(("z1", "beer"), ("b1", "bread")))
    assert [c.family_id for c in found] == ["milk", "milk-half", "pasta", "sauce", "noodles"]


def test_a_companion_is_the_shoppers_own_family_of_the_name_else_the_most_sold(
    families: dict[str, Family],
) -> None:
    named = {"Milk": [families["milk"], families["milk-half"]]}
    companions = [Companion("Milk", "Spaghetti", 1.0), Companion("Nothing sold", "Spaghetti", 0.5)]
    (own,) = completing(companions, named, _shopper(("h1", "milk-half")))
    (guests,) = completing(companions, named, GUEST)
    assert (own.family_id, guests.family_id) == ("milk-half", "milk")
    assert [why.text for why in own.why] == ["Often bought with Spaghetti"]


def test_offers_of_ones_habits_come_before_those_of_neighbours(
    families: dict[str, Family],
) -> None:
    offers = {
        name: (Offer(product_id, name, 100, 100, 1, Placement.MAILER),)
        for name, product_id in (("milk", "m1"), ("sauce", "s1"), ("noodles", "n1"))
    }
    shopper = _shopper(("n1", "noodles"))
    found = on_offer(offers, {"sauce": 0.1}, shopper, families, "USD")
    assert [c.family_id for c in found] == ["noodles", "sauce", "milk"]


def test_the_product_on_offer_is_the_one_bought_last_else_the_first_offer(
    families: dict[str, Family],
) -> None:
    offers = {
        "milk": (
            Offer("m1", "milk", 249, 299, 9, Placement.MAILER),
            Offer("m2", "milk", 279, 279, 5, Placement.MAILER),
        )
    }
    (guests,) = on_offer(offers, {}, GUEST, families, "USD")
    (own,) = on_offer(offers, {}, _shopper(("m1", "milk"), ("m2", "milk")), families, "USD")
    assert (guests.product_id, own.product_id) == ("m1", "m2")


def test_a_search_keeps_its_order_for_a_guest() -> None:
    assert [c.family_id for c in reranked(["b", "a", "b", "c"], GUEST)] == ["b", "a", "c"]


def test_a_firm_habit_leads_a_search_and_a_faded_one_only_helps() -> None:
    found = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "usual", "once"]
    shopper = _shopper(("o", "once"), *[("x", "else")] * 20, *[("u", "usual")] * 6)
    order = [c.family_id for c in reranked(found, shopper)]
    # usual: 1 / 1.9 and 2 * 5.3 / 6.3; once, 26 baskets ago: 1 / 2 and 2 * 0.26 / 1.26; a: 1.
    assert order[:4] == ["usual", "a", "once", "b"]
