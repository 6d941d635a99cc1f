import numpy as np
from scipy.sparse import csr_array

from assistant.recommend.ranking.factors import fit_factors


def _two_tastes() -> csr_array:
    """Ten shoppers buy items 0-4, ten buy items 5-9, each all but one."""
    dense = np.zeros((20, 10), np.float32)
    for row in range(20):
        start = 0 if row < 10 else 5
        dense[row, start : start + 5] = 1
        dense[row, start + row % 5] = 0
    return csr_array(dense)


def test_what_like_shoppers_buy_comes_nearer_than_what_others_buy() -> None:
    factors = fit_factors(_two_tastes())
    shopper = factors.shopper(factors.items[1:5], np.ones(4, np.float32))
    nearness = factors.items @ shopper
    assert nearness[0] > nearness[5:].max()


def test_who_bought_nothing_is_near_nothing() -> None:
    factors = fit_factors(_two_tastes())
    shopper = factors.shopper(factors.items[:0], np.empty(0, np.float32))
    assert np.allclose(shopper, 0)


def test_the_same_seed_gives_the_same_factors() -> None:
    assert np.array_equal(fit_factors(_two_tastes()).items, fit_factors(_two_tastes()).items)
