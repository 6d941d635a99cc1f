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
        return mapped + (_SLOPE * np.maximum(scores - self.scores[-1], 0)).astype(np.float32)


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
    order = np.argsort(scores, kind="stable")
    ordered = weight[order].astype(np.float64)
    gained = (outcomes[order] * ordered).cumsum()
    # Half by weight and half by outcome: fine where many rows are, and where most is bought.
    place = ordered.cumsum() / ordered.sum() + gained / gained[-1]
    bin_of = np.minimum((place / 2 * KNOTS).astype(np.int64), KNOTS - 1)
    mass = np.bincount(bin_of, ordered, KNOTS)
    kept = mass > 0
    x = np.bincount(bin_of, ordered * scores[order], KNOTS)[kept] / mass[kept]
    y = np.bincount(bin_of, ordered * outcomes[order], KNOTS)[kept] / mass[kept]
    rising = np.concatenate([[True], np.diff(x) > 0])
    return x[rising], y[rising], mass[kept][rising]


def _risen(values: NDArray[np.float64], mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pool adjacent violators: the nearest rising values by weighted squares."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), mass.tolist(), strict=True):
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (low, a, m), (high, b, n) = blocks[-2:]
            blocks[-2:] = [((low * a + high * b) / (a + b), a + b, m + n)]
    return np.concatenate([np.full(count, value) for value, _, count in blocks])
