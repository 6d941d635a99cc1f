"""Conversations on the server."""

import pytest

from assistant.catalog.database import Database
from assistant.dialogue.context import Context
from assistant.dialogue.conversations import ConversationLog, TurnState
from assistant.dialogue.events import DoneEvent, TextEvent
from assistant.errors import BadInput
from tests.assistant.little_shop import STORE


@pytest.fixture
def log(database: Database) -> ConversationLog:
    return ConversationLog(database, STORE.name)


def test_a_conversation_belongs_to_who_began_it(log: ConversationLog) -> None:
    log.open("talk", "900")
    assert log.open("talk", "900").shopper_id == "900"
    for other in ("901", None):
        with pytest.raises(BadInput, match="another sign-in"):
            log.open("talk", other)


def test_a_second_message_waits_for_the_first_answer(log: ConversationLog) -> None:
    conversation = log.open(None, None)
    log.begin_turn(conversation, "one")
    with pytest.raises(BadInput, match="still being answered"):
        log.begin_turn(conversation, "two")
    log.end_turn(conversation, 1, TurnState.DONE, Context())
    assert log.begin_turn(conversation, "two") == 2


def test_the_log_goes_on_counting_over_turns(log: ConversationLog) -> None:
    conversation = log.open(None, None)
    log.append(conversation, 1, [TextEvent(delta="a"), TextEvent(delta="b")])
    log.append(conversation, 2, [TextEvent(delta="c")])
    assert [(entry.seq, entry.turn) for entry in log.events(conversation)] == [
        (1, 1), (2, 1), (3, 2),
    ]  # fmt: skip
    assert [entry.seq for entry in log.events(conversation, after=2)] == [3]


def test_a_turn_without_a_context_leaves_the_one_before_in_force(log: ConversationLog) -> None:
    conversation = log.open(None, None)
    log.begin_turn(conversation, "one")
    log.end_turn(conversation, 1, TurnState.DONE, Context(touched="m1"))
    log.begin_turn(conversation, "two")
    log.end_turn(conversation, 2, TurnState.INTERRUPTED, None)
    assert log.context(conversation).touched == "m1"


def test_turns_of_a_stopped_process_are_closed_once(log: ConversationLog) -> None:
    conversation = log.open(None, None)
    log.begin_turn(conversation, "one")
    assert log.close_interrupted() == 1
    assert log.close_interrupted() == 0
    last = log.events(conversation)[-1].event
    assert isinstance(last, DoneEvent) and last.degraded == ("interrupted",)
    assert log.turns(conversation)[0].state is TurnState.INTERRUPTED


def test_the_latest_conversation_of_a_shopper_is_found_again(log: ConversationLog) -> None:
    assert log.latest("900") is None
    log.open("first", "900")
    log.open("second", "900")
    log.open("other", "901")
    found = log.latest("900")
    assert found is not None and found.id == "second"
