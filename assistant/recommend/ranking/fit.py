"""Fits a store's heads: cuts, lists, network, calibration, and a report of what held."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from assistant.errors import ConfigurationError
from assistant.recommend.ranking.calibration import Curve, fit_curve
from assistant.recommend.ranking.columns import Flags, Floats
from assistant.recommend.ranking.cuts import training_days
from assistant.recommend.ranking.data import RankingData
from assistant.recommend.ranking.heads import Heads, HeadsCard, raw_values
from assistant.recommend.ranking.labels import labels_of
from assistant.recommend.ranking.lists import Lists, Sampling, lists_of
from assistant.recommend.ranking.network import OBJECTIVES, Shape, Weights
from assistant.recommend.ranking.pairs import COLUMNS
from assistant.recommend.ranking.training import Recipe, fit_network
from assistant.recommend.scenarios import Objective, Scenario

Progress = Callable[[str, float | None], None]
Drawn = Sequence[Mapping[Scenario, Lists]]

HISTORY_DAYS = 56
FEWEST_LISTS = 200
FEWEST_BOUGHT = 500
_FEWEST_POSITIVES = 100
# One household in seven is left out of fitting: calibration and the report read only those.
_HELD_OUT = 7


class TooLittleHistory(ConfigurationError):
    """A store's purchases are too few or too short for ranking heads."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many cuts, how far apart, and how their lists are thinned."""

    cuts: int = 8
    step: timedelta = timedelta(days=14)
    sampling: Sampling = field(
        default_factory=lambda: Sampling(
            60,
            0.6,
            {
                Scenario.BROWSE: 0.6,
                Scenario.CART: 0.6,
                Scenario.PROMOTION: 0.6,
                Scenario.SEARCH: 0.3,
            },
        )
    )


def fit_heads(
    data: RankingData, store: str, plan: Plan, recipe: Recipe, progress: Progress
) -> Heads:
    """Fit heads on everything a store recorded; raises TooLittleHistory naming what is needed."""
    begun = time.monotonic()
    days = fitting_days(data, plan)
    drawn = []
    for done, day in enumerate(days):
        progress("Drawing lists to learn from", done / len(days))
        scenarios = _scenarios(data)
        drawn.append(lists_of(data.scene(day), scenarios, day.toordinal(), plan.sampling))
    progress("Drawing lists to learn from", 1.0)
    heads = heads_of(drawn, data, store, recipe, progress)
    card = heads.card.model_copy(
        update={
            "cuts": tuple(day.isoformat() for day in days),
            "seconds": round(time.monotonic() - begun, 1),
        }
    )
    return replace(heads, card=card)


def fitting_days(data: RankingData, plan: Plan) -> Sequence[date]:
    """Return the days to cut at; raises TooLittleHistory."""
    on = data.log.lines.day
    if not len(on):
        raise TooLittleHistory("The store has no purchases; import its orders first.")
    first, end = date.fromordinal(int(on.min())), date.fromordinal(int(on.max()) + 1)
    days = training_days(end, plan.cuts, plan.step, first + timedelta(days=HISTORY_DAYS))
    if not days:
        raise TooLittleHistory(
            f"Ranking heads need {HISTORY_DAYS + 28} days of purchases; the store has "
            f"{(end - first).days}. Import older orders."
        )
    return days


def heads_of(
    drawn: Drawn, data: RankingData, store: str, recipe: Recipe, progress: Progress
) -> Heads:
    """Fit, calibrate and judge heads on lists; the card's `cuts` stay empty."""
    parts = [(scenario, lists) for cut in drawn for scenario, lists in cut.items() if len(lists)]
    _require(parts)
    learned = [(scenario, chosen(lists, ~held_out(lists))) for scenario, lists in parts]
    shape = Shape(categories=len(data.items.categories) + 1)
    weights = fit_network(learned, shape, recipe, progress)
    off = lacking(parts, data)
    objectives = tuple(o for o in OBJECTIVES if o not in off)
    kept = [(scenario, chosen(lists, held_out(lists))) for scenario, lists in parts]
    curves, metrics = calibrated(weights, kept, objectives)
    card = HeadsCard(
        store=store,
        columns=COLUMNS,
        categories=data.items.categories,
        digest="",
        objectives=objectives,
        off=off,
        cuts=(),
        lists=sum(len(lists) for _, lists in parts),
        rows=sum(len(lists.item) for _, lists in parts),
        seconds=0.0,
        seed=recipe.seed,
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        metrics=metrics,
    )
    return Heads(card, weights, curves)


def held_out(lists: Lists) -> Flags:
    """Tell which lists are of households that are left out of fitting."""
    held: Flags = lists.shopper % _HELD_OUT == 0
    return held


def chosen(lists: Lists, keep: Flags) -> Lists:
    """Return some of the lists."""
    rows = keep[lists.list_of]
    sizes = np.diff(lists.starts)[keep]
    return Lists(
        starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        shopper=lists.shopper[keep],
        relevant=lists.relevant[keep],
        item=lists.item[rows],
        category=lists.category[rows],
        columns=lists.columns[rows],
        bought=lists.bought[rows],
        spend=lists.spend[rows],
        discounted=lists.discounted[rows],
        new_category=lists.new_category[rows],
        weight=lists.weight[rows],
    )


def lacking(parts: Sequence[tuple[Scenario, Lists]], data: RankingData) -> dict[Objective, str]:
    """Return why objectives are switched off, by objective."""
    positives = np.zeros(len(OBJECTIVES))
    for _, lists in parts:
        labels, eligible = labels_of(lists, slice(None))
        positives += (labels * eligible).sum(axis=0)
    off = {
        objective: f"only {int(count)} purchases to learn from; {_FEWEST_POSITIVES} are needed"
        for objective, count in zip(OBJECTIVES, positives, strict=True)
        if count < _FEWEST_POSITIVES
    }
    if data.archive is None:
        off[Objective.DISCOUNT] = "the store records no promotions over time"
    if not data.items.own_label.any():
        off[Objective.PRIVATE_LABEL] = "the store marks no own labels"
    if not any(lists.spend.any() for _, lists in parts):
        off[Objective.REVENUE] = "the store records no amounts paid"
    return off


def calibrated(
    weights: Weights, parts: Sequence[tuple[Scenario, Lists]], objectives: Sequence[Objective]
) -> tuple[dict[tuple[Scenario, Objective], Curve], dict[str, float]]:
    """Fit a curve for every scenario and objective; return them and the AUC of each."""
    curves: dict[tuple[Scenario, Objective], Curve] = {}
    metrics: dict[str, float] = {}
    for scenario in Scenario:
        found = [lists for name, lists in parts if name is scenario and len(lists)]
        for objective in objectives:
            scores, outcomes, weight = outcomes_of(weights, scenario, found, objective)
            curves[scenario, objective] = fit_curve(scores, outcomes, weight)
            metrics[f"auc.{scenario}.{objective}"] = _auc(scores, outcomes > 0, weight)
    return curves, {name: value for name, value in metrics.items() if np.isfinite(value)}


def outcomes_of(
    weights: Weights, scenario: Scenario, parts: Sequence[Lists], objective: Objective
) -> tuple[Floats, Floats, Floats]:
    """Return an objective's raw scores, what came of them and the rows' weights, all eligible."""
    columns: list[tuple[Floats, Floats, Floats]] = [(np.empty(0, np.float32),) * 3]
    at = OBJECTIVES.index(objective)
    for lists in parts:
        raw = raw_values(weights, lists.columns.astype(np.float32), lists.category, scenario, None)
        labels, eligible = labels_of(lists, slice(None))
        outcome = lists.spend if objective is Objective.REVENUE else labels[:, at]
        rows = eligible[:, at]
        columns.append((raw[rows, at], outcome[rows].astype(np.float32), lists.weight[rows]))
    scores, outcomes, weight = (np.concatenate(part) for part in zip(*columns, strict=True))
    return scores, outcomes, weight


def _scenarios(data: RankingData) -> Sequence[Scenario]:
    return [s for s in Scenario if data.archive is not None or s is not Scenario.PROMOTION]


def _require(parts: Sequence[tuple[Scenario, Lists]]) -> None:
    lists = sum(len(part) for _, part in parts)
    bought = sum(int(part.bought.sum()) for _, part in parts)
    if lists < FEWEST_LISTS or bought < FEWEST_BOUGHT:
        raise TooLittleHistory(
            f"Ranking heads need {FEWEST_LISTS} lists with {FEWEST_BOUGHT} purchases; the store "
            f"gives {lists} with {bought}. Import more shoppers or older orders."
        )


def _auc(scores: Floats, label: Flags, weight: Floats) -> float:
    """Return the weighted chance that a positive outranks a negative; NaN without both."""
    order = np.argsort(scores, kind="stable")
    negatives = np.where(label, 0.0, weight)[order].cumsum()
    positives = np.where(label, weight, 0.0)[order]
    both = positives.sum() * (negatives[-1] if len(negatives) else 0.0)
    return round(float((positives * negatives).sum() / both), 4) if both else float("nan")
