from assistant.dialogue.events import Line, OrderItem, OrdersEvent, ToolEvent
from assistant.evaluation.amounts import ungrounded
from tests.assistant.evaluation.small_shop import FACTS, card, cards, shown_cart, turn


def test_prices_of_cards_and_carts_are_grounded() -> None:
    assert ungrounded([turn(cards(card("milk")), text="Milk is $2.69.")], FACTS) == ()
    assert ungrounded([turn(shown_cart(2, 538), text="Two at $2.69 make $5.38.")], FACTS) == ()


def test_an_amount_from_nowhere_is_found() -> None:
    assert ungrounded([turn(cards(card("milk")), text="Milk is $2.70.")], FACTS) == ("$2.70",)


def test_the_shoppers_own_ceiling_may_be_repeated() -> None:
    said = turn(user="snacks under 3 dollars", text="Nothing below $3.00.")
    assert ungrounded([said], FACTS) == ()
    assert ungrounded([turn(user="gum for 40 cents", text="Nothing below $0.40.")], FACTS) == ()


def test_a_filter_that_a_tool_ran_with_may_be_named() -> None:
    ran = ToolEvent(name="find_products", arguments={"max_price": 238}, ok=True)
    assert ungrounded([turn(ran, text="Nothing below $2.38.")], FACTS) == ()


def test_what_was_paid_in_a_cited_order_may_be_told() -> None:
    text = "You paid $5.38, $2.69 each."
    assert ungrounded([turn(cards(card("bananas", "100000001")), text=text)], FACTS) == ()
    assert ungrounded([turn(cards(card("bananas", "100000002")), text=text)], FACTS) != ()


def test_earlier_turns_count() -> None:
    first = turn(cards(card("milk")))
    assert ungrounded([first, turn(text="It was $2.69.")], FACTS) == ()


def test_an_earlier_text_is_no_evidence() -> None:
    assert ungrounded([turn(text="$9.99"), turn(text="As said, $9.99")], FACTS) == ("$9.99",)


def test_order_numbers_must_come_from_events_or_messages() -> None:
    line = Line(product_id="milk", title="Milk", quantity=2, total=538)
    shown = OrdersEvent(
        items=(
            OrderItem(
                id="100000001", status="delivered", placed_at="2017-12-31T23:00:00+00:00",
                total=538, currency="USD", lines=(line,),
            ),
        )
    )  # fmt: skip
    assert ungrounded([turn(shown, text="Order 100000001 came to $5.38, $2.69 each.")], FACTS) == ()
    assert ungrounded([turn(shown, text="Order 100000009.")], FACTS) == ("100000009",)
