import pytest

from assistant.catalog.products import Option
from assistant.dialogue.orders.options import choose_option
from assistant.orders.orders import OrderLine
from assistant.orders.records import Offer


def offer(id_: str, size: str, color: str, price: int = 1800, stock: int = 5) -> Offer:
    options = (Option("size", size), Option("color", color))
    return Offer(id_, "frame", f"Frame ({size}, {color})", options, price, stock)


FRAMES = (
    offer("small-oak", "5 x 7 in", "natural"),
    offer("small-black", "5 x 7 in", "black"),
    offer("large-oak", "8 x 10 in", "natural", 2400),
    offer("large-black", "8 x 10 in", "black", 2400, stock=0),
)
LINE = OrderLine("small-oak", "frame", "Frame (5 x 7 in, natural)", 2, 3600)


@pytest.mark.parametrize(
    ("said", "expected"),
    [("black", "small-black"), ("the 8 x 10 one", "large-oak"), ("8x10 natural", "large-oak")],
)
def test_what_is_not_said_stays_as_it_was(said: str, expected: str) -> None:
    found = choose_option(LINE, FRAMES, said, None)
    assert found.chosen is not None and found.chosen.product_id == expected


def test_a_sold_out_option_is_known_but_not_chosen() -> None:
    found = choose_option(LINE, FRAMES, "8 x 10 in black", None)
    assert found.chosen is None
    assert found.sold_out is FRAMES[3]
    assert found.ids == ("small-black", "large-oak")


def test_words_that_are_no_option_choose_nothing() -> None:
    assert choose_option(LINE, FRAMES, "purple", None).chosen is None
    assert choose_option(LINE, FRAMES, "another color", None).chosen is None


def test_the_difference_is_against_what_was_paid_for_all_units() -> None:
    # Two at $24.00 against the $36.00 paid.
    assert choose_option(LINE, FRAMES, "8 x 10", None).difference == 1200
