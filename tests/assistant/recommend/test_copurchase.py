from collections.abc import Mapping, Sequence
from math import log, sqrt

import numpy as np
import pytest
from scipy.sparse import csr_array

from assistant.catalog.products import Family, Product
from assistant.recommend.copurchase import FEWEST_BASKETS, SUPPORT, Copurchase
from assistant.recommend.statistics import PurchaseStatistics

# Family id: name, category. Two sizes of spaghetti are one name.
FAMILIES = {
    "noodles": ("Noodles", "pasta"),
    "pasta": ("Spaghetti", "pasta"),
    "pasta-big": ("Spaghetti", "pasta"),
    "sauce": ("Sauce", "sauces"),
    "soap": ("Soap", "cleaning"),
}


def test_lift_confidence_and_support_make_the_score() -> None:
    # 40 baskets: 10 of both, 10 of soap alone, 20 of noodles. Expected together: 10 * 10 / 40.
    baskets = [["pasta", "sauce"]] * 10 + [["soap"]] * 10 + [["noodles"]] * 20
    expected = log(10 / 2.5) * sqrt(10 / 10) * 10 / (10 + SUPPORT)
    (sauce,) = _copurchase(baskets).companions(["Spaghetti"])
    assert (sauce.name, sauce.beside) == ("Sauce", "Spaghetti")
    assert sauce.score == pytest.approx(expected)


def test_sizes_count_as_one_name() -> None:
    apart = [["pasta", "sauce"]] * 3 + [["pasta-big", "sauce"]] * 3 + [["soap"]] * 10
    assert [c.name for c in _copurchase(apart).companions(["Spaghetti"])] == ["Sauce"]


def test_nothing_in_the_cart_is_its_own_companion() -> None:
    baskets = [["pasta", "sauce", "soap"]] * 10 + [["noodles"]] * 10
    names = [c.name for c in _copurchase(baskets).companions(["Spaghetti", "Sauce"])]
    assert names == ["Soap"]


def test_another_kind_of_the_same_counts_half() -> None:
    baskets = [["pasta", "noodles"]] * 10 + [["pasta", "sauce"]] * 10 + [["soap"]] * 20
    sauce, noodles = _copurchase(baskets).companions(["Spaghetti"])
    assert (sauce.name, noodles.name) == ("Sauce", "Noodles")
    assert noodles.score == pytest.approx(sauce.score / 2)


def test_the_second_companion_of_a_kind_counts_half() -> None:
    baskets = [["sauce", "pasta", "noodles"]] * 10 + [["soap"]] * 10
    first, second = _copurchase(baskets).companions(["Sauce"])
    assert second.score == pytest.approx(first.score / 2)


def test_what_goes_together_rarely_or_by_chance_is_no_companion() -> None:
    rarely = [["pasta", "sauce"]] * (FEWEST_BASKETS - 1) + [["soap"]] * 100
    assert _copurchase(rarely).companions(["Spaghetti"]) == ()
    # Half of all baskets hold soap, and so do half of those with spaghetti.
    chance = [["pasta", "soap"]] * 10 + [["pasta"]] * 10 + [["soap"]] * 10 + [["sauce"]] * 10
    assert _copurchase(chance).companions(["Spaghetti"]) == ()


def test_a_companion_is_told_beside_what_it_goes_with_best() -> None:
    baskets = [["pasta", "sauce"]] * 10 + [["noodles"]] * 10 + [["soap"]] * 10
    (sauce,) = _copurchase(baskets).companions(["Soap", "Spaghetti"])
    assert (sauce.name, sauce.beside) == ("Sauce", "Spaghetti")


def test_an_empty_or_unknown_cart_has_no_companions() -> None:
    pairs = _copurchase([["pasta", "sauce"]] * 10)
    assert pairs.companions([]) == ()
    assert pairs.companions(["No such name"]) == ()
    assert _copurchase([]).companions(["Spaghetti"]) == ()


def _copurchase(baskets: Sequence[Sequence[str]]) -> Copurchase:
    cells = [[float(name in basket) for name in FAMILIES] for basket in baskets]
    statistics = PurchaseStatistics(
        tuple(FAMILIES),
        tuple(category for _, category in FAMILIES.values()),
        np.zeros(len(baskets), np.int32),
        csr_array(np.array(cells, np.float32).reshape(-1, len(FAMILIES))),
    )
    return Copurchase(statistics, _families())


def _families() -> Mapping[str, Family]:
    return {
        family_id: Family(
            family_id,
            name,
            "",
            False,
            "Food",
            "Grocery",
            (),
            None,
            Product(family_id, family_id, name, "", False, "Food", 100, 100, "USD", False),
            1,
        )
        for family_id, (name, _) in FAMILIES.items()
    }
