import numpy as np

from assistant.recommend.ranking.lists import known_items, last_trip
from assistant.recommend.ranking.pool import candidates
from assistant.recommend.ranking.view import View, view_of, with_cart
from assistant.recommend.scenarios import Scenario
from tests.assistant.recommend.ranking.toy import after, toy_data

DATA = toy_data(shoppers=40)
SCENE = DATA.scene(after(98))


def _view(shopper: int = 0) -> View:
    known, weights = known_items(SCENE.habits, shopper)
    return view_of(
        DATA.items,
        SCENE.shelf,
        known=known,
        weights=weights,
        last=last_trip(SCENE.habits.events, shopper),
        location=0,
        own_row=shopper,
    )


def test_browse_offers_nothing_that_was_bought_before() -> None:
    view = _view()
    found = candidates(DATA.items, SCENE.shelf, view, Scenario.BROWSE)
    assert len(found)
    assert not set(found.tolist()) & set(view.known.tolist())


def test_promotion_offers_only_what_is_promoted_at_the_shoppers_location() -> None:
    found = candidates(DATA.items, SCENE.shelf, _view(), Scenario.PROMOTION)
    assert len(found)
    assert set(found.tolist()) <= set(range(0, 30, 4))


def test_the_cart_is_completed_by_other_products_than_its_own() -> None:
    view = _view()
    cart = view.known[:2]
    found = candidates(
        DATA.items, SCENE.shelf, with_cart(DATA.items, SCENE.shelf, view, cart), Scenario.CART
    )
    assert len(found)
    assert not set(found.tolist()) & set(cart.tolist())


def test_every_candidate_stands_once() -> None:
    for scenario in (Scenario.REPLENISH, Scenario.BROWSE, Scenario.CART, Scenario.PROMOTION):
        found = candidates(DATA.items, SCENE.shelf, _view(), scenario)
        assert len(found) == len(np.unique(found))


def test_a_shopper_has_no_vote_on_their_own_pool() -> None:
    own = _view()
    lone = np.setdiff1d(own.known, SCENE.habits.events.item[SCENE.habits.events.shopper != 0])
    assert np.allclose(own.votes[lone], 0)
