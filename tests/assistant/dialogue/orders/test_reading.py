import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dialogue.orders.reading import read_wishes


def aims(text: str) -> list[str]:
    return [wish.aim for wish in read_wishes(text).wishes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cancel order 2626942", ["cancel_order"]),
        ("I'd like to send the mug back", ["return_items"]),
        ("can I exchange the socks for L?", ["exchange_items"]),
        ("change the frame in my order to black", ["change_items"]),
        ("send my order to work", ["change_address"]),
        ("my default address is 5 Elm Street, Dayton, OH 45402", ["change_default_address"]),
        ("pay my order with the visa instead", ["change_payment"]),
        ("check out", ["place_order"]),
        ("how much is left on my gift card?", ["gift_card_balance"]),
        ("when do I get my refund?", ["refund_status"]),
    ],
)
def test_each_action_is_read_from_plain_words(text: str, expected: list[str]) -> None:
    assert aims(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "cancel my newsletter",
        "can I cancel an order?",
        "can i bring back an unopened box of cereal",
        "how do I return something",
        "did you cancel my order?",
        "I returned from a trip",
        "add milk and bread to my cart",
        "show me black frames",
        "send me coffee deals",
        "make it three",
        "cancel household 12's last order",
        "return another customer's order to my card",
    ],
)
def test_near_misses_are_no_wishes_and_are_left_whole(text: str) -> None:
    heard = read_wishes(text)
    assert heard.wishes == ()
    assert heard.rest == text


def test_a_denied_action_is_no_wish() -> None:
    heard = read_wishes("please don't cancel my order")
    assert heard.wishes == ()
    assert heard.denied


def test_two_wishes_of_one_message_come_apart_with_the_reason_at_its_own() -> None:
    text = (
        "cancel the cereal order, I ordered it by mistake, and send the other one to my new address"
    )
    first, second = read_wishes(text).wishes
    assert (first.aim, first.reason) == ("cancel_order", "I ordered it by mistake")
    assert (second.aim, second.other, second.address) == ("change_address", True, "my new address")


def test_a_reason_that_comes_first_names_the_order() -> None:
    (wish,) = read_wishes("I don't need order 2626450 anymore, cancel it").wishes
    assert wish.order_id == "2626450"
    assert wish.reason == "I don't need order 2626450 anymore"


def test_a_typed_address_is_kept_whole_and_its_commas_cut_nothing() -> None:
    (wish,) = read_wishes("ship order 2627127 to 9 Bell Lane, Apt 4, Wexcombe, PA 00309").wishes
    assert wish.order_id == "2627127"
    assert wish.address == "9 Bell Lane, Apt 4, Wexcombe, PA 00309"


def test_where_the_cart_goes_belongs_to_the_order_that_is_placed() -> None:
    (wish,) = read_wishes("order everything in my cart and send it to work").wishes
    assert (wish.aim, wish.address) == ("place_order", "work")


def test_what_else_a_message_asks_is_left_to_be_understood() -> None:
    heard = read_wishes("cancel order 2626450 and show me my orders")
    assert [wish.aim for wish in heard.wishes] == ["cancel_order"]
    assert heard.rest == "show me my orders"


def test_a_change_that_names_no_order_may_be_about_the_cart() -> None:
    assert read_wishes("swap the milk for cream").unsure
    assert not read_wishes("swap the frame in my order for a black one").unsure


@given(st.text(max_size=300))
def test_any_text_is_read_without_failing_and_wishes_hold_only_its_words(text: str) -> None:
    for wish in read_wishes(text).wishes:
        words = f"{wish.what} {wish.into}".replace("ADDRESS", "").split()
        assert all(word in text for word in words)
