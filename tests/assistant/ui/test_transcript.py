from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.dialogue.conversations import Conversation, ConversationLog, TurnState, interrupted
from assistant.dialogue.events import ProductItem, ProductsEvent, TextEvent
from assistant.ui.render import Renderer
from assistant.ui.transcript import Transcript
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
def transcript(database: Database, log: ConversationLog, conversation: Conversation) -> Transcript:
    catalogue = Catalogue(database, "corner")
    return Transcript(log, catalogue, Renderer(a_store()), conversation)


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
