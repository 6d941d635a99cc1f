"""Ranking heads against baselines on rolling cuts in time; see `tests/benchmarks/README.md`.

Run `python -m tests.benchmarks.ranking` with a prepared default store and the `bench` extra. Lists
and results are kept in the data home: a run that was broken off goes on, and more cuts add rows.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant import wiring
from assistant.recommend.ranking.data import RankingData
from assistant.recommend.ranking.fit import Plan
from assistant.recommend.ranking.network import OBJECTIVES
from assistant.recommend.ranking.training import Recipe
from assistant.recommend.scenarios import Scenario
from assistant.settings import Settings
from tests.benchmarks.ranking.baskets import (
    History,
    factorised,
    history_of,
    tifu_knn,
    up_cf,
)
from tests.benchmarks.ranking.cache import ListCache, biweekly
from tests.benchmarks.ranking.front import front_of, hypervolume
from tests.benchmarks.ranking.methods import (
    Column,
    Fused,
    Method,
    Training,
    TreeRecipe,
    fit_ours,
    fit_ranker,
    fit_trees,
)
from tests.benchmarks.ranking.metrics import Doubles, interval
from tests.benchmarks.ranking.results import Result, judge, load_result, save_result
from tests.benchmarks.table import write_table

CUTS = (date(2017, 9, 11), date(2017, 10, 9), date(2017, 11, 6), date(2017, 12, 4))
OURS, RECENCY, RRF, TIFU = (
    "ours",
    "personal recency",
    "RRF of LambdaRank and TIFU-KNN",
    "TIFU-KNN",
)
_LAMBDARANK = "LightGBM LambdaRank"
_RECIPE = 1


@dataclass(frozen=True)
class Bench:
    """One run: which cuts and seeds, how many training cuts before each, which households."""

    cuts: Sequence[date]
    seeds: Sequence[int]
    training_cuts: int
    households: float
    folder: Path
    cache: ListCache

    def training(self, cut: date) -> Training:
        """Return the lists of the cuts whose windows close before a test cut."""
        days = biweekly(
            cut - timedelta(days=28 + 14 * (self.training_cuts - 1)), cut - timedelta(days=28)
        )
        drawn = [self.cache.training(day, Plan().sampling) for day in days]
        return [(scenario, lists) for one in drawn for scenario, lists in one.items()]

    def history(self, cut: date) -> History:
        """Return all purchases before a test cut."""
        data = self.cache.read()
        day = cut.toordinal()
        return history_of(
            data.log.lines.before(cut), len(data.log.shopper_ids), len(data.items), day
        )

    def path(self, cut: date, method: str, seed: int, scenario: Scenario) -> Path:
        """Return where a result is kept."""
        name = method.replace(" ", "-")
        run = f"{_RECIPE}-{cut}-{self.training_cuts}-{self.households:g}"
        return self.folder / run / f"{name}-{seed}-{scenario}.npz"


@dataclass(frozen=True, slots=True)
class Given:
    """What a method is fitted on; lists and history are read only by who asks for them."""

    training: Callable[[], Training]
    history: Callable[[], History]
    seed: int


Fit = Callable[[Given], Method]

METHODS: Mapping[str, Fit] = {
    "popularity": lambda _: Column("month", "buyers"),
    "personal top": lambda _: Column("item_count"),
    RECENCY: lambda _: Column("item_log_recency"),
    "own ALS": lambda _: Column("likeness"),
    TIFU: lambda given: tifu_knn(given.history()),
    "UP-CF": lambda given: up_cf(given.history()),
    "ALS (implicit)": lambda given: factorised(given.history(), pairwise=False, seed=0),
    "BPR (implicit)": lambda given: factorised(given.history(), pairwise=True, seed=0),
    _LAMBDARANK: lambda given: fit_ranker(given.training(), TreeRecipe(seed=given.seed)),
    "LightGBM binary": lambda given: fit_trees(given.training(), TreeRecipe(seed=given.seed)),
    OURS: lambda given: fit_ours(
        given.training(), _categories(given.training()), Recipe(seed=given.seed)
    ),
}
_SEEDED = frozenset({_LAMBDARANK, "LightGBM binary", OURS})
# What a reciprocal rank fusion is made of.
_FUSED = (_LAMBDARANK, TIFU)


def run(bench: Bench, methods: Sequence[str]) -> None:
    """Fit and judge every method that has no result yet."""
    for cut in bench.cuts:
        for seed in bench.seeds:
            _run_seed(bench, cut, seed, methods)


def _run_seed(bench: Bench, cut: date, seed: int, methods: Sequence[str]) -> None:
    fitted: dict[str, Method] = {}
    given = Given(cache(lambda: bench.training(cut)), cache(lambda: bench.history(cut)), seed)

    def method_of(name: str) -> Method:
        if name == RRF:
            return Fused([method_of(part) for part in _FUSED])
        if name not in fitted:
            fitted[name] = METHODS[name](given)
        return fitted[name]

    for name in methods:
        paths = {s: bench.path(cut, name, seed, s) for s in Scenario}
        wanted = not seed or name in _SEEDED
        if not wanted or all(path.exists() for path in paths.values()):
            continue
        method = method_of(name)
        for scenario, lists in bench.cache.test(cut, bench.households).items():
            scores = method.score(scenario, lists)
            front = front_of(scores, lists)
            result = judge(scores, lists, calibrated=method.calibrated, front=front)
            save_result(result, paths[scenario])


def _categories(training: Training) -> int:
    return max((int(lists.category.max(initial=0)) for _, lists in training), default=0) + 1


@dataclass(frozen=True, slots=True)
class Pooled:
    """A method's results in one scenario over cuts and seeds, list by list."""

    household: NDArray[np.int64]
    ndcg: Doubles
    ndcg_full: Doubles
    recall: Doubles
    each: Sequence[Result]

    def mean(self, name: str, objective: int = 0) -> float:
        """Return the mean over cuts and seeds of one of an objective's figures."""
        values = [getattr(result, name)[objective] for result in self.each]
        return float(np.mean(values))


def pooled(bench: Bench, method: str, scenario: Scenario) -> Pooled | None:
    """Gather what a method reached; seeds are averaged list by list. None before it ran."""
    parts: list[Pooled] = []
    for cut in bench.cuts:
        found = [load_result(bench.path(cut, method, seed, scenario)) for seed in bench.seeds]
        each = [result for result in found if result is not None]
        if not each:
            return None
        ndcg, full, recall = (
            np.mean([getattr(result, name) for result in each], axis=0)
            for name in ("ndcg", "ndcg_full", "recall")
        )
        parts.append(Pooled(each[0].household, ndcg, full, recall, each))
    return Pooled(
        np.concatenate([part.household for part in parts]),
        np.concatenate([part.ndcg for part in parts]),
        np.concatenate([part.ndcg_full for part in parts]),
        np.concatenate([part.recall for part in parts]),
        [result for part in parts for result in part.each],
    )


def purchase_rows(bench: Bench, methods: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield how each method ranks purchases in each scenario, beside ours."""
    for scenario in Scenario:
        ours = pooled(bench, OURS, scenario)
        for method in methods:
            found = pooled(bench, method, scenario)
            if found is None:
                continue
            difference = "-"
            if ours is not None and method != OURS:
                gain = ours.ndcg - found.ndcg
                low, high = interval(gain, found.household)
                difference = f"{np.nanmean(gain):+.4f} [{low:+.4f}, {high:+.4f}]"
            yield (
                scenario.value,
                method,
                f"{np.nanmean(found.ndcg):.4f}",
                f"{np.nanmean(found.ndcg_full):.4f}",
                f"{np.nanmean(found.recall):.4f}",
                f"{found.mean('auc'):.4f}",
                f"{found.mean('gauc'):.4f}",
                _figure(found.mean("ece")),
                difference,
                str(int(np.sum(~np.isnan(found.ndcg)))),
                f"{found.mean('pool'):.3f}",
            )


def objective_rows(bench: Bench, methods: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield AUC and calibration error of each objective in each scenario."""
    for scenario in Scenario:
        for at, objective in enumerate(OBJECTIVES):
            for method in methods:
                found = pooled(bench, method, scenario)
                if found is None:
                    continue
                yield (
                    scenario.value,
                    objective.value,
                    method,
                    _figure(found.mean("auc", at)),
                    _figure(found.mean("gauc", at)),
                    _figure(found.mean("ece", at)),
                    str(int(sum(r.positives[at] for r in found.each) / len(bench.seeds))),
                )


def front_rows(bench: Bench, methods: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the hypervolume of each method's front in each scenario."""
    for scenario in Scenario:
        for method in methods:
            found = pooled(bench, method, scenario)
            if found is not None:
                points = np.mean([result.front for result in found.each], axis=0)
                yield scenario.value, method, f"{1000 * hypervolume(points):.4f}"


def _figure(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.4f}"


def write_tables(bench: Bench, methods: Sequence[str], command: str) -> None:
    """Print and write the tables of what ran."""
    cuts = ", ".join(str(cut) for cut in bench.cuts)
    seeds = ", ".join(map(str, bench.seeds))
    what = f"cuts {cuts}; {bench.training_cuts} training cuts each; seeds {seeds}"
    if bench.households < 1:
        what += f"; {bench.households:.0%} of the households"
    write_table(
        "ranking",
        f"Ranking purchases: {what}",
        (
            "scenario",
            "method",
            "nDCG@10",
            "nDCG@10 full",
            "recall@10",
            "AUC",
            "GAUC",
            "ECE",
            "ours above it [95 %]",
            "lists",
            "pool recall",
        ),
        list(purchase_rows(bench, methods)),
        command,
    )
    scored = [name for name in methods if name in {"LightGBM binary", OURS}]
    write_table(
        "ranking-objectives",
        f"Every objective: {what}",
        ("scenario", "objective", "method", "AUC", "GAUC", "ECE", "positives"),
        list(objective_rows(bench, scored)),
        command,
    )
    write_table(
        "ranking-front",
        f"Hypervolume over 21 weight vectors of purchase, own label and discount, x 1000: {what}",
        ("scenario", "method", "hypervolume"),
        list(front_rows(bench, scored)),
        command,
    )


class LazyData:
    """The store's data, read when the first list is missing."""

    def __init__(self, settings: Settings, held: ExitStack) -> None:
        self._settings = settings
        self._held = held

    @cached_property
    def data(self) -> RankingData:
        """Read it."""
        return self._held.enter_context(wiring.ranking_data(self._settings, self._settings.store))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is missing, then print and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", default=",".join(map(str, CUTS)), help="test cuts")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--training-cuts", type=int, default=8)
    parser.add_argument("--households", type=float, default=1.0, help="share that is tested")
    parser.add_argument("--methods", default=",".join([*METHODS, RRF]))
    chosen = parser.parse_args(arguments)
    settings = Settings()
    with ExitStack() as held:
        lazy = LazyData(settings, held)
        folder = settings.home / "stores" / settings.store / "ranking-bench"
        bench = Bench(
            [date.fromisoformat(day) for day in chosen.cuts.split(",")],
            [int(seed) for seed in chosen.seeds.split(",")],
            chosen.training_cuts,
            chosen.households,
            folder / "results",
            ListCache(folder / "lists", lambda: lazy.data),
        )
        methods = [name.strip() for name in chosen.methods.split(",")]
        run(bench, methods)
        options = "".join(
            f" --{name.replace('_', '-')} {value}"
            for name, value in vars(chosen).items()
            if value != parser.get_default(name)
        )
        write_tables(bench, methods, f"python -m tests.benchmarks.ranking{options}")


if __name__ == "__main__":
    main()
