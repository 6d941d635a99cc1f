from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.catalog.database import Database
from assistant.dialogue.conversations import ConversationLog
from assistant.ui.sessions import Sessions, page_sessions


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    database.create_all()
    yield database
    database.dispose()


def opened(database: Database, store: str = "corner") -> Sessions:
    return Sessions(database, store, ConversationLog(database, store))


def test_a_new_browser_is_a_guest_and_stays_the_same(database: Database) -> None:
    first = opened(database).visitor("token-a")
    assert first.shopper_id is None
    # As after a restart of the server.
    assert opened(database).visitor("token-a") == first
    assert opened(database).visitor("token-b") != first


def test_signing_in_continues_the_shoppers_newest_conversation(database: Database) -> None:
    sessions = opened(database)
    here = sessions.sign_in("token-a", "900")
    assert here.shopper_id == here.conversation.shopper_id == "900"
    assert sessions.sign_in("token-b", "900") == here
    assert sessions.visitor("token-b") == here


def test_signing_out_shows_nothing_of_the_shopper(database: Database) -> None:
    sessions = opened(database)
    before = sessions.sign_in("token-a", "900")
    after = sessions.sign_in("token-a", None)
    assert after.shopper_id is None
    assert after.conversation.id != before.conversation.id
    assert sessions.visitor("token-a") == after


def test_beginning_anew_keeps_who_one_is(database: Database) -> None:
    sessions = opened(database)
    before = sessions.sign_in("token-a", "900")
    after = sessions.begin_anew("token-a")
    assert after.shopper_id == "900"
    assert after.conversation.id != before.conversation.id
    assert sessions.visitor("token-a") == after


def test_stores_do_not_share_sessions(database: Database) -> None:
    opened(database, "corner").sign_in("token-a", "900")
    assert opened(database, "village").visitor("token-a").shopper_id is None


def test_a_copied_database_holds_no_token(database: Database) -> None:
    opened(database).visitor("token-a")
    with database.read() as connection:
        stored = connection.scalars(select(page_sessions.c.token_digest)).all()
    assert stored != ["token-a"]
    assert len(stored[0]) == 64
