"""Offline check of the recommender: one global cut in time, ranked lists against what was bought.

Run `python -m tests.benchmarks.recommend_offline` with a prepared default store. Everything is
counted before the cut; the truth is each shopper's first day of shopping in the 28 days after it.
The cart row gives every second family of a basket after the cut and asks for the others, by name.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.catalog.schema import orders
from assistant.recommend.candidates import by_score
from assistant.recommend.copurchase import Copurchase
from assistant.recommend.history import Purchase
from assistant.recommend.neighbours import Neighbours
from assistant.recommend.recency import personal_recency
from assistant.recommend.statistics import PurchaseStatistics, build_statistics, open_statistics
from assistant.settings import Settings
from tests.benchmarks.table import write_table

CUT = date(2017, 12, 4)
WINDOW = timedelta(days=28)
K = 10
BASKETS = 2000


@dataclass(frozen=True, slots=True)
class Split:
    """A store cut in time: what was counted before, and each shopper's histories and truth."""

    before: PurchaseStatistics
    histories: Mapping[int, tuple[Purchase, ...]]
    truth: Mapping[int, frozenset[str]]
    later_baskets: Sequence[tuple[str, ...]]


def ndcg(ranked: Sequence[str], relevant: frozenset[str], k: int = K) -> float:
    """Return nDCG@k with the textbook denominator, min(k, relevant)."""
    gains = 1 / np.log2(np.arange(2, k + 2))
    hits = np.array([item in relevant for item in ranked[:k]], float)
    return float(hits @ gains[: len(hits)] / gains[: min(k, len(relevant))].sum())


def load(settings: Settings, cut: date) -> tuple[Catalogue, Split]:
    """Open the default store and cut it."""
    database = Database(settings.resolved_database_url)
    catalogue = Catalogue(database, settings.store)
    with TemporaryDirectory() as directory:
        build_statistics(database, catalogue.store, Path(directory), _silent)
        statistics = open_statistics(database, catalogue.store, Path(directory))
    with database.read() as connection:
        placed = connection.execute(
            select(orders.c.id, orders.c.placed_at)
            .where(orders.c.store == settings.store)
            .order_by(orders.c.id)
        ).all()
    zone = ZoneInfo(catalogue.store.timezone)
    times = [row.placed_at.astimezone(zone) for row in placed]
    return catalogue, split(statistics, times, cut)


def _silent(_label: str, _share: float | None) -> None:
    """Show no progress: the table is all this prints."""


def split(statistics: PurchaseStatistics, times: Sequence[datetime], cut: date) -> Split:
    """Cut a store's statistics at midnight; `times` are its baskets', in its zone."""
    midnight = datetime.combine(cut, time(), times[0].tzinfo)
    earlier = np.array([at < midnight for at in times])
    in_order = sorted(range(len(times)), key=lambda at: (times[at], at))
    later = [at for at in in_order if midnight <= times[at] < midnight + WINDOW]
    before = PurchaseStatistics(
        statistics.family_ids,
        statistics.categories,
        statistics.shopper_of[earlier],
        statistics.baskets[np.flatnonzero(earlier)],
    )
    return Split(
        before,
        _histories(statistics, times, np.flatnonzero(earlier)),
        _first_days(statistics, times, later),
        [_basket(statistics, at) for at in later],
    )


def _basket(statistics: PurchaseStatistics, at: int) -> tuple[str, ...]:
    start, end = statistics.baskets.indptr[at : at + 2]
    return tuple(statistics.family_ids[column] for column in statistics.baskets.indices[start:end])


def _histories(
    statistics: PurchaseStatistics, times: Sequence[datetime], earlier: NDArray[np.int64]
) -> dict[int, tuple[Purchase, ...]]:
    found: dict[int, list[Purchase]] = {}
    for at in sorted(earlier.tolist(), key=lambda row: (times[row], row)):
        lines = (
            Purchase(str(at), times[at], family_id, family_id, 1, 0)
            for family_id in _basket(statistics, at)
        )
        found.setdefault(int(statistics.shopper_of[at]), []).extend(lines)
    return {shopper: tuple(lines) for shopper, lines in found.items() if lines}


def _first_days(
    statistics: PurchaseStatistics, times: Sequence[datetime], later: Sequence[int]
) -> dict[int, frozenset[str]]:
    first: dict[int, date] = {}
    found: dict[int, set[str]] = {}
    for at in later:
        shopper = int(statistics.shopper_of[at])
        if first.setdefault(shopper, times[at].date()) == times[at].date():
            found.setdefault(shopper, set()).update(_basket(statistics, at))
    return {shopper: frozenset(bought) for shopper, bought in found.items() if bought}


def replenish(cut: Split, rank: Callable[[tuple[Purchase, ...]], Sequence[str]]) -> list[float]:
    """Score a ranking of everything for shoppers with a history and a truth."""
    return [
        ndcg(rank(cut.histories[shopper]), bought)
        for shopper, bought in cut.truth.items()
        if shopper in cut.histories
    ]


def browse(cut: Split, rank: Callable[[set[str]], Sequence[str]]) -> list[float]:
    """Score a ranking of what a shopper has not bought, where they then bought some of it."""
    scores = []
    for shopper, bought in cut.truth.items():
        known = {line.family_id for line in cut.histories.get(shopper, ())}
        if known and bought - known:
            scores.append(ndcg(rank(known), bought - known))
    return scores


def complete(
    cut: Split, catalogue: Catalogue, rank: Callable[[Sequence[str]], Sequence[str]]
) -> list[float]:
    """Score the completion of half baskets, by name, over a fixed sample of baskets."""
    scores: list[float] = []
    for basket in np.random.default_rng(0).permutation(np.array(cut.later_baskets, object)):
        names = list(dict.fromkeys(catalogue.family(family_id).name for family_id in basket))
        if len(names) >= 4 and len(scores) < BASKETS:
            scores.append(ndcg(rank(names[::2]), frozenset(names[1::2])))
    return scores


def rows(catalogue: Catalogue, cut: Split) -> Iterable[tuple[str, str, list[float]]]:
    """Yield scenario, method and the score of each case."""
    families = catalogue.families
    counts = np.asarray(cut.before.baskets.sum(axis=0)).ravel()
    sold = dict(zip(cut.before.family_ids, counts.tolist(), strict=True))
    popular = by_score(sold, families)
    yield "replenish", "popularity", replenish(cut, lambda _history: popular)
    yield "replenish", "personal frequency", replenish(cut, _frequency(sold))
    yield (
        "replenish",
        "personal recency",
        replenish(cut, lambda history: _ranked(personal_recency(history), sold)),
    )
    yield (
        "browse",
        "popularity",
        browse(
            cut, lambda known: [item for item in popular[: K + len(known)] if item not in known]
        ),
    )
    neighbours = Neighbours(cut.before)
    yield (
        "browse",
        "neighbours",
        browse(cut, lambda known: _ranked(neighbours.unbought(known), sold)),
    )
    names = list(dict.fromkeys(catalogue.family(family_id).name for family_id in popular))
    yield (
        "cart",
        "popularity",
        complete(
            cut,
            catalogue,
            lambda held: [name for name in names[: K + len(held)] if name not in held],
        ),
    )
    pairs = Copurchase(cut.before, families)
    yield (
        "cart",
        "co-purchase",
        complete(
            cut, catalogue, lambda held: [companion.name for companion in pairs.companions(held)]
        ),
    )


def _ranked(scores: Mapping[str, float], sold: Mapping[str, float]) -> list[str]:
    return sorted(scores, key=lambda item: (-scores[item], -sold[item], item))[:K]


def _frequency(
    sold: Mapping[str, float],
) -> Callable[[tuple[Purchase, ...]], Sequence[str]]:
    def rank(history: tuple[Purchase, ...]) -> list[str]:
        counts: dict[str, float] = {}
        for line in history:
            counts[line.family_id] = counts.get(line.family_id, 0.0) + 1
        return _ranked(counts, sold)

    return rank


def main(arguments: Sequence[str]) -> None:
    """Print and write the table; an argument names another cut, such as 2017-11-06."""
    day = date.fromisoformat(arguments[0]) if arguments else CUT
    catalogue, cut = load(Settings(), day)
    table = [
        (scenario, method, f"{np.mean(scores):.4f}", str(len(scores)))
        for scenario, method, scores in rows(catalogue, cut)
    ]
    write_table(
        "recommend",
        f"Recommendation before the heads, cut {day}, by family",
        ("scenario", "method", "nDCG@10", "cases"),
        table,
        "python -m tests.benchmarks.recommend_offline",
    )


if __name__ == "__main__":
    main(sys.argv[1:])
