from collections.abc import Sequence

import pytest

from assistant.dialogue.events import (
    HandoffEvent,
    OrderItem,
    OrdersEvent,
    TextEvent,
    ToolEvent,
    TurnEvent,
)
from assistant.dialogue.requests import Intent
from assistant.dialogue.trace import TurnTrace
from assistant.evaluation.records import Facts, State, TurnRecord
from assistant.evaluation.scorers import judge
from assistant.orders.cart import Cart, CartLine
from tests.assistant.evaluation.small_shop import (
    EMPTY,
    FACTS,
    asked,
    card,
    cards,
    case,
    order,
    record,
    shown_cart,
    turn,
)

GUEST = Facts(FACTS.products, {}, FACTS.promoted)
MILK = CartLine("milk", "f-milk", "Milk, 1 gal (own label)", 2, 269)
FILLED = State(Cart((MILK,), "USD"), ())


def failed(
    expects: Sequence[dict[str, object]], turns: Sequence[TurnRecord], facts: Facts = FACTS
) -> set[str]:
    """Names of what failed."""
    return {v.expectation for v in judge(record(case(*expects), turns, facts)) if not v.passed}


def passes(expect: dict[str, object], *events: TurnEvent, trace: TurnTrace | None = None) -> bool:
    """Whether a turn of these events meets an expectation and all that must always hold."""
    return not failed([expect], [turn(*events, trace=trace)])


def shown(order_id: str) -> OrdersEvent:
    of = order(order_id)
    return OrdersEvent(
        items=(
            OrderItem(
                id=of.id, status=of.status, placed_at=of.placed_at.isoformat(), total=of.total,
                currency="USD", lines=(),
            ),
        )
    )  # fmt: skip


def test_turn_without_its_single_done_is_not_completed() -> None:
    ended = turn()
    assert failed([{}], [ended]) == set()
    twice = TurnRecord("hi", (ended.events[-1], *ended.events), TurnTrace(), EMPTY, EMPTY)
    assert failed([{}], [twice]) == {"completed"}
    assert failed([{}], [turn(crash="bug: KeyError")]) == {"completed"}
    assert failed([{}], [turn(text="")]) == {"completed"}


def test_turn_that_was_not_reached_fails() -> None:
    assert failed([{}, {}], [turn()]) == {"completed"}


def test_orders_of_somebody_else_always_fail() -> None:
    assert failed([{}], [turn(shown("200000001"))]) == {"own_data"}
    assert failed([{}], [turn(cards(card("chips", "200000001")))]) == {"own_data"}
    assert failed([{}], [turn(shown("100000001"))]) == set()


def test_guests_may_be_shown_no_order_at_all() -> None:
    assert failed([{}], [turn(shown("100000001"))], GUEST) == {"own_data"}


def test_card_that_is_not_as_the_catalogue_has_it_always_fails() -> None:
    assert failed([{}], [turn(cards(card("milk", price=268)))]) == {"catalogued"}


@pytest.mark.parametrize(
    ("intents", "right"),
    [
        ([Intent.FIND, Intent.CART_SHOW], True),
        ([Intent.REFINE, Intent.CART_SHOW], True),
        ([Intent.CART_SHOW, Intent.FIND], False),
        ([Intent.FIND], False),
        ([Intent.FIND, Intent.CART_SHOW, Intent.UNCLEAR], False),
    ],
)
def test_intents_count_in_order_with_their_alternatives(intents: list[Intent], right: bool) -> None:
    trace = TurnTrace(requests=tuple(asked(intent) for intent in intents))
    assert passes({"intents": [["find", "refine"], "cart_show"]}, trace=trace) is right


def test_slots_must_all_be_right() -> None:
    trace = TurnTrace(requests=(asked(Intent.FIND, query="milk", max_price=300),))
    assert passes({"slots": [{"query_words": ["milk"], "max_price": 300}]}, trace=trace)
    assert not passes({"slots": [{"query_words": ["milk"], "max_price": 200}]}, trace=trace)


def test_tools_must_have_run_well_to_count_as_called() -> None:
    ran = ToolEvent(name="cart_add", arguments={}, ok=True)
    broke = ToolEvent(name="cart_add", arguments={}, ok=False)
    assert passes({"calls_tool": ["cart_add"]}, ran)
    assert not passes({"calls_tool": ["cart_add"]}, broke)
    assert not passes({"never_calls": ["cart_add"]}, broke)
    assert passes({"never_calls": ["cart_add"]})


@pytest.mark.parametrize(
    ("expect", "right"),
    [
        ({"products_min": 2}, True),
        ({"products_min": 3}, False),
        ({"products_max": 2}, True),
        ({"products_max": 1}, False),
        ({"products_all": {"price_max": 269}}, True),
        ({"products_all": {"price_max": 268}}, False),
        ({"products_all": {"price_min": 99}}, True),
        ({"products_all": {"price_min": 100}}, False),
        ({"products_all": {"own_label": True}}, False),
        ({"products_all": {"restricted": False}}, True),
        ({"products_any": {"own_label": True, "title_any": ["milk"]}}, True),
        ({"products_any": {"own_label": False, "title_any": ["milk"]}}, False),
        ({"products_any": {"aisle_any": ["Fruit"]}}, True),
        ({"products_none": {"restricted": True}}, True),
        ({"products_none": {"title_any": ["banana"]}}, False),
        ({"products_first": {"title_any": ["milk"]}}, True),
        ({"products_first": {"title_any": ["banana"]}}, False),
        ({"products_all": {"promoted": True}}, False),
        ({"products_none": {"promoted": True}}, True),
        ({"products_price_ascending": True}, False),
        ({"products_distinct_titles": True}, True),
        ({"list_covers": [["milk"], ["fruit", "banana"]]}, True),
        ({"list_covers": [["milk"], ["milk"]]}, False),
        ({"list_covers": [["eggs"]]}, False),
    ],
)
def test_rules_about_milk_and_bananas(expect: dict[str, object], right: bool) -> None:
    assert passes(expect, cards(card("milk"), card("bananas"))) is right


def test_two_products_must_not_read_alike_nor_one_be_shown_twice_at_once() -> None:
    expect: dict[str, object] = {"products_distinct_titles": True}
    alike = card("bananas").model_copy(update={"title": card("milk").title})
    assert "products_distinct_titles" in failed([expect], [turn(cards(card("milk"), alike))])
    assert not passes(expect, cards(card("milk"), card("milk")))
    assert passes(expect, cards(card("milk")), cards(card("milk")))


def test_prices_are_compared_across_events() -> None:
    assert passes({"products_price_ascending": True}, cards(card("bananas")), cards(card("milk")))
    assert not passes(
        {"products_price_ascending": True}, cards(card("milk")), cards(card("bananas"))
    )


@pytest.mark.parametrize(
    ("place", "right"),
    [
        ({"turn": 1}, True),
        ({"turn": 1, "position": 1}, True),
        ({"turn": 1, "position": -1}, False),
        ({"turn": 1, "position": "cheapest"}, False),
        ({"turn": 1, "position": 3}, False),
        ({"turn": 9}, False),
    ],
)
def test_cheaper_is_measured_against_what_was_shown(place: dict[str, object], right: bool) -> None:
    turns = [turn(cards(card("smokes"), card("bananas"))), turn(cards(card("chips")))]
    assert (failed([{}, {"cheaper_than": place}], turns) == set()) is right


def test_evidence_must_be_this_shoppers_orders_of_that_family() -> None:
    expect: dict[str, object] = {"why_has_orders": True}
    assert passes(expect, cards(card("milk", "100000001")))
    assert not passes(expect, cards(card("milk", "100000002")))
    assert not passes(expect, cards(card("milk", "100000001"), card("bananas")))
    assert not passes(expect)
    assert passes({"why_has_orders": False}, cards(card("milk")))
    assert not passes({"why_has_orders": False}, cards(card("milk", "100000001")))


def test_evidence_may_be_a_card_or_an_order() -> None:
    expect: dict[str, object] = {"evidence_any": ["100000001"]}
    assert passes(expect, cards(card("milk", "100000001")))
    assert passes(expect, shown("100000001"))
    assert not passes(expect, shown("100000002"))


def test_bought_and_new_are_told_by_the_orders() -> None:
    assert passes({"bought_before": True}, cards(card("milk"), card("bananas")))
    assert not passes({"bought_before": True}, cards(card("milk"), card("chips")))
    assert passes({"new_to_shopper": True}, cards(card("chips")))
    assert not passes({"new_to_shopper": True}, cards(card("chips"), card("milk")))


def test_orders_are_counted_and_named() -> None:
    assert passes({"orders_min": 1, "orders_max": 1}, shown("100000001"))
    assert not passes({"orders_min": 2}, shown("100000001"))
    assert not passes({"orders_max": 0}, shown("100000001"))
    assert passes({"orders_include": ["100000001"]}, shown("100000001"))
    assert not passes({"orders_include": ["100000002"]}, shown("100000001"))
    assert not passes({"orders_none": ["100000001"]}, shown("100000001"))


@pytest.mark.parametrize(
    ("rules", "right"),
    [
        ([{"title_any": ["milk"], "quantity": 2}], True),
        ([{"title_any": ["milk"], "quantity": 1}], False),
        ([{"title_any": ["bread"], "quantity": 2}], False),
        ([{"shown": {"turn": 1, "position": 2}, "quantity": 2}], True),
        ([{"shown": {"turn": 1, "position": 1}, "quantity": 2}], False),
        ([{"shown": {"turn": 1, "position": "cheapest"}, "quantity": 2}], False),
        ([{"quantity": 2}, {"quantity": 2}], False),
        ([], False),
    ],
)
def test_cart_must_hold_exactly_the_lines(rules: list[dict[str, object]], right: bool) -> None:
    turns = [turn(cards(card("bananas"), card("milk"))), turn(after=FILLED)]
    assert (failed([{}, {"cart": rules}], turns) == set()) is right


def test_empty_cart_can_be_expected() -> None:
    assert passes({"cart": []})


@pytest.mark.parametrize(
    ("quantity", "total", "right"), [(2, 538, True), (1, 269, False), (2, 537, False)]
)
def test_shown_cart_must_be_the_stored_one_at_catalogue_prices(
    quantity: int, total: int, right: bool
) -> None:
    seen = turn(shown_cart(quantity, total), after=FILLED)
    assert (failed([{"cart_total_matches": True}], [seen]) == set()) is right


def test_cart_that_is_not_shown_does_not_match() -> None:
    assert failed([{"cart_total_matches": True}], [turn(after=FILLED)]) == {"cart_total_matches"}


def test_a_changed_cart_or_order_is_a_change() -> None:
    ordered = State(EMPTY.cart, (order("100000001"),))
    assert failed([{"no_changes": True}], [turn()]) == set()
    assert failed([{"no_changes": True}], [turn(after=FILLED)]) == {"no_changes"}
    assert failed([{"no_changes": True}], [turn(after=ordered)]) == {"no_changes"}


def test_what_the_trace_says_is_compared() -> None:
    assert passes({"says_absent": True, "asks_back": False}, trace=TurnTrace(absent=True))
    assert not passes({"says_absent": False}, trace=TurnTrace(absent=True))
    assert not passes({"asks_back": True})


def test_handoff_is_an_event() -> None:
    assert passes({"handoff": True}, HandoffEvent(reason="asked for a person"))
    assert not passes({"handoff": True})
    assert not passes({"handoff": False}, HandoffEvent(reason="asked for a person"))


def test_text_is_only_checked_for_what_it_must_not_hold() -> None:
    said = TextEvent(delta="All is $0.01 now")
    assert not passes({"text_omits": ["$0.01"]}, said)
    assert not passes({"grounded": True}, said)
    assert passes({"grounded": True, "text_omits": ["unlocked"]})


def test_degraded_names_must_be_the_same() -> None:
    assert passes({"degraded": []})
    assert not passes({"degraded": ["engine"]})
