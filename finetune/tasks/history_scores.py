"""How well rankings name a household's next basket: new names and repeats apart, with intervals.

Everything a ranking may know lies before the cut: popularity and neighbours are counted there.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from assistant.recommend.neighbours import Neighbours
from assistant.recommend.statistics import PurchaseStatistics
from assistant.retrieval.embedder import Embedder
from finetune.tasks.baskets import Household
from finetune.tasks.history import TOP, HistorySplit, Moment, baskets_sold, ndcg

Scores = Mapping[str, float]
Scorer = Callable[[Moment], Scores]
"""Scores names of a moment, the higher the likelier; a name left out comes last."""

_RESAMPLES = 2000
_WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2)
_SHARES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0)
_FLOORS = (0.02, 0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over households with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """One ranking's quality; differences are to popularity on `new`, to recency on `all`."""

    name: str
    target: str
    ndcg: Interval
    recall: float
    against: str = ""
    difference: Interval | None = None


def popularity(households: Sequence[Household], cut: datetime) -> Scorer:
    """Score by how many baskets held a name before the cut."""
    sold = baskets_sold(households, cut)
    scores = {name: math.log(count) for name, count in sold.items()}
    return lambda _moment: scores


def recency(moment: Moment) -> Scores:
    """Score by personal recency."""
    return moment.state.recency


def neighbours(households: Sequence[Household], names: Sequence[str], cut: datetime) -> Scorer:
    """Score by what the hundred nearest households buy and this one does not."""
    found = Neighbours(_statistics(households, names, cut))
    return lambda moment: found.unbought(moment.state.recency.keys())


def text_nearest(names: Sequence[str], embedder: Embedder) -> Scorer:
    """Score by likeness of a name's embedding to what the household keeps buying."""
    vectors = embedder.encode(list(names))
    place = {name: at for at, name in enumerate(names)}

    def scores(moment: Moment) -> Scores:
        known = [(place[n], weight) for n, weight in moment.state.recency.items() if n in place]
        if not known:
            return {}
        rows, weights = zip(*known, strict=True)
        liked = np.asarray(weights) @ vectors[list(rows)]
        return dict(zip(names, (vectors @ liked).tolist(), strict=True))

    return scores


def fused_with_recency(other: Scores, moment: Moment, weight: float, floor: float) -> Scores:
    """Add a share of log-scores to the log of personal recency, floored for what is new."""
    least = min(other.values(), default=0.0)
    recent = moment.state.recency
    return {
        name: math.log(recent.get(name, 0.0) + floor) + weight * other.get(name, least)
        for name in {*recent, *other}
    }


def tuned_fusion(moments: Sequence[Moment], others: Sequence[Scores]) -> tuple[float, float]:
    """Return weight and floor that rank whole baskets best; for validation moments only."""

    def quality(weight: float, floor: float) -> float:
        return float(np.mean([
            ndcg(top(fused_with_recency(other, moment, weight, floor)), moment.basket)
            for moment, other in zip(moments, others, strict=True)
        ]))  # fmt: skip

    return max(((w, f) for w in _WEIGHTS for f in _FLOORS), key=lambda pair: quality(*pair))


def blended(popular: Scores, other: Scores, share: float) -> Scores:
    """Add a share of a model's log-scores to the log of popularity."""
    least = min(other.values(), default=0.0)
    plain = min(popular.values(), default=0.0)
    return {
        name: popular.get(name, plain) + share * other.get(name, least)
        for name in {*popular, *other}
    }


def tuned_share(split: HistorySplit, popular: Sequence[Scores], others: Sequence[Scores]) -> float:
    """Return the share that ranks new names best; for validation moments only."""
    found = [
        (moment, plain, other)
        for moment, plain, other in zip(split.validation, popular, others, strict=True)
        if moment.new
    ]

    def quality(share: float) -> float:
        return float(np.mean([
            ndcg(top(blended(plain, other, share), unbought(moment, split.names)), moment.new)
            for moment, plain, other in found
        ]))  # fmt: skip

    return max(_SHARES, key=quality) if found else 0.0


def rows(
    moments: Sequence[Moment], split: HistorySplit, rankings: Mapping[str, Sequence[Scores]]
) -> tuple[Row, ...]:
    """Compare rankings on new names against popularity and on whole baskets against recency."""
    found = []
    with_new = [at for at, moment in enumerate(moments) if moment.new]
    for target, baseline, places in (
        ("new", "popularity", with_new),
        ("all", "recency", range(len(moments))),
    ):
        values = {
            name: np.array([_quality(moments[at], split, scores[at], target) for at in places])
            for name, scores in rankings.items()
        }
        for name, value in values.items():
            gain = None if name == baseline else interval(value[:, 0] - values[baseline][:, 0])
            found.append(
                Row(name, target, interval(value[:, 0]), float(value[:, 1].mean()), baseline, gain)
            )
    return tuple(found)


def another_household(moments: Sequence[Moment]) -> tuple[Moment, ...]:
    """Give each moment the history of the next household; offers and what was bought stay."""
    shifted = [*moments[1:], *moments[:1]]
    return tuple(
        replace(own, state=replace(other.state, offers=own.state.offers))
        for own, other in zip(moments, shifted, strict=True)
    )


def top(scores: Scores, allowed: Sequence[str] | None = None) -> list[str]:
    """Return the ten best names, of those allowed; ties go to the alphabet."""
    names = scores.keys() if allowed is None else [n for n in allowed if n in scores]
    return sorted(names, key=lambda name: (-scores[name], name))[:TOP]


def interval(values: NDArray[np.float64], seed: int = 7) -> Interval:
    """Bootstrap the mean of one value a household."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(values), (_RESAMPLES, len(values)))
    means = values[picks].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Interval(float(values.mean()), float(low), float(high))


def unbought(moment: Moment, names: Sequence[str]) -> list[str]:
    """Return the names that the household never bought."""
    return [name for name in names if name not in moment.state.recency]


def _quality(
    moment: Moment, split: HistorySplit, scores: Scores, target: str
) -> tuple[float, float]:
    bought = moment.new if target == "new" else moment.basket
    ranked = top(scores, unbought(moment, split.names) if target == "new" else None)
    hits = len(set(ranked) & set(bought))
    return ndcg(ranked, bought), hits / len(set(bought))


def _statistics(
    households: Sequence[Household], names: Sequence[str], cut: datetime
) -> PurchaseStatistics:
    column = {name: at for at, name in enumerate(names)}
    owners: list[int] = []
    indices: list[int] = []
    ends = [0]
    for row, household in enumerate(households):
        for basket in household.baskets:
            if basket.at < cut:
                owners.append(row)
                indices += sorted(column[name] for name in basket.names if name in column)
                ends.append(len(indices))
    matrix = csr_array(
        (np.ones(len(indices), np.float32), indices, ends), shape=(len(owners), len(names))
    )
    return PurchaseStatistics(tuple(names), ("",) * len(names), np.array(owners, np.int32), matrix)
