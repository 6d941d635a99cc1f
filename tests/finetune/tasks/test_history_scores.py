"""Rankings of a next basket: what is counted, and from when."""

from dataclasses import replace

import numpy as np
import pytest

from finetune.tasks.history import HistoryRecipe, HistorySplit, ndcg, split_purchases
from finetune.tasks.history_scores import (
    another_household,
    blended,
    fused_with_recency,
    interval,
    neighbours,
    popularity,
    recency,
    rows,
    tuned_fusion,
    tuned_share,
    unbought,
)
from tests.finetune.tasks.shop import CLOCK, bought

RECIPE = HistoryRecipe(
    train=20, validation=10, test=10, test_days=20, validation_days=20, least_baskets=4
)


@pytest.fixture(scope="module")
def split() -> HistorySplit:
    return split_purchases(RECIPE, bought(), CLOCK)


def test_a_perfect_ranking_has_ndcg_one_and_a_wrong_one_none() -> None:
    assert ndcg(("a", "b", "c"), ("b", "a")) == 1.0
    assert ndcg(("c", "a"), ("a",)) < 1.0
    assert ndcg(("c", "d"), ("a",)) == 0.0


def test_popularity_and_neighbours_know_nothing_after_the_cut(split: HistorySplit) -> None:
    earlier = bought(until=split.last_cut).households
    moment = split.test[0]
    for build in (
        popularity(split.households, split.last_cut),
        neighbours(split.households, split.names, split.last_cut),
    ):
        assert build(moment) is not None
    assert popularity(split.households, split.last_cut)(moment) == popularity(
        earlier, split.last_cut
    )(moment)
    assert neighbours(split.households, split.names, split.last_cut)(moment) == neighbours(
        earlier, split.names, split.last_cut
    )(moment)


def test_new_names_are_ranked_among_unbought_ones_and_recency_knows_none(
    split: HistorySplit,
) -> None:
    found = rows(
        split.test,
        split,
        {
            "popularity": [popularity(split.households, split.last_cut)(m) for m in split.test],
            "recency": [recency(moment) for moment in split.test],
        },
    )
    by_key = {(row.name, row.target): row for row in found}
    assert by_key["recency", "new"].recall == 0.0
    assert by_key["recency", "all"].difference is None
    assert by_key["popularity", "all"].difference is not None


def test_a_weight_of_nothing_leaves_recency_as_it_is(split: HistorySplit) -> None:
    moment = split.test[0]
    fused = fused_with_recency({name: 5.0 for name in split.names}, moment, 0.0, 0.1)
    best = max(moment.state.recency, key=lambda name: moment.state.recency[name])
    assert max(fused, key=lambda name: fused[name]) == best


def test_fusion_is_tuned_over_the_moments_it_is_given(split: HistorySplit) -> None:
    perfect = [
        {name: 9.0 if name in moment.basket else 0.0 for name in split.names}
        for moment in split.validation
    ]
    weight, _floor = tuned_fusion(split.validation, perfect)
    assert weight > 0


def test_a_share_of_nothing_leaves_popularity_as_it_is() -> None:
    assert blended({"a": 1.0, "b": 0.5}, {"b": -1.0}, 0.0) == {"a": 1.0, "b": 0.5}


def test_a_name_that_the_model_left_out_counts_as_its_least_likely() -> None:
    assert blended({"a": 1.0, "b": 0.5}, {"b": -1.0, "c": -3.0}, 2.0) == {
        "a": 1.0 - 6.0,
        "b": 0.5 - 2.0,
        "c": 0.5 - 6.0,
    }


def test_a_share_is_tuned_on_the_new_names_of_validation(split: HistorySplit) -> None:
    last = max(split.names)
    moment = split.validation[0]
    moment = replace(moment, state=replace(moment.state, recency={}), basket=(last,))
    only = replace(split, validation=(moment,))
    alike = dict.fromkeys(split.names, 0.0)
    assert tuned_share(only, [alike], [{**alike, last: 1.0}]) > 0
    assert tuned_share(only, [{**alike, last: 1.0}], [alike]) == 0


def test_another_household_changes_the_history_and_nothing_else(split: HistorySplit) -> None:
    for own, other in zip(split.test, another_household(split.test), strict=True):
        assert other.state.offers == own.state.offers and other.basket == own.basket
        assert other.state.recency is not own.state.recency


def test_an_interval_holds_the_mean() -> None:
    found = interval(np.array([0.0, 1.0] * 50))
    assert found.low < found.mean == 0.5 < found.high


def test_unbought_names_leave_out_every_past_purchase(split: HistorySplit) -> None:
    moment = split.test[0]
    assert not set(unbought(moment, split.names)) & set(moment.state.recency)
