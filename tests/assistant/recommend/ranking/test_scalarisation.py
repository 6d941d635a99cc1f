from dataclasses import replace

import numpy as np
import pytest

from assistant.errors import BadInput
from assistant.recommend.ranking.scalarisation import (
    Constraints,
    Offerings,
    choose,
    lifted_by,
    parse_weights,
)
from assistant.recommend.scenarios import Objective

PURCHASE, OWN = Objective.PURCHASE, Objective.PRIVATE_LABEL
# Rows 1 and 3 are own label; rows 0 and 1 are of one category, rows 2 and 3 of another.
OFFERED = Offerings(
    (PURCHASE, OWN),
    np.array([[0.5, 0], [0.4, 0.4], [0.3, 0], [0.2, 0.2]], np.float32),
    np.array([0.1, 0.1], np.float32),
    kind=np.array([0, 1, 2, 3], np.int32),
    category=np.array([0, 0, 1, 1], np.int32),
    own_label=np.array([False, True, False, True]),
    price=np.array([100, 200, 300, 400], np.int32),
)


def test_without_wishes_the_likeliest_purchase_comes_first() -> None:
    assert choose(OFFERED, Constraints(), 3) == [0, 1, 2]


def test_weighing_own_label_raises_own_labels() -> None:
    weighed = replace(OFFERED, weights={PURCHASE: 1.0, OWN: 5.0})
    assert choose(weighed, Constraints(), 4) == [1, 3, 0, 2]


def test_a_least_share_of_own_label_is_kept() -> None:
    assert choose(OFFERED, Constraints(own_label=(1.0, 1.0)), 2) == [1, 3]
    assert choose(OFFERED, Constraints(own_label=(0.5, 1.0)), 2) == [0, 1]


def test_a_most_share_of_own_label_is_kept() -> None:
    assert choose(OFFERED, Constraints(own_label=(0.0, 0.0)), 2) == [0, 2]


def test_the_list_stays_within_a_budget() -> None:
    assert choose(OFFERED, Constraints(budget=450), 4) == [0, 1]


def test_a_category_fills_no_more_places_than_its_cap() -> None:
    assert choose(OFFERED, Constraints(category_cap=1), 4) == [0, 2]


def test_diversity_mixes_categories() -> None:
    assert choose(OFFERED, Constraints(diversity=1.0), 2) == [0, 2]


def test_what_lifts_a_product_is_the_objective_it_would_miss_most() -> None:
    weighed = replace(OFFERED, weights={PURCHASE: 1.0, OWN: 5.0})
    # Without own label row 3 falls from the second place to the last; row 0 owes its to purchase.
    assert lifted_by(weighed, [3])[0] is OWN


def test_one_objective_alone_lifts_nothing() -> None:
    assert lifted_by(OFFERED, [0, 1]) == (None, None)


def test_weights_are_read_with_purchase_as_the_default() -> None:
    assert parse_weights("private_label=5, revenue=.3") == {
        Objective.PURCHASE: 1.0,
        Objective.PRIVATE_LABEL: 5.0,
        Objective.REVENUE: 0.3,
    }


@pytest.mark.parametrize("text", ["clicks=1", "purchase=lots", "purchase=-1", "purchase"])
def test_a_weight_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(BadInput, match="is no weight"):
        parse_weights(text)


def test_weights_of_nothing_are_refused() -> None:
    with pytest.raises(BadInput, match="All weights are 0"):
        parse_weights("purchase=0")
