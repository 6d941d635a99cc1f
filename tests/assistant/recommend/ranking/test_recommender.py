"""The recommender with heads: facts stay those of the scenario, the order becomes the heads'."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from assistant.recommend.history import PurchaseHistory
from assistant.recommend.promotion import Promotions
from assistant.recommend.ranking.columns import Floats
from assistant.recommend.ranking.data import read_data
from assistant.recommend.ranking.heads import Heads
from assistant.recommend.ranking.offers import read_offers
from assistant.recommend.ranking.ranker import Ranker, Wish
from assistant.recommend.recommender import Recommender
from assistant.recommend.scenarios import Objective, Scenario
from assistant.recommend.statistics import build_statistics, open_statistics
from tests.assistant.little_shop import STORE, little_shop
from tests.assistant.recommend.ranking.toy import after
from tests.assistant.recommend.test_recommender import ORDERS, PROMOTIONS


def _nearness(labels: Sequence[str]) -> Floats:
    return np.eye(len(labels), dtype=np.float32)


@pytest.fixture
def recommender(tmp_path: Path, heads: Heads) -> Iterator[Recommender]:
    with little_shop(tmp_path, ORDERS, PROMOTIONS) as (database, catalogue):
        data = read_data(database, STORE, None, _nearness)
        kept = data.shelf_now(after(150), read_offers(database, STORE.name, data.items))
        build_statistics(database, STORE, tmp_path, lambda _label, _share: None)
        yield Recommender(
            catalogue,
            PurchaseHistory(database, STORE),
            Promotions(database, STORE),
            open_statistics(database, STORE, tmp_path),
            Ranker(kept, heads, ZoneInfo(STORE.timezone)),
        )


def test_reminders_are_scored_and_keep_their_proof(recommender: Recommender, heads: Heads) -> None:
    milk, bread = recommender.recommend("900", Scenario.REPLENISH)
    assert {milk.family_id, bread.family_id} == {"milk-half", "bread"}
    for one in (milk, bread):
        assert set(one.scores) == set(heads.card.objectives)
        assert one.why[0].order_ids


def test_restricted_families_stay_unvolunteered(recommender: Recommender) -> None:
    for scenario in (Scenario.REPLENISH, Scenario.BROWSE, Scenario.PROMOTION):
        found = recommender.recommend("900", scenario, k=50)
        assert "beer" not in {one.family_id for one in found}


def test_a_promoted_product_is_the_one_that_the_facts_are_of(recommender: Recommender) -> None:
    found = recommender.recommend("900", Scenario.PROMOTION)
    assert {one.product_id for one in found} == {"h1", "m1"} & {one.product_id for one in found}
    assert all(one.why for one in found)


def test_guests_are_shown_what_is_popular_unscored(recommender: Recommender) -> None:
    found = recommender.recommend(None, Scenario.BROWSE, k=3)
    assert [one.family_id for one in found] == ["milk", "bread", "pasta"]
    assert all(one.scores == {} for one in found)


def test_relevance_orders_a_search_until_weights_are_asked_for(recommender: Recommender) -> None:
    families = ["pasta", "noodles", "sauce"]
    plain = recommender.recommend("900", Scenario.SEARCH, candidates=families)
    assert [one.family_id for one in plain] == families
    assert all(one.scores for one in plain)
    wish = Wish({Objective.REVENUE: 1.0})
    weighed = recommender.recommend("900", Scenario.SEARCH, candidates=families, wish=wish)
    values = [one.scores[Objective.REVENUE] for one in weighed]
    assert values == sorted(values, reverse=True)
