"""Calibration: turns a head's scores into chances that come true, by objective and scenario."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.recommend.ranking.columns import Floats

KNOTS = 40
# With fewer positives than this the scores are only scaled to the right mean.
_FEWEST = 40
# Rising by this much a knot keeps apart what the regression ties.
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
    """Fit a curve to scores above 0 by isotonic regression over bins of equal weight of outcome."""
    base = float(np.average(outcomes, weights=weight)) if len(scores) else 0.0
    if int((outcomes > 0).sum()) < _FEWEST:
        mean = float(np.average(scores, weights=weight)) if len(scores) else 1.0
        top = max(float(scores.max(initial=0.0)), 1e-6)
        ends = np.array([top / 2, top], np.float32)
        return Curve(ends, ends * np.float32(base / max(mean, 1e-12)), max(base, 1e-9))
    x, y, mass = _bins(scores, outcomes, weight)
    risen = _risen(y, mass)
    return Curve(
        x.astype(np.float32),
        np.maximum.accumulate(risen + _SLOPE * np.arange(len(risen))).astype(np.float32),
        max(base, 1e-9),
    )


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


def _risen(values: NDArray[np.float64], mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pool adjacent violators: the nearest rising values by weighted squares."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), mass.tolist(), strict=True):
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (low, a, m), (high, b, n) = blocks[-2:]
            blocks[-2:] = [((low * a + high * b) / (a + b), a + b, m + n)]
    return np.concatenate([np.full(count, value) for value, _, count in blocks])
