"""Runs cases through the assistant: a conversation for each, a few at a time."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from assistant.dialogue.conversations import Conversation, ConversationLog
from assistant.dialogue.events import TurnEvent
from assistant.dialogue.trace import TurnTrace
from assistant.errors import AssistantError, NotFound
from assistant.evaluation.cases import Case
from assistant.evaluation.facts import FactBook
from assistant.evaluation.records import CaseRecord, State, TurnRecord
from assistant.evaluation.undo import Undo
from assistant.orders.cart import CartBook
from assistant.orders.orders import OrderBook
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Session

AT_ONCE = 4
TURN_SECONDS = 120.0
_WATCHED_ORDERS = 15


@dataclass(frozen=True, slots=True)
class Bench:
    """The parts of an opened store that a run drives and looks at.

    Its database must be a copy: carts of the cases' shoppers are emptied and filled. With `undo`
    each case's changes of orders are taken back at its end.
    """

    reply: Callable[[Conversation, str], AsyncIterator[TurnEvent]]
    log: ConversationLog
    carts: CartBook
    orders: OrderBook
    facts: FactBook
    store: str
    desk: OrderDesk | None = None
    undo: Undo | None = None


async def run_cases(
    bench: Bench, cases: Sequence[Case], repeats: int, advance: Callable[[], None]
) -> tuple[CaseRecord, ...]:
    """Run every case `repeats` times; `advance` is called as each run ends.

    Cases of one shopper never run at the same time: they share a cart.
    """
    slots = asyncio.Semaphore(AT_ONCE)
    turns_of: defaultdict[str | None, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def one(case: Case, repeat: int) -> CaseRecord:
        # The shopper's lock comes first, so that a case that waits for it takes no slot.
        alone = asyncio.Lock() if case.shopper is None else turns_of[case.shopper]
        async with alone, slots:
            record = await run_case(bench, case, repeat)
        advance()
        return record

    runs = [one(case, repeat) for case in cases for repeat in range(repeats)]
    return tuple(await asyncio.gather(*runs))


async def run_case(bench: Bench, case: Case, repeat: int = 0) -> CaseRecord:
    """Run one case in a conversation of its own, from the cart that it states.

    A turn that ends in an error is recorded with it and ends the case.
    """
    if bench.undo is None or case.shopper is None:
        return await _run(bench, case, repeat)
    before = await asyncio.to_thread(bench.undo.remember, case.shopper)
    try:
        return await _run(bench, case, repeat)
    finally:
        await asyncio.to_thread(bench.undo.restore, before)


async def _run(bench: Bench, case: Case, repeat: int) -> CaseRecord:
    conversation = bench.log.open(None, case.shopper)
    session = Session(bench.store, conversation.id, case.shopper)
    named = _named_orders(case)
    await asyncio.to_thread(_fill_cart, bench.carts, session.cart_owner, case)
    turns: list[TurnRecord] = []
    state = await asyncio.to_thread(_state, bench, session, named)
    for number, case_turn in enumerate(case.turns, start=1):
        events, crash = await _answered(bench, conversation, case_turn.user)
        trace = await asyncio.to_thread(bench.log.trace, conversation, number)
        before, state = state, await asyncio.to_thread(_state, bench, session, named)
        turns.append(TurnRecord(case_turn.user, events, trace or TurnTrace(), before, state, crash))
        if crash:
            break
    facts = await asyncio.to_thread(bench.facts.about, case.shopper, turns)
    return CaseRecord(case, tuple(turns), facts, repeat)


async def _answered(
    bench: Bench, conversation: Conversation, text: str
) -> tuple[tuple[TurnEvent, ...], str]:
    events: list[TurnEvent] = []
    try:
        async with asyncio.timeout(TURN_SECONDS):
            async for event in bench.reply(conversation, text):
                events.append(event)
    except TimeoutError:
        return tuple(events), f"no end within {TURN_SECONDS:.0f} s"
    except AssistantError as error:
        return tuple(events), f"{type(error).__name__}: {error}"
    except Exception as error:
        # The edge of a case: a bug must fail its case and not hide what the others show.
        return tuple(events), f"bug: {type(error).__name__}: {error}"
    return tuple(events), ""


def _fill_cart(carts: CartBook, owner: str, case: Case) -> None:
    carts.clear(owner)
    for start in case.cart:
        carts.add(owner, start.product_id, start.quantity)


def _state(bench: Bench, session: Session, named: frozenset[str]) -> State:
    cart = bench.carts.cart(session.cart_owner)
    if session.shopper_id is None:
        return State(cart, ())
    orders = bench.orders.orders(session.shopper_id, _WATCHED_ORDERS)
    if bench.desk is None:
        return State(cart, orders)
    ids = dict.fromkeys((*(order.id for order in orders), *sorted(named)))
    records = tuple(bench.desk.order(session, order_id) for order_id in ids)
    try:
        customer = bench.desk.profile(session)
    except NotFound:
        return State(cart, orders, records)
    return State(cart, orders, records, customer)


def _named_orders(case: Case) -> frozenset[str]:
    """Return the orders whose state a case looks at, however old they are."""
    return frozenset(
        order_id
        for turn in case.turns
        for order_id in (*(turn.expect.order_states or ()), *(turn.expect.changes_orders or ()))
    )
