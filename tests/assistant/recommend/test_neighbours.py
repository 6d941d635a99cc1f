from collections.abc import Sequence
from math import log, sqrt

import numpy as np
import pytest
from scipy.sparse import csr_array

from assistant.recommend.neighbours import FEWEST_BUYERS, POPULARITY_DAMPING, Neighbours
from assistant.recommend.statistics import PurchaseStatistics

FAMILIES = ("bread", "jam", "milk", "tea")


def _statistics(bought: Sequence[Sequence[str]]) -> PurchaseStatistics:
    """One shopper per entry, one basket each."""
    cells = [[float(name in basket) for name in FAMILIES] for basket in bought]
    return PurchaseStatistics(
        FAMILIES,
        FAMILIES,
        np.arange(len(bought), dtype=np.int32),
        csr_array(np.array(cells, np.float32).reshape(-1, len(FAMILIES))),
    )


def test_neighbours_vote_by_likeness_and_popularity_is_damped() -> None:
    three = [["milk", "bread", "jam"]] * 3
    votes = Neighbours(_statistics([*three, ["tea"]])).unbought(["milk", "bread"])
    # Each shares 2 of its 3 families with the shopper's 2, votes log(1 + 1 basket), and 3 shoppers
    # buy jam; the tea drinker shares nothing.
    likeness = 2 / (sqrt(3) * sqrt(2))
    assert votes == {"jam": pytest.approx(3 * likeness * log(2) * 3**-POPULARITY_DAMPING)}


def test_the_liker_the_neighbour_the_more_its_vote_weighs() -> None:
    near = [["milk", "bread", "jam"]] * FEWEST_BUYERS
    far = [["milk", "tea"]] * FEWEST_BUYERS
    votes = Neighbours(_statistics(near + far)).unbought(["milk", "bread"])
    assert votes["jam"] > votes["tea"] > 0


def test_what_too_few_neighbours_bought_is_never_told() -> None:
    two = [["milk", "jam"]] * (FEWEST_BUYERS - 1)
    assert Neighbours(_statistics(two)).unbought(["milk"]) == {}


def test_who_shares_nothing_or_has_bought_nothing_gets_no_votes() -> None:
    neighbours = Neighbours(_statistics([["milk", "bread"]] * 5))
    assert neighbours.unbought(["tea"]) == {}
    assert neighbours.unbought([]) == {}
    assert neighbours.unbought(["no such family"]) == {}


def test_a_shop_without_shoppers_has_no_neighbours() -> None:
    assert Neighbours(_statistics([])).unbought(["milk"]) == {}
