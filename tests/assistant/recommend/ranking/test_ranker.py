import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from assistant.recommend.history import Purchase
from assistant.recommend.ranking.data import RankingData
from assistant.recommend.ranking.heads import Heads
from assistant.recommend.ranking.ranker import Moment, Ranker, Wish
from assistant.recommend.ranking.scalarisation import Constraints
from assistant.recommend.ranking.shelf_file import KeptShelf, open_shelf, save_shelf
from assistant.recommend.scenarios import Objective, Scenario
from tests.assistant.recommend.ranking.toy import after

NOW = after(150)
ZONE = ZoneInfo("America/New_York")


@pytest.fixture(scope="module")
def kept(toy: RankingData) -> KeptShelf:
    return toy.shelf_now(NOW, toy.offers(NOW))


@pytest.fixture
def ranker(kept: KeptShelf, heads: Heads) -> Ranker:
    return Ranker(kept, heads, ZONE)


def _purchases(toy: RankingData, shopper: int) -> list[Purchase]:
    lines = toy.log.lines
    return [
        Purchase(
            toy.log.order_ids[order],
            datetime.fromordinal(day).replace(hour=17, tzinfo=UTC),
            toy.items.product_ids[item],
            toy.items.family_ids[item],
            1,
            spend,
        )
        for owner, order, day, item, spend in zip(
            lines.shopper.tolist(),
            lines.order.tolist(),
            lines.day.tolist(),
            lines.item.tolist(),
            lines.spend.tolist(),
            strict=True,
        )
        if owner == shopper
    ]


def _moment(toy: RankingData, scenario: Scenario = Scenario.REPLENISH, shopper: int = 0) -> Moment:
    return Moment(f"s{shopper}", scenario, _purchases(toy, shopper), "north")


def test_habits_are_reminded_of_first(toy: RankingData, ranker: Ranker) -> None:
    purchases = [purchase.product_id for purchase in _purchases(toy, 0)]
    favourites = sorted(set(purchases), key=purchases.count)[-3:]
    first = [one.product_id for one in ranker.rank(_moment(toy), Wish(), 3)]
    assert set(first) == set(favourites)


def test_every_product_has_a_score_for_every_objective(toy: RankingData, ranker: Ranker) -> None:
    for one in ranker.rank(_moment(toy, Scenario.BROWSE), Wish(), 5):
        assert set(one.scores) == set(ranker.objectives)
        assert 0 <= one.scores[Objective.PURCHASE] <= 1
        assert one.scores[Objective.REVENUE] >= 0


@pytest.mark.parametrize("shopper", range(5))
def test_weighing_own_label_never_lowers_its_share(
    toy: RankingData, ranker: Ranker, shopper: int
) -> None:
    moment = _moment(toy, shopper=shopper)

    def share(weight: float) -> float:
        weights = {Objective.PURCHASE: 1.0, Objective.PRIVATE_LABEL: weight}
        found = ranker.rank(moment, Wish(weights), 5)
        return sum(int(one.product_id[1:]) % 3 == 0 for one in found) / len(found)

    assert share(5.0) >= share(0.0)


def test_own_labels_are_lifted_by_the_weight_of_own_label(toy: RankingData, ranker: Ranker) -> None:
    wish = Wish({Objective.PURCHASE: 1.0, Objective.PRIVATE_LABEL: 5.0})
    found = [
        one for shopper in range(5) for one in ranker.rank(_moment(toy, shopper=shopper), wish, 5)
    ]
    lifted = [one for one in found if one.lifted_by is Objective.PRIVATE_LABEL]
    assert lifted
    assert all(int(one.product_id[1:]) % 3 == 0 for one in lifted)


def test_the_cart_is_not_offered_again(toy: RankingData, ranker: Ranker) -> None:
    moment = replace(_moment(toy, Scenario.CART), cart=("p001", "p002"))
    found = {one.product_id for one in ranker.rank(moment, Wish(), 30)}
    assert found
    assert not found & {"p001", "p002"}


def test_browse_shows_no_kind_that_is_bought_already(toy: RankingData, ranker: Ranker) -> None:
    bought = {purchase.product_id for purchase in _purchases(toy, 0)}
    found = {one.product_id for one in ranker.rank(_moment(toy, Scenario.BROWSE), Wish(), 30)}
    assert not found & bought


def test_what_is_not_volunteered_is_never_ranked(
    toy: RankingData, kept: KeptShelf, heads: Heads
) -> None:
    hidden = np.array(kept.items.volunteered)
    hidden[::2] = False
    shy = Ranker(replace(kept, items=replace(kept.items, volunteered=hidden)), heads, ZONE)
    found = shy.rank(_moment(toy), Wish(), 30)
    assert found
    assert all(int(one.product_id[1:]) % 2 for one in found)


def test_a_search_ranks_only_what_was_found(toy: RankingData, ranker: Ranker) -> None:
    moment = replace(_moment(toy, Scenario.SEARCH), found=("p005", "p007", "p999"))
    assert {one.product_id for one in ranker.rank(moment, Wish(), 9)} == {"p005", "p007"}


def test_a_budget_is_kept(toy: RankingData, ranker: Ranker) -> None:
    wish = Wish(constraints=Constraints(budget=250))
    found = ranker.rank(_moment(toy), wish, 10)
    assert 0 < sum(100 + int(one.product_id[1:]) for one in found) <= 250


def test_a_new_shopper_gets_a_list_too(ranker: Ranker) -> None:
    assert ranker.rank(Moment(None, Scenario.BROWSE), Wish(), 3)


def test_the_shopper_vector_is_optional(toy: RankingData, ranker: Ranker) -> None:
    vector = np.ones(64, np.float32)
    given = ranker.rank(replace(_moment(toy), shopper_vector=vector), Wish(), 3)
    assert len(given) == 3


def test_a_kept_shelf_ranks_as_before(
    toy: RankingData, kept: KeptShelf, heads: Heads, ranker: Ranker, tmp_path: Path
) -> None:
    save_shelf(kept, tmp_path / "shelf.npz")
    opened = Ranker(open_shelf(tmp_path / "shelf.npz"), heads, ZONE)
    before = [one.product_id for one in ranker.rank(_moment(toy), Wish(), 5)]
    assert [one.product_id for one in opened.rank(_moment(toy), Wish(), 5)] == before


def test_ranking_takes_milliseconds(toy: RankingData, ranker: Ranker) -> None:
    moment = _moment(toy)
    begun = time.process_time()
    for _ in range(10):
        ranker.rank(moment, Wish(), 10)
    assert (time.process_time() - begun) / 10 < 0.1
