from collections.abc import Mapping
from dataclasses import replace

from assistant.catalog.customers import Address, Customer, EntryKind, LedgerEntry
from assistant.dialogue.events import ProposalEvent, ToolEvent
from assistant.dialogue.trace import TurnTrace
from assistant.evaluation.records import State
from assistant.evaluation.scorers import judge
from assistant.orders.cart import Cart
from assistant.orders.records import ChangedLine, OrderRecord, RecordedChange, RecordedLine
from tests.assistant.evaluation.small_shop import CLOCK, case, record, turn

HOME = Address("1 Elm Street", "", "Dayton", "OH", "45402", "USA")
ORDER = OrderRecord(
    id="100000001",
    customer_id="900",
    placed_at=CLOCK,
    status="pending",
    address=HOME,
    lines=(RecordedLine(1, "milk", "f-milk", "d", "Milk", 2, 538),),
    ledger=(LedgerEntry(EntryKind.PAYMENT, 538, "visa"),),
    fulfilments=(),
    cancel_reason=None,
    changes=(),
)
CUSTOMER = Customer("900", "A", "B", "a@example.com", HOME, ())


def state(*orders: OrderRecord, customer: Customer = CUSTOMER) -> State:
    return State(Cart((), "USD"), (), orders, customer)


def failed(
    expect: Mapping[str, object], before: State, after: State, **kwargs: object
) -> list[str]:
    """The expectations that do not hold of a turn between two states."""
    events = kwargs.pop("events", ())
    seen = turn(*events, before=before, after=after, **kwargs)  # type: ignore[misc, arg-type]
    verdicts = judge(record(case(dict(expect)), [seen]))
    return [verdict.expectation for verdict in verdicts if not verdict.passed]


def proposal(action: str) -> ProposalEvent:
    return ProposalEvent(
        id="p", action=action, summary="s", parameters={}, expires="2026-01-01T00:00:00+00:00"
    )


def test_proposals_are_counted_and_named() -> None:
    same = state(ORDER)
    cancel = (proposal("cancel_order"),)
    assert failed({"proposes": "cancel_order"}, same, same, events=cancel) == []
    assert failed({"proposes": None}, same, same, events=cancel) == ["proposes"]
    assert failed({"proposes": [None, "cancel_order"]}, same, same, events=cancel) == []
    twice = (proposal("cancel_order"), proposal("cancel_order"))
    assert failed({"proposes": "cancel_order"}, same, same, events=twice) == ["proposes"]


def test_a_change_of_the_stored_order_counts_whatever_was_said() -> None:
    cancelled = state(replace(ORDER, status="cancelled"))
    assert failed({"no_changes": True}, state(ORDER), cancelled) == ["no_changes"]
    assert failed({"changes_orders": ["100000001"]}, state(ORDER), cancelled) == []
    assert failed({"changes_orders": []}, state(ORDER), cancelled) == ["changes_orders"]


def test_a_moved_customer_is_a_change() -> None:
    moved = replace(CUSTOMER, address=replace(HOME, line1="2 Oak Street"))
    after = state(ORDER, customer=moved)
    assert failed({"no_changes": True}, state(ORDER), after) == ["no_changes"]
    assert failed({"home_words": ["2 Oak Street"]}, state(ORDER), after) == []
    assert failed({"home_words": ["1 Elm Street"]}, state(ORDER), after) == ["home_words"]


def test_each_stated_part_of_an_order_is_compared() -> None:
    same = state(ORDER)
    held = {"status": "pending", "products": ["milk"], "address_words": ["Elm"], "paid_by": "visa"}
    assert failed({"order_states": {"100000001": held}}, same, same) == []
    for part, wrong in {
        "status": "cancelled", "products": ["bread"], "address_words": ["Oak"], "paid_by": "paypal",
    }.items():  # fmt: skip
        rule = {"order_states": {"100000001": {part: wrong}}}
        assert failed(rule, same, same) == ["order_states"], part
    assert failed({"order_states": {"7": {}}}, same, same) == ["order_states"]


def test_returned_and_exchanged_products_are_those_of_the_committed_change() -> None:
    line = ChangedLine(1, 1, "milk", 269, "bananas", 99)
    change = RecordedChange("p", "exchange_items", None, "visa", -170, (line,))
    after = state(replace(ORDER, changes=(change,)))
    right = {"order_states": {"100000001": {"returns": ["milk"], "exchanges": ["bananas"]}}}
    assert failed(right, state(ORDER), after) == []
    wrong = {"order_states": {"100000001": {"exchanges": ["milk"]}}}
    assert failed(wrong, state(ORDER), after) == ["order_states"]


def test_a_placed_order_is_the_one_that_was_not_there_before() -> None:
    rule = {"places_order": {"products": {"milk": 2}, "paid_by": "visa"}}
    assert failed(rule, state(), state(ORDER)) == []
    assert failed(rule, state(ORDER), state(ORDER)) == ["places_order"]
    assert failed({"places_order": None}, state(), state(ORDER)) == ["places_order"]
    other = {"places_order": {"products": {"milk": 1}}}
    assert failed(other, state(), state(ORDER)) == ["places_order"]


def test_refusals_and_questions_are_read_from_tools_and_trace() -> None:
    same = state(ORDER)
    refused = (ToolEvent(name="propose", arguments={"section": "Returns"}, ok=False),)
    assert failed({"refuses": "Returns"}, same, same, events=refused) == []
    assert failed({"refuses": "Exchanges"}, same, same, events=refused) == ["refuses"]
    asked = TurnTrace(asks_for="address")
    assert failed({"asks_for": "address"}, same, same, trace=asked) == []
    assert failed({"asks_for": "payment"}, same, same, trace=asked) == ["asks_for"]
