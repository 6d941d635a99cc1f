"""Shares with their uncertainty, and paired comparisons of two runs."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from scipy.stats import binomtest

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, with the 95 % Wilson interval of the share."""

    hits: int
    total: int

    @property
    def rate(self) -> float:
        """The share, 0 where there is nothing to count."""
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The Wilson score interval; everything is possible where nothing was counted."""
        if not self.total:
            return 0.0, 1.0
        n, p, z2 = self.total, self.rate, _Z**2
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        # At the ends the bound is exact; only rounding would leave it a hair beside.
        low = 0.0 if self.hits == 0 else middle - half
        return low, 1.0 if self.hits == n else middle + half


@dataclass(frozen=True, slots=True)
class Paired:
    """The same cases before and now: how many were lost, gained, and compared in all."""

    lost: int
    gained: int
    total: int

    @property
    def p_value(self) -> float:
        """The chance of so uneven a change if losses and gains were alike (McNemar, exact)."""
        changed = self.lost + self.gained
        return float(binomtest(self.lost, changed).pvalue) if changed else 1.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the change in the share (Agresti and Min, half a case a cell)."""
        if not self.total:
            return -1.0, 1.0
        n, gained, lost = self.total + 2, self.gained + 0.5, self.lost + 0.5
        middle = (gained - lost) / n
        half = _Z * sqrt(gained + lost - (gained - lost) ** 2 / n) / n
        return max(-1.0, middle - half), min(1.0, middle + half)


def holm(p_values: dict[str, float]) -> dict[str, float]:
    """Adjust p-values for testing many things at once (Holm's step-down)."""
    adjusted: dict[str, float] = {}
    worst = 0.0
    for rank, name in enumerate(sorted(p_values, key=lambda key: p_values[key])):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[name]))
        adjusted[name] = worst
    return adjusted
