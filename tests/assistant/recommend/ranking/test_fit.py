from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from assistant.recommend.ranking.data import RankingData
from assistant.recommend.ranking.fit import (
    Plan,
    TooLittleHistory,
    fit_heads,
    fitting_days,
    held_out,
    outcomes_of,
)
from assistant.recommend.ranking.heads import Heads
from assistant.recommend.ranking.lists import Sampling, lists_of
from assistant.recommend.ranking.report import report_lines
from assistant.recommend.ranking.training import Recipe
from assistant.recommend.scenarios import Objective, Scenario
from tests.assistant.recommend.ranking.toy import START, after, toy_data


def _silent(_what: str, _share: float | None) -> None:
    """Report nothing."""


def test_the_likely_purchases_of_left_out_shoppers_are_told_from_the_rest(heads: Heads) -> None:
    assert heads.card.metrics["auc.replenish.purchase"] > 0.8


def test_fitted_windows_end_with_the_data(heads: Heads) -> None:
    days = [date.fromisoformat(day) for day in heads.card.cuts]
    assert days[0] == after(150 - 28)
    assert min(days) >= after(56)


def test_calibrated_chances_of_unseen_weeks_come_true_on_average(
    toy: RankingData, heads: Heads
) -> None:
    lists = lists_of(toy.scene(after(115)), [Scenario.REPLENISH], 1)[Scenario.REPLENISH]
    scores, outcomes, _ = outcomes_of(
        heads.weights, Scenario.REPLENISH, [lists], Objective.PURCHASE
    )
    chances = heads.curves[Scenario.REPLENISH, Objective.PURCHASE](scores)
    assert abs(float(chances.mean()) - float(outcomes.mean())) < 0.03


def test_shoppers_are_left_out_of_fitting_for_calibration(toy: RankingData) -> None:
    lists = lists_of(toy.scene(after(98)), [Scenario.REPLENISH], 0)[Scenario.REPLENISH]
    left = set(lists.shopper[held_out(lists)].tolist())
    assert left
    assert not left & set(lists.shopper[~held_out(lists)].tolist())


def test_a_store_without_promotions_fits_without_the_discount_objective(toy: RankingData) -> None:
    plan = Plan(cuts=2, sampling=Sampling(10))
    heads = fit_heads(replace(toy, archive=None), "toy", plan, Recipe(epochs=1), _silent)
    assert Objective.DISCOUNT not in heads.card.objectives
    assert heads.card.off[Objective.DISCOUNT] == "the store records no promotions over time"
    assert any("discount is off" in line for line in report_lines(heads.card))


def test_a_store_without_own_labels_says_so(toy: RankingData) -> None:
    items = replace(toy.items, own_label=np.zeros(len(toy.items), np.bool_))
    plan = Plan(cuts=2, sampling=Sampling(10))
    heads = fit_heads(replace(toy, items=items), "toy", plan, Recipe(epochs=1), _silent)
    assert heads.card.off[Objective.PRIVATE_LABEL] == "the store marks no own labels"


def test_too_short_a_history_is_named_with_what_is_needed() -> None:
    with pytest.raises(TooLittleHistory, match="need 84 days of purchases; the store has 60"):
        fitting_days(toy_data(shoppers=10, days=60), Plan())


def test_too_few_purchases_are_named_with_what_is_needed() -> None:
    small = toy_data(shoppers=6, days=120)
    with pytest.raises(TooLittleHistory, match="need 200 lists with 500 purchases"):
        fit_heads(small, "toy", Plan(cuts=1), Recipe(epochs=1), _silent)


def test_a_store_begins_to_be_cut_after_eight_weeks() -> None:
    days = fitting_days(toy_data(shoppers=10, days=100), Plan(cuts=9))
    assert min(days) >= START.replace(day=6) and days == (after(72), after(58))
