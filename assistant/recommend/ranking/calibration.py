"""Calibration: turns a head's scores into chances that come true, by objective and scenario."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.recommend.ranking.columns import Floats

KNOTS = 40
# With fewer positives than this the scores are only scaled to the right mean.
_FEWEST = 40
# So little more for each unit of score beyond the last knot keeps apart what lies there.
_SLOPE = 1e-7


@dataclass(frozen=True, slots=True)
class Curve:
    """A rising, piecewise linear map; `base` is the mean outcome of what it was fitted on."""

    scores: Floats
    outcomes: Floats
    base: float

    def __call__(self, scores: Floats) -> Floats:
        """Map scores; beyond the knots the ends go on as multiples of the score."""
        inside = np.interp(scores, self.scores, self.outcomes)
        low = scores / max(float(self.scores[0]), 1e-12) * self.outcomes[0]
        mapped: Floats = np.where(scores < self.scores[0], low, inside).astype(np.float32)
        above: Floats = np.maximum(scores - self.scores[-1], 0).astype(np.float32)
        return mapped + np.float32(_SLOPE) * above


def fit_curve(scores: Floats, outcomes: Floats, weight: Floats) -> Curve:
    """Fit a curve to scores above 0 by centred isotonic regression over bins."""
    base = float(np.average(outcomes, weights=weight)) if len(scores) else 0.0
    if int((outcomes > 0).sum()) < _FEWEST:
        mean = float(np.average(scores, weights=weight)) if len(scores) else 1.0
        top = max(float(scores.max(initial=0.0)), 1e-6)
        ends = np.array([top / 2, top], np.float32)
        return Curve(ends, ends * np.float32(base / max(mean, 1e-12)), max(base, 1e-9))
    x, y = _risen(*_bins(scores, outcomes, weight))
    return Curve(x.astype(np.float32), y.astype(np.float32), max(base, 1e-9))


def _bins(
    scores: Floats, outcomes: Floats, weight: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return mean score, mean outcome and weight of bins that hold equal shares of both."""
    distinct, row = np.unique(scores, return_inverse=True)
    held = np.bincount(row, weight).astype(np.float64)
    gained = np.bincount(row, outcomes * weight)
    # Half by weight and half by outcome: fine where many rows are, and where most is bought.
    place = held.cumsum() / held.sum() + gained.cumsum() / gained.sum()
    bin_of = np.minimum((place / 2 * KNOTS).astype(np.int64), KNOTS - 1)
    mass = np.bincount(bin_of, held, KNOTS).astype(np.float64)
    kept = mass > 0
    x = np.bincount(bin_of, held * distinct, KNOTS)[kept] / mass[kept]
    y = np.bincount(bin_of, gained, KNOTS)[kept] / mass[kept]
    return x, y, mass[kept]


def _risen(
    scores: NDArray[np.float64], values: NDArray[np.float64], mass: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pool adjacent violators, each pool into one knot at its centre: no two scores tie."""
    blocks: list[tuple[float, float, float]] = []
    for score, value, weight in zip(scores.tolist(), values.tolist(), mass.tolist(), strict=True):
        blocks.append((score, value, weight))
        while len(blocks) > 1 and blocks[-2][1] >= blocks[-1][1]:
            (left, low, a), (right, high, b) = blocks[-2:]
            whole = a + b
            middle = ((left * a + right * b) / whole, (low * a + high * b) / whole, whole)
            blocks[-2:] = [middle]
    kept = np.array(blocks)
    return kept[:, 0], kept[:, 1]
