"""Neighbours: what shoppers with like purchases buy and this shopper does not."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from assistant.recommend.statistics import PurchaseStatistics

# Chosen on the cut of 2017-11-06; the benchmark reports a later one.
NEIGHBOURS = 100
POPULARITY_DAMPING = 0.4
# What fewer neighbours bought is not popular among them, and might tell on one of them.
FEWEST_BUYERS = 3


class Neighbours:
    """Shoppers of one store, compared by the cosine of the sets of families they bought."""

    def __init__(self, statistics: PurchaseStatistics) -> None:
        counts = statistics.by_shopper()
        self._family_ids = np.array(statistics.family_ids, dtype=np.str_)
        self._column = {family_id: at for at, family_id in enumerate(statistics.family_ids)}
        self._bought = _with_data(counts, np.ones_like(counts.data))
        self._habit = _with_data(counts, np.log1p(counts.data))
        self._breadth = np.sqrt(_row_sums(self._bought))
        shoppers = np.bincount(counts.indices, minlength=counts.shape[1])
        self._damping = np.maximum(shoppers, 1) ** -POPULARITY_DAMPING

    def unbought(self, family_ids: Collection[str]) -> dict[str, float]:
        """Score the families that a buyer of `family_ids` has not bought, the higher the better.

        The nearest hundred shoppers vote with the logarithm of how often they bought a family;
        what everybody buys counts a little less. Empty where too few bought the same.
        """
        own = [self._column[name] for name in family_ids if name in self._column]
        likeness = self._likeness(own)
        nearest = np.argsort(-likeness, kind="stable")[:NEIGHBOURS]
        nearest = nearest[likeness[nearest] > 0]
        votes = (self._habit[nearest].T @ likeness[nearest]) * self._damping
        votes[own] = 0.0
        votes[self._bought[nearest].sum(axis=0) < FEWEST_BUYERS] = 0.0
        found = np.flatnonzero(votes)
        return dict(zip(self._family_ids[found].tolist(), votes[found].tolist(), strict=True))

    def _likeness(self, own: list[int]) -> NDArray[np.float64]:
        basket = np.zeros(len(self._family_ids))
        basket[own] = 1.0
        breadths = np.maximum(self._breadth * np.sqrt(max(len(own), 1)), 1.0)
        return np.asarray((self._bought @ basket) / breadths, np.float64)


def _with_data(matrix: csr_array, data: NDArray[np.float32]) -> csr_array:
    return csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _row_sums(matrix: csr_array) -> NDArray[np.float64]:
    sums: NDArray[np.float64] = np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
    return sums
