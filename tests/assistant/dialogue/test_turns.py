"""Turns as server tasks."""

import asyncio
from collections.abc import Iterator

import pytest

from assistant.dialogue.changes import Changes
from assistant.dialogue.conversations import TurnState
from assistant.dialogue.events import DoneEvent
from assistant.dialogue.turns import TurnRunner
from assistant.errors import BadInput
from tests.assistant.dialogue.conftest import Talk


@pytest.fixture
def runner(talk: Talk) -> Iterator[TurnRunner]:
    made = TurnRunner(talk.assistant, talk.log, Changes())
    yield made
    made.close()


async def _follow(runner: TurnRunner, talk: Talk, after: int = 0) -> list[int]:
    return [logged.seq async for logged in runner.subscribe(talk.conversation, after)]


async def test_a_reader_gets_every_event_once_and_in_order(runner: TurnRunner, talk: Talk) -> None:
    runner.start(talk.conversation, "show me milk")
    seen = await _follow(runner, talk)
    assert seen == list(range(1, len(seen) + 1))
    assert isinstance(talk.log.events(talk.conversation)[-1].event, DoneEvent)


async def test_a_reader_that_comes_back_goes_on_where_it_was(
    runner: TurnRunner, talk: Talk
) -> None:
    runner.start(talk.conversation, "show me milk")
    reader = runner.subscribe(talk.conversation)
    first = await anext(reader)
    await reader.aclose()  # type: ignore[attr-defined]
    rest = await _follow(runner, talk, after=first.seq)
    total = len(talk.log.events(talk.conversation))
    assert rest == list(range(first.seq + 1, total + 1))


async def test_a_reader_that_leaves_does_not_stop_the_turn(runner: TurnRunner, talk: Talk) -> None:
    runner.start(talk.conversation, "show me milk")
    reader = asyncio.create_task(_follow(runner, talk))
    await asyncio.sleep(0)
    reader.cancel()
    await _follow(runner, talk)
    assert talk.log.turns(talk.conversation)[0].state is TurnState.DONE


async def test_stop_closes_the_turn(runner: TurnRunner, talk: Talk) -> None:
    talk.model.enqueue("Here ", "never comes.", gate=asyncio.Event())
    runner.start(talk.conversation, "show me milk")
    while not talk.model.calls:
        await asyncio.sleep(0.01)
    with pytest.raises(BadInput):
        runner.start(talk.conversation, "and pretzels")
    assert runner.stop(talk.conversation)
    await _follow(runner, talk)
    assert talk.log.turns(talk.conversation)[0].state is TurnState.STOPPED
    assert not runner.stop(talk.conversation)


async def test_closing_the_runner_closes_its_turns(runner: TurnRunner, talk: Talk) -> None:
    talk.model.enqueue("Here ", "never comes.", gate=asyncio.Event())
    runner.start(talk.conversation, "show me milk")
    while not talk.model.calls:
        await asyncio.sleep(0.01)
    await asyncio.to_thread(runner.close)
    assert talk.log.turns(talk.conversation)[0].state is TurnState.STOPPED
    assert isinstance(talk.log.events(talk.conversation)[-1].event, DoneEvent)
