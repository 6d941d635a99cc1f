"""Co-purchase: what baskets that hold the cart's things hold unusually often besides.

Counted by name, all sizes and labels together: sizes are too thin to count apart, and another
size of what is in the cart is no companion of it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from assistant.catalog.products import Family
from assistant.recommend.statistics import PurchaseStatistics

# A pair seen together this often counts half of what its lift says.
SUPPORT = 20
# What was together in fewer baskets is not "often bought with", whatever its lift.
FEWEST_BASKETS = 5
# More of the same (two kinds of pasta) goes together, but completes nothing: it counts half, as
# does each further companion of one kind (hot dog buns, then hamburger buns).
SAME_CATEGORY = 0.5


@dataclass(frozen=True, slots=True)
class Companion:
    """A name that goes with a cart, and the name in the cart it goes with best."""

    name: str
    beside: str
    score: float


class Copurchase:
    """Pairs of names in one store's baskets."""

    def __init__(self, statistics: PurchaseStatistics, families: Mapping[str, Family]) -> None:
        names = [families[family_id].name for family_id in statistics.family_ids]
        self._names = sorted(set(names))
        self._column = {name: at for at, name in enumerate(self._names)}
        columns = np.array([self._column[name] for name in names], np.int64)
        self._baskets = _by_name(statistics.baskets, columns, len(self._names))
        self._holding = csc_array(self._baskets)
        self._sold = np.diff(self._holding.indptr)
        self._category = _main_categories(statistics, columns, len(self._names))

    def companions(self, cart: Collection[str]) -> tuple[Companion, ...]:
        """Return what goes with the names in a cart, best first, and none of these names."""
        held = [self._column[name] for name in dict.fromkeys(cart) if name in self._column]
        if not held:
            return ()
        each = np.stack([self._pull(column) for column in held])
        score = each.sum(axis=0)
        score[held] = 0.0
        score *= SAME_CATEGORY ** _places(score, self._category)
        best = np.argsort(-score, kind="stable")[: np.count_nonzero(score)]
        strongest = each.argmax(axis=0)
        return tuple(
            Companion(self._names[at], self._names[held[strongest[at]]], float(score[at]))
            for at in best
        )

    def _pull(self, column: int) -> NDArray[np.float64]:
        """How strongly one name pulls each other: log lift, by root of confidence, shrunk."""
        start, end = self._holding.indptr[column : column + 2]
        rows = self._holding.indices[start:end]
        together = np.bincount(self._baskets[rows].indices, minlength=len(self._names)).astype(
            np.float64
        )
        expected = self._sold[column] * self._sold / max(self._baskets.shape[0], 1)
        lift = np.log(np.maximum(together, 1e-9) / np.maximum(expected, 1e-9))
        confidence = together / max(self._sold[column], 1)
        pull = np.maximum(lift, 0.0) * np.sqrt(confidence) * together / (together + SUPPORT)
        pull[together < FEWEST_BASKETS] = 0.0
        pull[self._category == self._category[column]] *= SAME_CATEGORY
        return np.asarray(pull, np.float64)


def _places(score: NDArray[np.float64], category: NDArray[np.str_]) -> NDArray[np.float64]:
    """Return each name's place, from 0, among its category's names by falling score."""
    places = np.zeros(len(score))
    seen: dict[str, int] = {}
    for at in np.argsort(-score, kind="stable"):
        places[at] = seen.get(category[at], 0)
        seen[category[at]] = seen.get(category[at], 0) + 1
    return places


def _by_name(baskets: csr_array, columns: NDArray[np.int64], names: int) -> csr_array:
    merged = csr_array(
        (baskets.data, columns[baskets.indices], baskets.indptr), shape=(baskets.shape[0], names)
    )
    merged.sum_duplicates()
    merged.data = np.ones_like(merged.data)
    return merged


def _main_categories(
    statistics: PurchaseStatistics, columns: NDArray[np.int64], names: int
) -> NDArray[np.str_]:
    """Return each name's category: the one of its family in most baskets."""
    sold = np.bincount(statistics.baskets.indices, minlength=len(columns))
    labels = np.array(statistics.categories, np.str_)
    main = np.zeros(names, labels.dtype if len(labels) else "U1")
    rising = np.argsort(sold, kind="stable")
    # Later writes win, so the most sold family's category stays.
    main[columns[rising]] = labels[rising]
    return main
