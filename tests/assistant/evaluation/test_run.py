import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assistant.dialogue.conversations import Conversation, TurnState
from assistant.dialogue.events import TextEvent, TurnEvent
from assistant.dialogue.trace import TurnTrace
from assistant.errors import ModelUnavailable
from assistant.evaluation.cases import Case
from assistant.evaluation.run import AT_ONCE, Bench, run_case, run_cases
from assistant.evaluation.scorers import judge
from tests.assistant.evaluation.small_shop import STORE, SmallShop, card, cards, case, done


class CannedAssistant:
    """Adds milk for "add", fails for "down" and "bug", and shows bananas for anything else."""

    def __init__(self, shop: SmallShop) -> None:
        self._shop = shop
        self.running = 0
        self.most_at_once = 0
        self.together: asyncio.Barrier | None = None

    async def reply(self, conversation: Conversation, text: str) -> AsyncIterator[TurnEvent]:
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            if self.together is not None:
                await self.together.wait()
            async for event in self._events(conversation, text):
                yield event
        finally:
            self.running -= 1

    async def _events(self, conversation: Conversation, text: str) -> AsyncIterator[TurnEvent]:
        number = self._shop.log.begin_turn(conversation, text)
        await asyncio.sleep(0)
        if text == "down":
            raise ModelUnavailable("the engine is down")
        if text == "bug":
            raise KeyError("x")
        if text == "add":
            self._shop.carts.add(f"shopper:{conversation.shopper_id}", "milk", 1)
        yield cards(card("bananas"))
        yield TextEvent(delta="Bananas.")
        trace = TurnTrace(asked_back=text == "ask")
        self._shop.log.end_turn(conversation, number, TurnState.DONE, None, trace)
        yield done()


@pytest.fixture
def shop(tmp_path: Path) -> SmallShop:
    return SmallShop(tmp_path)


@pytest.fixture
def canned(shop: SmallShop) -> CannedAssistant:
    return CannedAssistant(shop)


@pytest.fixture
def bench(shop: SmallShop, canned: CannedAssistant) -> Bench:
    return Bench(canned.reply, shop.log, shop.carts, shop.orders, shop.facts, STORE)


def said(*messages: str, id_: str = "find-001", **fields: object) -> Case:
    turns = [{"user": message, "expect": {}} for message in messages]
    return case(id_=id_, turns=turns, **fields)


async def test_each_turn_keeps_its_events_trace_and_state(bench: Bench) -> None:
    record = await run_case(bench, said("add", "ask"))
    first, second = record.turns
    assert [line.product_id for line in first.after.cart.lines] == ["milk"]
    assert first.before.cart.lines == () and second.before == first.after
    assert not first.trace.asked_back and second.trace.asked_back
    assert [order.id for order in first.before.orders] == ["100000002", "100000001"]
    assert all(verdict.passed for verdict in judge(record))


async def test_facts_come_from_the_database(bench: Bench) -> None:
    facts = (await run_case(bench, said("add"))).facts
    assert set(facts.products) == {"bananas", "milk"}
    assert facts.bought_families == {"f-milk", "f-bananas"}
    assert facts.promoted == {"chips"}
    assert (await run_case(bench, said("hi", shopper=None))).facts.orders == {}


async def test_cart_starts_as_the_case_states_whatever_was_in_it(bench: Bench) -> None:
    await run_case(bench, said("add"))
    start = [{"product_id": "bananas", "quantity": 3}]
    record = await run_case(bench, said("hi", cart=start))
    assert [(x.product_id, x.quantity) for x in record.turns[0].before.cart.lines] == [
        ("bananas", 3)
    ]


@pytest.mark.parametrize(
    ("message", "words"), [("down", "ModelUnavailable: the engine"), ("bug", "bug: KeyError")]
)
async def test_an_error_ends_its_case_and_is_recorded(
    bench: Bench, message: str, words: str
) -> None:
    record = await run_case(bench, said(message, "hi"))
    assert len(record.turns) == 1 and record.turns[0].crash.startswith(words)


async def test_a_bug_in_one_case_does_not_stop_the_others(bench: Bench) -> None:
    cases = [said("bug", id_="find-001"), said("hi", id_="find-002")]
    records = await run_cases(bench, cases, 1, lambda: None)
    assert [bool(record.turns[0].crash) for record in records] == [True, False]


async def test_four_guests_are_served_at_a_time(bench: Bench, canned: CannedAssistant) -> None:
    # With fewer at once nobody would pass the barrier, with more the count would tell.
    canned.together = asyncio.Barrier(AT_ONCE)
    guests = [said("hi", id_=f"find-{n:03d}", shopper=None) for n in range(2 * AT_ONCE)]
    await asyncio.wait_for(run_cases(bench, guests, 1, lambda: None), 20)
    assert canned.most_at_once == AT_ONCE


async def test_cases_of_one_shopper_never_run_together(
    bench: Bench, canned: CannedAssistant
) -> None:
    ended: list[int] = []
    mine = [said("add", id_=f"cart-{n:03d}") for n in range(4)]
    records = await run_cases(bench, mine, 2, lambda: ended.append(1))
    assert canned.most_at_once == 1
    assert len(records) == len(ended) == 8
    assert [record.repeat for record in records[:4]] == [0, 1, 0, 1]
    assert {len(record.turns[0].after.cart.lines) for record in records} == {1}
