"""How good a ranking of lists is, list by list, and how true its probabilities are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
K = 10
_GAINS = 1 / np.log2(np.arange(2, 2 + K))
_IDEAL = np.concatenate([[0.0], np.cumsum(_GAINS)])
_BINS = 15


@dataclass(frozen=True, slots=True)
class ListScores:
    """Per list: nDCG@10 with min(k, relevant) below, with the whole basket below, recall@10.

    NaN where a list asks for nothing.
    """

    ndcg: Doubles
    ndcg_full: Doubles
    recall: Doubles


def rank_within(scores: Doubles, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each row's place in its list from 0, the highest score first, ties by row."""
    list_of = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    order = np.lexsort((np.arange(len(scores)), -scores, list_of))
    place = np.empty(len(scores), np.int64)
    place[order] = np.arange(len(scores)) - starts[list_of[order]]
    return place


def score_lists(
    place: NDArray[np.int64],
    bought: NDArray[np.bool_],
    starts: NDArray[np.int64],
    relevant: NDArray[np.integer],
) -> ListScores:
    """Score lists by the places of what was bought; `relevant` counts also what no pool held."""
    list_of = np.repeat(np.arange(len(relevant)), np.diff(starts))
    hit = bought & (place < K)
    gains = np.bincount(list_of[hit], _GAINS[place[hit]], len(relevant))
    hits = np.bincount(list_of[hit], minlength=len(relevant))
    asked = np.where(relevant > 0, relevant, np.nan)
    ideal = np.where(relevant > 0, _IDEAL[np.minimum(relevant, K)], np.nan)
    # The whole basket's ideal goes on below rank ten.
    whole = np.concatenate(
        [[0.0], np.cumsum(1 / np.log2(np.arange(2, 2 + relevant.max(initial=1))))]
    )
    full = np.where(relevant > 0, whole[relevant], np.nan)
    return ListScores(gains / ideal, gains / full, hits / asked)


def auc(scores: Doubles, labels: NDArray[np.bool_]) -> float:
    """Return the chance that a positive outranks a negative, ties halved; NaN without both."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float(
        (ranks[inverse][labels].sum() - positives * (positives + 1) / 2) / positives / negatives
    )


def gauc(scores: Doubles, labels: NDArray[np.bool_], starts: NDArray[np.int64]) -> float:
    """Return the mean AUC of lists that have both labels, by their positives."""
    total = weight = 0.0
    for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        found = labels[start:end]
        positives = int(found.sum())
        if 0 < positives < end - start:
            total += positives * auc(scores[start:end], found)
            weight += positives
    return total / weight if weight else float("nan")


def calibration_error(chances: Doubles, labels: NDArray[np.bool_]) -> float:
    """Return the expected calibration error over 15 bins of equal mass."""
    order = np.argsort(chances, kind="stable")
    gaps = [
        abs(float(chances[part].mean()) - float(labels[part].mean())) * len(part)
        for part in np.array_split(order, _BINS)
        if len(part)
    ]
    return sum(gaps) / max(len(order), 1)


def interval(
    differences: Doubles, household: NDArray[np.integer], seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of a mean difference, drawing households 10,000 times."""
    kept = ~np.isnan(differences)
    _, row = np.unique(household[kept], return_inverse=True)
    sums = np.bincount(row, differences[kept])
    counts = np.bincount(row).astype(np.float64)
    rng = np.random.default_rng(seed)
    means = np.empty(10_000)
    for at in range(0, len(means), 500):
        drawn = rng.integers(0, len(sums), (500, len(sums)))
        means[at : at + 500] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)
