"""What is compared: each method scores the rows of lists, the higher the better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.recommend.ranking.fit import calibrated, chosen, held_out
from assistant.recommend.ranking.heads import (
    Curves,
    calibrated_values,
    possible_of,
    raw_values,
)
from assistant.recommend.ranking.labels import labels_of
from assistant.recommend.ranking.lists import Lists
from assistant.recommend.ranking.network import OBJECTIVES, SCENARIOS, Shape, Weights
from assistant.recommend.ranking.pairs import COLUMNS
from assistant.recommend.ranking.training import Recipe, fit_network
from assistant.recommend.scenarios import Objective, Scenario
from tests.benchmarks.ranking.metrics import Doubles, rank_within

if TYPE_CHECKING:
    from lightgbm import Booster

Training = Sequence[tuple[Scenario, Lists]]
TREES = 150


class Method(Protocol):
    """A method after fitting; a score for every objective, [rows, objectives]."""

    @property
    def calibrated(self) -> bool:
        """Whether scores are chances."""
        ...

    def score(self, scenario: Scenario, lists: Lists) -> Doubles:
        """Score the rows of lists; objectives that it does not know repeat purchase."""
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """Ranks by one column, ties by another."""

    first: str
    second: str = "month"
    calibrated: bool = False

    def score(self, scenario: Scenario, lists: Lists) -> Doubles:  # noqa: ARG002 (the protocol)
        """Score by the columns."""
        first = lists.columns[:, COLUMNS.index(self.first)].astype(np.float64)
        second = lists.columns[:, COLUMNS.index(self.second)].astype(np.float64)
        return np.repeat((first + 1e-4 * second)[:, None], len(OBJECTIVES), axis=1)


@dataclass(frozen=True, slots=True)
class Ours:
    """The heads of the product, fitted as `python -m assistant fit` does."""

    weights: Weights
    curves: Curves
    calibrated: bool = True

    def score(self, scenario: Scenario, lists: Lists) -> Doubles:
        """Return calibrated values."""
        columns = lists.columns.astype(np.float32)
        raw = raw_values(self.weights, columns, lists.category, scenario, None)
        values = calibrated_values(raw, columns, scenario, self.curves, OBJECTIVES)
        return values.astype(np.float64)


def fit_ours(training: Training, categories: int, recipe: Recipe) -> Ours:
    """Fit and calibrate the product's heads on training lists."""
    learned = [(scenario, chosen(lists, ~held_out(lists))) for scenario, lists in training]
    weights = fit_network(learned, Shape(categories=categories + 1), recipe, _silent)
    kept = [(scenario, chosen(lists, held_out(lists))) for scenario, lists in training]
    curves, _ = calibrated(weights, kept, OBJECTIVES)
    return Ours(weights, curves)


@dataclass(frozen=True, slots=True)
class Trees:
    """LightGBM: one model an objective, or one ranker for all."""

    models: Mapping[Objective, "Booster"]
    calibrated: bool

    def score(self, scenario: Scenario, lists: Lists) -> Doubles:
        """Predict each objective."""
        table = _table(scenario, lists)
        every = {
            objective: np.asarray(model.predict(table), np.float64)
            for objective, model in self.models.items()
        }
        purchase = every[Objective.PURCHASE]
        scores = np.column_stack([every.get(objective, purchase) for objective in OBJECTIVES])
        if not self.calibrated:
            return scores
        possible = possible_of(lists.columns.astype(np.float32))
        shown: Doubles = scores * possible
        return shown


@dataclass(frozen=True, slots=True)
class TreeRecipe:
    """LightGBM's settings; the same for all its models."""

    trees: int = TREES
    leaves: int = 31
    learning_rate: float = 0.06
    fewest_in_leaf: int = 100
    seed: int = 0
    threads: int = 1
    objectives: tuple[Objective, ...] = field(default=OBJECTIVES)


def fit_trees(training: Training, recipe: TreeRecipe) -> Trees:
    """Fit one model an objective; revenue is the expected spend in minor units."""
    import lightgbm

    tables = [_table(scenario, lists) for scenario, lists in training]
    table = np.concatenate(tables)
    parts = [labels_of(lists, slice(None)) for _, lists in training]
    labels = np.concatenate([label for label, _ in parts])
    eligible = np.concatenate([flags for _, flags in parts])
    spend = np.concatenate([lists.spend for _, lists in training])
    weight = np.concatenate([lists.weight for _, lists in training])
    models: dict[Objective, Booster] = {}
    for at, objective in enumerate(OBJECTIVES):
        if objective not in recipe.objectives:
            continue
        rows = eligible[:, at]
        revenue = objective is Objective.REVENUE
        target = spend if revenue else labels[:, at]
        settings = _settings(recipe) | {"objective": "tweedie" if revenue else "binary"}
        data = lightgbm.Dataset(table[rows], target[rows], weight=weight[rows])
        models[objective] = lightgbm.train(settings, data, recipe.trees)
    return Trees(models, calibrated=True)


def fit_ranker(training: Training, recipe: TreeRecipe) -> Trees:
    """Fit LambdaRank to what was bought, on lists that hold a purchase."""
    import lightgbm

    kept = [(s, chosen(lists, _has_purchase(lists))) for s, lists in training]
    table = np.concatenate([_table(scenario, lists) for scenario, lists in kept])
    target = np.concatenate([lists.bought for _, lists in kept])
    groups = np.concatenate([np.diff(lists.starts) for _, lists in kept])
    settings = _settings(recipe) | {"objective": "lambdarank", "lambdarank_truncation_level": 20}
    model = lightgbm.train(settings, lightgbm.Dataset(table, target, group=groups), recipe.trees)
    return Trees({Objective.PURCHASE: model}, calibrated=False)


def _settings(recipe: TreeRecipe) -> dict[str, object]:
    return {
        "num_leaves": recipe.leaves,
        "learning_rate": recipe.learning_rate,
        "min_data_in_leaf": recipe.fewest_in_leaf,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "feature_fraction": 0.7,
        "num_threads": recipe.threads,
        "seed": recipe.seed,
        "max_bin": 63,
        "verbose": -1,
    }


def _table(scenario: Scenario, lists: Lists) -> NDArray[np.float32]:
    """Return the columns with scenario and category beside them."""
    row = np.full(len(lists.item), SCENARIOS.index(scenario))
    return np.column_stack([lists.columns.astype(np.float32), row, lists.category])


def _has_purchase(lists: Lists) -> NDArray[np.bool_]:
    found = np.bincount(lists.list_of, lists.bought, len(lists)) > 0
    return np.asarray(found, np.bool_)


@dataclass(frozen=True, slots=True)
class Fused:
    """The reciprocal rank fusion of several methods within each list."""

    parts: Sequence[Method]
    k: float = 10.0
    calibrated: bool = False

    def score(self, scenario: Scenario, lists: Lists) -> Doubles:
        """Sum the reciprocal ranks by purchase."""
        total = np.zeros(len(lists.item))
        for part in self.parts:
            place = rank_within(part.score(scenario, lists)[:, 0], lists.starts)
            total += 1 / (self.k + 1 + place)
        return np.repeat(total[:, None], len(OBJECTIVES), axis=1)


def _silent(_what: str, _share: float | None) -> None:
    """Show no progress: the table is all this prints."""
