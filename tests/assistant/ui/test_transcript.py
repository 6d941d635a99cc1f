from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.desk.drafts import Said
from assistant.desk.handoffs import ALL_KINDS, EntryKind, HandoffBook
from assistant.dialogue.conversations import Conversation, ConversationLog, TurnState, interrupted
from assistant.dialogue.events import ProductItem, ProductsEvent, TextEvent
from assistant.ui.render import Renderer
from assistant.ui.transcript import Records, Transcript
from tests.assistant.catalog.conftest import a_store, fill


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    database.create_all()
    with database.write() as connection:
        fill(connection, "corner")
    yield database
    database.dispose()


@pytest.fixture
def log(database: Database) -> ConversationLog:
    return ConversationLog(database, "corner")


@pytest.fixture
def conversation(log: ConversationLog) -> Conversation:
    return log.open(None, None)


@pytest.fixture
def handoffs(database: Database) -> HandoffBook:
    return HandoffBook(database, "corner")


@pytest.fixture
def transcript(
    database: Database, log: ConversationLog, handoffs: HandoffBook, conversation: Conversation
) -> Transcript:
    records = Records(log, Catalogue(database, "corner"), handoffs, None)
    return Transcript(records, Renderer(a_store()), conversation)


def test_a_new_conversation_is_the_welcome(transcript: Transcript) -> None:
    transcript.refresh()
    assert not transcript.running
    assert transcript.last is None
    assert len(transcript.html()) == 1


def test_an_answer_grows_with_the_log(
    transcript: Transcript, log: ConversationLog, conversation: Conversation
) -> None:
    turn = log.begin_turn(conversation, "milk?")
    transcript.refresh()
    assert transcript.running
    assert "milk?" in transcript.html()[1]

    milk = ProductsEvent(items=(ProductItem(id="11", title="??", price=1, currency="USD"),))
    log.append(conversation, turn, [milk, TextEvent(delta="Here ")])
    transcript.refresh()
    # The price is the catalogue's and not the event's.
    assert "$2.49" in transcript.html()[1]

    log.append(conversation, turn, [TextEvent(delta="it is.")])
    (piece,) = log.events(conversation, transcript.seq)
    transcript.add(piece)
    transcript.add(piece)
    assert transcript.seq == 3
    assert "Here it is.</p>" in transcript.html()[1]

    log.append(conversation, turn, [interrupted(conversation, "stopped")])
    log.end_turn(conversation, turn, TurnState.STOPPED, None)
    transcript.refresh()
    assert "Answering" not in transcript.html()[1]
    assert "Stopped at your request." in transcript.html()[1]


def test_only_the_newest_turn_offers_to_ask_again(
    transcript: Transcript, log: ConversationLog, conversation: Conversation
) -> None:
    for text in ("milk?", "bread?"):
        turn = log.begin_turn(conversation, text)
        log.append(conversation, turn, [TextEvent(delta="Here.")])
        log.end_turn(conversation, turn, TurnState.DONE, None)
        transcript.refresh()
        transcript.html()
    first, second = transcript.html()[1:]
    assert "data-retry" not in first
    assert "data-retry" in second
    assert transcript.last is not None
    assert transcript.last[0].text == "bread?"
    assert transcript.last[1] == (TextEvent(delta="Here."),)


def test_people_appear_where_they_spoke_between_the_turns(
    transcript: Transcript,
    log: ConversationLog,
    handoffs: HandoffBook,
    conversation: Conversation,
) -> None:
    answered(log, conversation, "let me talk to a person", "Somebody comes.")
    handoff = handoffs.request(conversation.id, None, "asked for a person")
    transcript.refresh()
    assert transcript.is_live()
    handoffs.take(handoff.id, "Ann")
    handoffs.say(handoff.id, "Ann", "<b>Hello!</b>")
    answered(log, conversation, "hi Ann", "")
    handoffs.note(handoff.id, "Ann", EntryKind.DRAFTED, "by the model")
    handoffs.resolve(handoff.id, "Ann")
    transcript.refresh()
    shown = transcript.html()[1:]
    marks = ("let me talk", "asked for a person.", "joined", "&lt;b&gt;Hello!", "hi Ann", "closed")
    assert [mark in html for mark, html in zip(marks, shown, strict=True)] == [True] * 6
    assert not transcript.is_live()
    # What is written to a person has no answer of ours, and none to ask for again.
    assert "Assistant:" not in shown[4]
    assert "data-retry" not in shown[4]
    assert transcript.said() == (
        Said("Shopper", "let me talk to a person"),
        Said("Assistant", "Somebody comes."),
        Said("Ann", "<b>Hello!</b>"),
        Said("Shopper", "hi Ann"),
    )


def test_only_agents_see_how_a_reply_was_made(
    database: Database,
    log: ConversationLog,
    handoffs: HandoffBook,
    conversation: Conversation,
) -> None:
    handoff = handoffs.request(conversation.id, None, "asked")
    handoffs.take(handoff.id, "Ann")
    handoffs.note(handoff.id, "Ann", EntryKind.DRAFTED, "by the model")
    handoffs.note(handoff.id, "Ann", EntryKind.REFUSED, "too late for that")
    catalogue = Catalogue(database, "corner")
    for kinds, count in ((None, 2), (ALL_KINDS, 4)):
        records = Records(log, catalogue, handoffs, None, *([kinds] if kinds else []))
        transcript = Transcript(records, Renderer(a_store()), conversation)
        transcript.refresh()
        assert len(transcript.html()[1:]) == count


def test_a_look_tells_whether_there_is_anything_to_draw(
    transcript: Transcript, log: ConversationLog, handoffs: HandoffBook, conversation: Conversation
) -> None:
    transcript.refresh()
    assert transcript.look() == (False, ())
    handoffs.request(conversation.id, None, "asked")
    assert transcript.look() == (True, ())
    assert transcript.look() == (False, ())
    answered(log, conversation, "milk?", "Here.")
    changed, events = transcript.look()
    assert changed
    # The turn counts as running until its events are shown, whatever the records say by now.
    assert transcript.running
    for logged in events:
        transcript.add(logged)
    transcript.settle()
    assert not transcript.running


def answered(log: ConversationLog, conversation: Conversation, text: str, answer: str) -> None:
    turn = log.begin_turn(conversation, text)
    done = interrupted(conversation, "x").model_copy(update={"degraded": ()})
    log.append(conversation, turn, [*([TextEvent(delta=answer)] if answer else []), done])
    log.end_turn(conversation, turn, TurnState.DONE, None)
