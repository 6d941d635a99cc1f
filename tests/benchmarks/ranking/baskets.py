"""Baselines that read purchase histories themselves: next-basket and collaborative ones.

TIFU-KNN and UP-CF follow their papers over sparse matrices. cornac 3.0.1 has both, but its
TIFU-KNN averages its neighbours to one number and keeps a dense shopper x item matrix.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from assistant.recommend.ranking.habits import Events, events_of
from assistant.recommend.ranking.lists import Lists
from assistant.recommend.ranking.log import Lines
from assistant.recommend.ranking.network import OBJECTIVES
from assistant.recommend.scenarios import Scenario
from tests.benchmarks.ranking.metrics import Doubles

# TIFU-KNN's published settings for groceries.
_GROUPS, _WITHIN, _BETWEEN = 7, 0.9, 0.7
_NEIGHBOURS, _OWN = 300, 0.7
# UP-CF's: the last baskets that count, asymmetry of the cosine, and its sharpness.
_RECENT, _ASYMMETRY, _LOCALITY = 25, 0.25, 5
_FACTORS = 64


@dataclass(frozen=True, slots=True)
class History:
    """The purchases before a cut, as matrices' rows and columns."""

    events: Events
    items: int

    @property
    def shoppers(self) -> int:
        """How many rows there are."""
        return len(self.events.trips)

    def matrix(self, weights: NDArray[np.floating]) -> csr_array:
        """Sum weights of events by shopper and item."""
        places = (self.events.shopper, self.events.item)
        summed = csr_array((weights, places), shape=(self.shoppers, self.items))
        summed.sum_duplicates()
        return summed


def history_of(before: Lines, shoppers: int, items: int, day: int) -> History:
    """Gather each shopper's trips before a day; an item counts once a trip."""
    keys = np.stack([before.shopper, before.day, before.item])
    _, once = np.unique(keys, axis=1, return_index=True)
    kept = before.where(np.sort(once).astype(np.int32))
    events = events_of(kept.shopper, kept.item, kept.day, kept.spend, shoppers, day)
    return History(events, items)


@dataclass(frozen=True, slots=True)
class Sparse:
    """Scores shopper and item by a row of one matrix, and of its neighbours in another."""

    own: csr_array
    likeness: csr_array
    others: csr_array
    share: float
    calibrated: bool = False

    def score(self, scenario: Scenario, lists: Lists) -> Doubles:  # noqa: ARG002 (the protocol)
        """Score list by list, so that one dense row is held at a time."""
        scores = np.zeros(len(lists.item))
        for row, shopper in enumerate(lists.shopper.tolist()):
            part = slice(int(lists.starts[row]), int(lists.starts[row + 1]))
            mixed = (1 - self.share) * (self.likeness[[shopper]] @ self.others)
            mixed = mixed + self.share * self.own[[shopper]]
            scores[part] = mixed.toarray().ravel()[lists.item[part]]
        return np.repeat(scores[:, None], len(OBJECTIVES), axis=1)


@dataclass(frozen=True, slots=True)
class Factorised:
    """Scores by the product of a shopper's and an item's factors."""

    shoppers: NDArray[np.float32]
    items: NDArray[np.float32]
    calibrated: bool = False

    def score(self, scenario: Scenario, lists: Lists) -> Doubles:  # noqa: ARG002 (the protocol)
        """Multiply factors row by row."""
        shopper = lists.shopper[lists.list_of]
        scores = np.einsum("rf,rf->r", self.shoppers[shopper], self.items[lists.item])
        return np.repeat(scores.astype(np.float64)[:, None], len(OBJECTIVES), axis=1)


def tifu_knn(history: History) -> Sparse:
    """Fit temporal-item-frequency nearest neighbours (Hu and others, 2020)."""
    events = history.events
    trips = events.trips[events.shopper]
    size = np.maximum(np.ceil(trips / _GROUPS), 1)
    group, within = np.divmod(events.ago, size)
    groups = np.minimum(trips, _GROUPS)
    in_group = np.minimum(size, trips - group * size)
    weights = _BETWEEN**group * _WITHIN**within / in_group / groups
    vectors = history.matrix(weights)
    squares = np.asarray((vectors * vectors).sum(axis=1)).ravel()
    products = (vectors @ vectors.T).toarray()
    distance = squares[:, None] + squares[None, :] - 2 * products
    np.fill_diagonal(distance, np.inf)
    nearest = np.argpartition(distance, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
    return Sparse(vectors, _neighbours(nearest), vectors, _OWN)


def up_cf(history: History) -> Sparse:
    """Fit user popularity-based collaborative filtering with a recency window (2020)."""
    events = history.events
    window = np.minimum(events.trips, _RECENT)[events.shopper]
    recent = history.matrix(np.where(events.ago < _RECENT, 1.0 / np.maximum(window, 1), 0.0))
    bought = history.matrix(np.ones(len(events.item)))
    bought.data = np.ones_like(bought.data)
    shared = (bought @ bought.T).toarray()
    sizes = np.maximum(np.diag(shared), 1.0)
    likeness = shared / (sizes[:, None] ** _ASYMMETRY * sizes[None, :] ** (1 - _ASYMMETRY))
    # Own purchases count too: a shopper is their own nearest neighbour.
    return Sparse(recent, csr_array(likeness**_LOCALITY), recent, 0.0)


def factorised(history: History, *, pairwise: bool, seed: int) -> Factorised:
    """Fit implicit's ALS, or its BPR where `pairwise`."""
    from implicit.als import AlternatingLeastSquares
    from implicit.bpr import BayesianPersonalizedRanking

    weights = history.matrix(0.98 ** history.events.ago.astype(np.float64)).astype(np.float32)
    settings = {"factors": _FACTORS, "random_state": seed, "num_threads": 1}
    if pairwise:
        model = BayesianPersonalizedRanking(iterations=100, **settings)
    else:
        model = AlternatingLeastSquares(iterations=15, regularization=0.05, alpha=10.0, **settings)
    model.fit(weights, show_progress=False)
    return Factorised(
        np.asarray(model.user_factors, np.float32), np.asarray(model.item_factors, np.float32)
    )


def _neighbours(nearest: NDArray[np.integer]) -> csr_array:
    """Make a matrix in which each row's neighbours weigh the same."""
    count, width = nearest.shape
    values = np.full(count * width, 1.0 / width)
    rows = np.repeat(np.arange(count), width)
    return csr_array((values, (rows, nearest.ravel())), shape=(count, count))
