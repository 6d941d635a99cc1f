from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.errors import InvalidArguments, NotFound, UnknownShopper
from assistant.recommend.explain import LIKE_MINDED, POPULAR
from assistant.recommend.history import PurchaseHistory
from assistant.recommend.promotion import Promotions
from assistant.recommend.recommender import Recommendation, Recommender
from assistant.recommend.scenarios import Scenario
from assistant.recommend.statistics import build_statistics, open_statistics
from tests.assistant.little_shop import ITEMS, STORE, Bought, day, little_shop

# Shopper 900 buys half gallons, bread and beer; three others buy milk, bread and noodles;
# five baskets hold spaghetti and sauce together.
ORDERS = (
    Bought("1", "900", day(1), ["h1", "b1"]),
    Bought("2", "900", day(5), ["h1", "z1"]),
    *[Bought(f"x{at}", f"91{at}", day(2), ["h1", "b1", "n1"]) for at in range(3)],
    *[Bought(f"y{at}", "920", day(3 + at), ["p1", "s2"]) for at in range(5)],
    Bought("w", "930", day(3), ["gone"]),
)
PROMOTIONS = (
    ("north", "m1", "mailer"),
    ("north", "h1", "display"),
    ("north", "z1", "mailer"),
    ("south", "m1", "mailer"),
)
ANYTHING = [item.family_id for item in ITEMS]


def a_recommender(database: Database, catalogue: Catalogue, folder: Path) -> Recommender:
    build_statistics(database, STORE, folder, lambda _label, _share: None)
    return Recommender(
        catalogue,
        PurchaseHistory(database, STORE),
        Promotions(database, STORE),
        open_statistics(database, STORE, folder),
    )


@pytest.fixture
def recommender(tmp_path: Path) -> Iterator[Recommender]:
    with little_shop(tmp_path, ORDERS, PROMOTIONS) as (database, catalogue):
        yield a_recommender(database, catalogue, tmp_path)


def _families(found: Sequence[Recommendation]) -> list[str]:
    return [recommendation.family_id for recommendation in found]


def _texts(found: Recommendation) -> list[str]:
    return [why.text for why in found.why]


def test_replenish_shows_only_what_the_shopper_buys_with_their_orders(
    recommender: Recommender,
) -> None:
    milk, bread = recommender.recommend("900", Scenario.REPLENISH)
    assert (milk.family_id, milk.product_id, milk.scores) == ("milk-half", "h1", {})
    assert _texts(milk) == ["Bought twice, last on 5 Apr"]
    assert milk.why[0].order_ids == ("2", "1")
    assert (bread.family_id, bread.why[0].order_ids) == ("bread", ("1",))


@pytest.mark.parametrize("scenario", [Scenario.REPLENISH, Scenario.BROWSE])
@pytest.mark.parametrize("shopper_id", [None, "930"])
def test_without_a_history_the_most_bought_is_shown_and_called_so(
    recommender: Recommender, scenario: Scenario, shopper_id: str | None
) -> None:
    found = recommender.recommend(shopper_id, scenario, k=3)
    assert _families(found) == ["milk", "bread", "pasta"]
    assert {text for one in found for text in _texts(one)} == {POPULAR}
    assert all(why.order_ids == () for one in found for why in one.why)


def test_browse_shows_what_neighbours_buy_then_what_is_popular(recommender: Recommender) -> None:
    noodles, *rest = recommender.recommend("900", Scenario.BROWSE)
    assert (noodles.family_id, _texts(noodles)) == ("noodles", [LIKE_MINDED])
    assert noodles.why[0].order_ids == ()
    # Not "milk": another size of what the shopper buys is no discovery.
    assert _families(rest) == ["pasta", "sauce"]


def test_the_cart_is_completed_by_what_goes_with_it(recommender: Recommender) -> None:
    (sauce,) = recommender.recommend(None, Scenario.CART, cart=["p1"])
    assert (sauce.family_id, sauce.product_id) == ("sauce", "s1")
    assert _texts(sauce) == ["Often bought with Spaghetti"]


def test_the_shoppers_usual_product_stands_for_a_family(recommender: Recommender) -> None:
    (sauce,) = recommender.recommend("920", Scenario.CART, cart=["p1"])
    assert sauce.product_id == "s2"


def test_promotions_of_habits_come_first_and_tell_the_former_price(
    recommender: Recommender,
) -> None:
    (half,) = recommender.recommend("900", Scenario.PROMOTION)
    assert (half.family_id, half.product_id) == ("milk-half", "h1")
    assert _texts(half) == ["On display this week", "Bought twice, last on 5 Apr"]
    (guests,) = recommender.recommend(None, Scenario.PROMOTION)
    assert (guests.family_id, guests.product_id) == ("milk", "m1")
    assert _texts(guests) == ["In this week's mailer at most of our locations", "Was $2.99"]


def test_a_search_puts_the_usual_first_and_keeps_what_was_asked_for(
    recommender: Recommender,
) -> None:
    found = recommender.recommend("900", Scenario.SEARCH, candidates=["milk", "milk-half", "beer"])
    assert _families(found) == ["milk-half", "beer", "milk"]
    assert _texts(found[2]) == []
    assert recommender.recommend("900", Scenario.SEARCH, candidates=[]) == ()
    with pytest.raises(NotFound):
        recommender.recommend("900", Scenario.SEARCH, candidates=["no such family"])


@pytest.mark.parametrize("scenario", [s for s in Scenario if s is not Scenario.SEARCH])
@pytest.mark.parametrize("shopper_id", [None, "900"])
def test_restricted_families_are_never_volunteered(
    recommender: Recommender, scenario: Scenario, shopper_id: str | None
) -> None:
    found = recommender.recommend(shopper_id, scenario, cart=["p1"])
    assert "beer" not in _families(found)
    assert "pasta" not in _families(found)


def test_what_is_missing_or_unknown_is_refused_with_a_remedy(recommender: Recommender) -> None:
    with pytest.raises(UnknownShopper, match="nobody"):
        recommender.recommend("nobody", Scenario.REPLENISH)
    with pytest.raises(InvalidArguments, match="nothing in the cart"):
        recommender.recommend("900", Scenario.CART)
    with pytest.raises(InvalidArguments, match="families that were found"):
        recommender.recommend("900", Scenario.SEARCH)


def test_none_are_given_where_none_are_asked_for(recommender: Recommender) -> None:
    assert recommender.recommend("900", Scenario.REPLENISH, k=0) == ()
    assert recommender.recommend("900", Scenario.SEARCH, k=0, candidates=[]) == ()


def test_a_profile_tells_all_of_a_shopper_at_once(recommender: Recommender) -> None:
    profile = recommender.profile("920")
    assert profile.usual == {"pasta": "p1", "sauce": "s2"}
    assert profile.why("sauce")[0].text == "Bought 5 times, last on 7 Apr"
    assert recommender.profile(None).usual == {}


PRODUCTS = [product_id for item in ITEMS for product_id in item.products]
baskets = st.lists(
    st.tuples(st.sampled_from(["900", "901", "902", "903"]), st.lists(st.sampled_from(PRODUCTS))),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(
    baskets=baskets,
    scenario=st.sampled_from(Scenario),
    shopper_id=st.sampled_from([None, "900"]),
    cart=st.lists(st.sampled_from(PRODUCTS), min_size=1),
    k=st.integers(1, 6),
)
def test_whatever_was_bought_a_list_is_sound(
    baskets: list[tuple[str, list[str]]],
    scenario: Scenario,
    shopper_id: str | None,
    cart: list[str],
    k: int,
) -> None:
    orders = [Bought("0", "900", day(1), [])] + [
        Bought(str(at), shopper, day(at), bought)
        for at, (shopper, bought) in enumerate(baskets, start=1)
    ]
    own = {order.order_id for order in orders if order.shopper_id == shopper_id}
    with TemporaryDirectory() as name, little_shop(Path(name), orders, PROMOTIONS) as shop:
        recommender = a_recommender(*shop, Path(name))
        ask = {"cart": cart, "k": k, "candidates": ANYTHING}
        found = recommender.recommend(shopper_id, scenario, **ask)  # type: ignore[arg-type]
        assert found == recommender.recommend(shopper_id, scenario, **ask)  # type: ignore[arg-type]
        products = shop[1].products(cart)
    assert len(found) <= k
    assert len(set(_families(found))) == len(found)
    assert {i for one in found for why in one.why for i in why.order_ids} <= own
    if scenario is not Scenario.SEARCH:
        assert not {"beer", *(p.family_id for p in products.values())} & set(_families(found))
