"""The printed events, the project's schema of them, and the contract that others rely on."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import BaseModel, ValidationError

from assistant.dialogue.event_schema import SCHEMA_FILE, event_schema
from assistant.dialogue.events import (
    CartEvent,
    DoneEvent,
    HandoffEvent,
    Line,
    OrderItem,
    OrdersEvent,
    ProductItem,
    ProductsEvent,
    ProposalEvent,
    Reason,
    SummaryEvent,
    TextEvent,
    ToolEvent,
    printed_events,
    turn_events,
)
from assistant.recommend.scenarios import Objective

CONTRACT = Path(__file__).parents[4] / "shared" / "contract" / "events.schema.json"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
formats = FormatChecker(formats=())


@formats.checks("date-time")
def is_time(value: object) -> bool:
    return not isinstance(value, str) or TIME.fullmatch(value) is not None


MILK = ProductItem(
    id="m1",
    title="Milk, 1 gal",
    price=249,
    currency="USD",
    scores={"purchase": 0.25, "revenue": 62.25},
    why=(Reason(text="You buy it every week.", order_ids=("1001", "1002")),),
)
LINE = Line(product_id="m1", title="Milk, 1 gal", quantity=2, total=498)
ORDER = OrderItem(
    id="1001",
    status="delivered",
    placed_at="2020-04-09T12:00:00-04:00",
    total=498,
    currency="USD",
    lines=(LINE,),
)
EXAMPLES: tuple[BaseModel, ...] = (
    TextEvent(delta="Here is milk."),
    ToolEvent(name="find_products", arguments={"query": "milk", "max_price": 300}, ok=True),
    ProductsEvent(items=(MILK,)),
    ProductsEvent(items=(ProductItem(id="b1", title="Bread", price=0, currency="USD"),)),
    ProductsEvent(items=()),
    OrdersEvent(items=(ORDER,)),
    CartEvent(items=(LINE,), total=498, currency="USD"),
    CartEvent(items=(), total=0, currency="USD"),
    ProposalEvent(
        id="p1",
        action="cancel_order",
        summary="Cancel order 1001",
        parameters={"order_id": "1001"},
        expires="2020-05-01T16:10:00+00:00",
    ),
    HandoffEvent(reason="asked for a person"),
    DoneEvent(
        conversation="c1",
        seconds=1.5,
        usage={"input_tokens": 10},
        prompts={"reply": "0123456789ab"},
        adapters={},
        degraded=("model",),
    ),
    SummaryEvent(suites={"find": {"cases": 1, "passed": 1}}, verdict="the same"),
    SummaryEvent(suites={}),
)
MINIMAL = (
    '{"type": "text", "delta": "a"}',
    '{"type": "tool", "name": "", "arguments": {}, "ok": false}',
    '{"type": "products", "items": []}',
    '{"type": "products", "items": [{"id": "1", "title": "ab", "price": 0, "currency": "USD",'
    ' "scores": {}, "why": [{"text": "abc", "order_ids": []}]}]}',
    '{"type": "orders", "items": [{"id": "", "status": "", "placed_at": "2020-05-01T02:30:00Z",'
    ' "total": 0, "currency": "USD", "lines": []}]}',
    '{"type": "cart", "items": [{"product_id": "", "title": "", "quantity": 1, "total": 0}],'
    ' "total": 0, "currency": "USD"}',
    '{"type": "proposal", "id": "", "action": "", "summary": "", "parameters": {},'
    ' "expires": "2020-05-01T02:30:00+00:00"}',
    '{"type": "handoff", "reason": ""}',
    '{"type": "summary", "suites": {}}',
    '{"type": "done", "conversation": "", "seconds": 0, "usage": {}, "prompts": {},'
    ' "adapters": {}, "degraded": []}',
)

minor = st.integers(0, 10**9)
currencies = st.from_regex("[A-Z]{3}", fullmatch=True)
probabilities = st.floats(0, 1)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(timezones=offsets).map(datetime.isoformat)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.text(), json_values, max_size=3)
names = st.dictionaries(st.text(), st.text(), max_size=3)
scores = st.fixed_dictionaries(
    {},
    optional={
        "purchase": probabilities,
        "revenue": st.floats(0, 1e9),
        "discovery": probabilities,
        "private_label": probabilities,
        "discount": probabilities,
    },
)
reasons = st.builds(Reason, text=st.text(min_size=3), order_ids=st.lists(st.text(), max_size=3))
products = st.builds(
    ProductItem,
    id=st.text(min_size=1),
    title=st.text(min_size=2),
    price=minor,
    currency=currencies,
    scores=scores,
    why=st.lists(reasons, max_size=2),
)
lines = st.lists(st.builds(Line, quantity=st.integers(1, 99), total=minor), max_size=3)
orders = st.builds(OrderItem, placed_at=times, total=minor, currency=currencies, lines=lines)
events = st.one_of(
    st.builds(TextEvent, delta=st.text(min_size=1)),
    st.builds(ToolEvent, arguments=objects),
    st.builds(ProductsEvent, items=st.lists(products, max_size=3)),
    st.builds(OrdersEvent, items=st.lists(orders, max_size=3)),
    st.builds(CartEvent, items=lines, total=minor, currency=currencies),
    st.builds(ProposalEvent, parameters=objects, expires=times),
    st.builds(HandoffEvent),
    st.builds(
        DoneEvent,
        seconds=st.floats(0, 1e6),
        usage=st.dictionaries(st.text(), st.integers(), max_size=3),
        prompts=names,
        adapters=names,
    ),
    st.builds(SummaryEvent, suites=objects, verdict=st.none() | st.text()),
)


def validator(schema: str) -> Callable[[str], None]:
    """Return a function that raises for a printed line that the schema does not allow."""
    checked = json.loads(schema)
    Draft202012Validator.check_schema(checked)
    validate = Draft202012Validator(checked, format_checker=formats).validate
    return lambda line: validate(json.loads(line, parse_constant=no_json))


def no_json(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")


@pytest.fixture(scope="module")
def own() -> Callable[[str], None]:
    return validator(event_schema())


@pytest.fixture(scope="module")
def contract() -> Callable[[str], None]:
    if not CONTRACT.is_file():
        pytest.skip("the shared contract is not beside this checkout")
    return validator(CONTRACT.read_text(encoding="utf-8"))


def kind(example: BaseModel | str) -> str:
    line = example if isinstance(example, str) else example.model_dump_json()
    return str(json.loads(line)["type"])


def test_the_committed_schema_is_that_of_the_event_types() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == event_schema(), (
        "the event types have changed; write their schema again with "
        "`python -m assistant.dialogue.event_schema`"
    )


def test_there_is_an_example_of_every_event() -> None:
    defined = json.loads(event_schema())["discriminator"]["mapping"]
    assert {kind(example) for example in EXAMPLES} == set(defined)
    assert {kind(example) for example in MINIMAL} == set(defined)


@pytest.mark.parametrize("example", EXAMPLES, ids=kind)
def test_an_example_fits_its_schema_and_reads_back(
    example: BaseModel, own: Callable[[str], None]
) -> None:
    line = example.model_dump_json()
    own(line)
    assert printed_events.validate_json(line) == example


@pytest.mark.parametrize("example", EXAMPLES, ids=kind)
def test_an_example_fits_the_contract(example: BaseModel, contract: Callable[[str], None]) -> None:
    contract(example.model_dump_json())


@given(event=events)
def test_any_event_fits_its_schema(event: BaseModel, own: Callable[[str], None]) -> None:
    own(event.model_dump_json())


@given(event=events)
def test_any_event_fits_the_contract(event: BaseModel, contract: Callable[[str], None]) -> None:
    contract(event.model_dump_json())


@pytest.mark.parametrize("line", MINIMAL, ids=kind)
def test_the_least_that_the_contract_allows_is_understood(line: str) -> None:
    assert printed_events.validate_json(line).type == kind(line)


@pytest.mark.parametrize("line", MINIMAL, ids=kind)
def test_the_least_that_the_contract_allows_is_that(
    line: str, contract: Callable[[str], None]
) -> None:
    contract(line)


def test_a_line_that_is_no_event_is_refused(own: Callable[[str], None]) -> None:
    for line in ('{"type": "text"}', '{"type": "weather", "delta": "sun"}', '{"delta": "a"}'):
        with pytest.raises(ValidationError):
            printed_events.validate_json(line)


def test_a_summary_is_no_part_of_a_turn() -> None:
    with pytest.raises(ValidationError):
        turn_events.validate_json('{"type": "summary", "suites": {}}')


@pytest.mark.parametrize(
    "changed",
    [
        {"price": -1},
        {"price": 2.49},
        {"currency": "usd"},
        {"title": "M"},
        {"scores": {"purchase": 1.01}},
        {"scores": {"revenue": -1.0}},
        {"scores": {"discount": float("nan")}},
        {"scores": {"luck": 0.5}},
        {"colour": "white"},
    ],
)
def test_a_card_with_an_impossible_value_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ProductItem.model_validate(MILK.model_dump() | changed)


@pytest.mark.parametrize("time", ["yesterday", "2020-05-01", "2020-05-01T16:00:00"])
def test_a_time_without_its_offset_is_refused(time: str) -> None:
    with pytest.raises(ValidationError):
        OrderItem.model_validate(ORDER.model_dump() | {"placed_at": time})


def test_a_card_may_be_scored_by_every_objective() -> None:
    scored = ProductItem.model_validate(
        MILK.model_dump() | {"scores": dict.fromkeys(Objective, 0.5)}
    )
    assert set(scored.scores) == {objective.value for objective in Objective}


def test_a_time_in_utc_is_printed_with_its_offset() -> None:
    assert is_time(datetime(2020, 5, 1, 16, tzinfo=UTC).isoformat())
    assert not is_time(datetime(2020, 5, 1, 16).isoformat())
