"""Collaborative factors: implicit alternating least squares, folded in for any history.

Only products of a shopper's and an item's factors enter the ranking: they mean the same however
the factors are rotated, so factors may be fitted anew at any time.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from assistant.recommend.ranking.columns import Floats

FACTORS = 32
_ROUNDS = 4
_CONFIDENCE = 8.0
_REGULARISATION = 8.0


@dataclass(frozen=True, slots=True)
class Factors:
    """`items` is [items, factors]; `gram` the product of all items' factors, regularised."""

    items: Floats
    gram: Floats

    def shopper(self, rows: Floats, weights: Floats) -> Floats:
        """Return the factors of a shopper with these items' factors [n, factors] and weights."""
        return _solve(self.gram, rows, _CONFIDENCE * weights)


def fit_factors(bought: csr_array, seed: int = 0) -> Factors:
    """Factorise a shopper x item matrix of weights above 0.

    Raises nothing; an empty matrix gives factors of zero.
    """
    rng = np.random.default_rng(seed)
    items = (0.1 * rng.standard_normal((bought.shape[1], FACTORS))).astype(np.float32)
    by_item = csr_array(bought.T)
    for _ in range(_ROUNDS):
        shoppers = _side(bought, items)
        items = _side(by_item, shoppers)
    return Factors(items, _gram(items))


def _gram(factors: Floats) -> Floats:
    gram: Floats = factors.T @ factors
    return gram + _REGULARISATION * np.eye(factors.shape[1], dtype=np.float32)


def _side(matrix: csr_array, others: Floats) -> Floats:
    """Solve one side's factors, row by row, from the other's."""
    gram = _gram(others)
    solved = np.zeros((matrix.shape[0], others.shape[1]), np.float32)
    confidence = _CONFIDENCE * matrix.data.astype(np.float32)
    for row in np.flatnonzero(np.diff(matrix.indptr)):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        solved[row] = _solve(gram, others[matrix.indices[part]], confidence[part])
    return solved


def _solve(gram: Floats, factors: Floats, confidence: Floats) -> Floats:
    left = gram + (factors.T * confidence) @ factors
    right = factors.T @ (1.0 + confidence)
    solved: Floats = np.linalg.solve(left, right).astype(np.float32)
    return solved
