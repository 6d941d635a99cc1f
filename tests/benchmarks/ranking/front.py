"""The Pareto front: what lists reach for three objectives under 21 weight vectors."""

from itertools import product

import numpy as np

from assistant.recommend.ranking.labels import labels_of
from assistant.recommend.ranking.lists import Lists
from assistant.recommend.ranking.network import OBJECTIVES
from assistant.recommend.scenarios import Objective
from tests.benchmarks.ranking.metrics import Doubles, rank_within, score_lists

AXES = (Objective.PURCHASE, Objective.PRIVATE_LABEL, Objective.DISCOUNT)
_STEPS = 5
# All ways to share five fifths among three objectives: 21.
WEIGHTS = tuple(
    (a / _STEPS, b / _STEPS, (_STEPS - a - b) / _STEPS)
    for a, b in product(range(_STEPS + 1), repeat=2)
    if a + b <= _STEPS
)


def front_of(scores: Doubles, lists: Lists) -> Doubles:
    """Return nDCG@10 of each axis under each weight vector, [21, 3].

    Scores are made comparable by their means; an objective's nDCG counts what was bought of it.
    """
    labels, _ = labels_of(lists, slice(None))
    axes = [OBJECTIVES.index(axis) for axis in AXES]
    level = scores[:, axes] / np.maximum(scores[:, axes].mean(axis=0), 1e-12)
    points = np.empty((len(WEIGHTS), len(AXES)))
    wanted = [labels[:, at] > 0 for at in axes]
    counts = [np.bincount(lists.list_of, label, len(lists)).astype(np.int64) for label in wanted]
    for row, weights in enumerate(WEIGHTS):
        place = rank_within(level @ np.array(weights), lists.starts)
        for column, (label, count) in enumerate(zip(wanted, counts, strict=True)):
            points[row, column] = np.nanmean(score_lists(place, label, lists.starts, count).ndcg)
    return points


def hypervolume(points: Doubles, reference: float = 0.0) -> float:
    """Return the volume that points in three dimensions dominate above a reference."""
    kept = np.maximum(points - reference, 0.0)
    volume = below = 0.0
    for height in np.unique(kept[:, 2]):
        layer = kept[kept[:, 2] >= height]
        volume += (height - below) * _area(layer[:, :2])
        below = float(height)
    return volume


def _area(points: Doubles) -> float:
    area = top = 0.0
    for x, y in sorted(points.tolist(), reverse=True):
        if y > top:
            area += x * (y - top)
            top = y
    return area
