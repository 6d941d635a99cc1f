"""What rules read of one segment, against expectations written by hand."""

import pytest

from assistant.dialogue.requests import Pointer, Reference
from assistant.dialogue.rules import Reading, read_quantity, read_segment

AISLES = ("Bread & bakery", "Frozen food", "Vegetables")


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("a snack under $3", None, 300),
        ("smth sweet under three bucks", None, 300),
        ("milk for less than 2.50", None, 250),
        ("cereal $4 or less", None, 400),
        ("between 2 and 5 dollars", 200, 500),
        ("wine over $10", 1000, None),
        ("at least 4 dollars", 400, None),
        ("gum for 99 cents", None, 99),
        ("no more than £1.20", None, 120),
        ("I have $5, what cookies can I get", None, 500),
        ("a 2 liter soda", None, None),
        ("two of the second one", None, None),
    ],
)
def test_price_bounds_are_read_in_minor_units(text: str, low: int | None, high: int | None) -> None:
    reading = read_segment(text)
    assert (reading.min_price, reading.max_price) == (low, high)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("add two", 2),
        ("3x bananas", 3),
        ("a couple of the first", 2),
        ("make it three", 3),
        ("add one milk", 1),
        ("another one", 1),
        ("half a dozen", 6),
        ("12 oz coffee", None),
        ("2% milk", None),
        ("the second one", None),
        ("milk", None),
    ],
)
def test_a_count_is_not_a_size_and_not_an_ordinal(text: str, quantity: int | None) -> None:
    assert read_segment(text).quantity == quantity


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("the second one", Reference(Pointer.ORDINAL, 2)),
        ("add 2 of the 3rd", Reference(Pointer.ORDINAL, 3)),
        ("#4 please", Reference(Pointer.ORDINAL, 4)),
        ("the last one", Reference(Pointer.ORDINAL, -1)),
        ("add all of them", Reference(Pointer.ALL)),
        ("add both", Reference(Pointer.ALL, words="both")),
        ("add everything except the bread", Reference(Pointer.ALL, without="bread")),
        ("add 1 and 3", Reference(Pointer.ORDINAL, 1, also=(3,))),
        ("the 2nd and the 4th please", Reference(Pointer.ORDINAL, 2, also=(4,))),
        ("add numbers 2, 3 and 4 to my cart", Reference(Pointer.ORDINAL, 2, also=(3, 4))),
        ("difference between 1 and 2", Reference(Pointer.ORDINAL, 1, also=(2,))),
        ("the first two", Reference(Pointer.ORDINAL, 1, also=(2,))),
        ("the last two", Reference(Pointer.ORDINAL, -2, also=(-1,))),
        ("add 2 and 3 eggs", None),
        ("add the cheapest", Reference(Pointer.CHEAPEST)),
        ("remove it", Reference(Pointer.IT)),
        ("cheapest milk", None),
        ("a first aid kit", None),
        ("when did i last buy milk", None),
    ],
)
def test_references_point_at_what_was_shown(text: str, reference: Reference | None) -> None:
    assert read_segment(text).reference == reference


def test_own_label_is_wanted_refused_or_not_said() -> None:
    assert read_segment("own label please").own_label is True
    assert read_segment("store brand butter").own_label is True
    assert read_segment("not own label ketchup").own_label is False
    assert read_segment("ketchup").own_label is None


def test_an_order_number_is_read_and_not_taken_for_a_quantity() -> None:
    reading = read_segment("status of order 31198570044")
    assert (reading.order_id, reading.quantity) == ("31198570044", None)


def test_an_aisle_needs_the_word_aisle_and_a_close_name() -> None:
    assert read_segment("any rolls in the bakery section?", AISLES).aisle == "Bread & bakery"
    assert read_segment("bakery rolls", AISLES).aisle is None
    assert read_segment("in the spaceship aisle", AISLES).aisle is None


def test_what_was_read_is_gone_from_the_rest() -> None:
    assert read_segment("cheapest milk under $3") == Reading(
        rest="milk", max_price=300, cheapest_first=True
    )


@pytest.mark.parametrize("text", ["not that expensive", "less than that", "too pricey"])
def test_dearness_asks_for_something_cheaper(text: str) -> None:
    assert read_segment(text).cheapest_first


def test_the_dearest_are_asked_for() -> None:
    assert read_segment("most expensive cheese") == Reading(rest="cheese", dearest_first=True)


def test_half_a_dozen_is_a_count_where_nothing_follows() -> None:
    assert read_segment("just a half dozen").quantity == 6
    assert read_segment("make it a dozen").quantity == 12
    assert read_segment("a dozen eggs").quantity is None


def test_one_fewer_is_a_count_of_one() -> None:
    assert read_segment("one banana fewer").quantity == 1


def test_a_count_before_a_list_item_is_split_off() -> None:
    assert read_quantity("two milks") == (2, "  milks")
