"""Who sits at a browser: kept on the server, behind a random token in a cookie."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Column, String, Table, delete, insert, select

from assistant.catalog.database import Database, metadata
from assistant.dialogue.conversations import Conversation, ConversationLog

page_sessions = Table(
    "page_sessions",
    metadata,
    Column("store", String, primary_key=True),
    Column("token_digest", String(64), primary_key=True),
    Column("shopper_id", String, nullable=True),
    Column("conversation_id", String(64), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser's shopper, None for a guest, and the conversation it shows."""

    shopper_id: str | None
    conversation: Conversation


class Sessions:
    """The browsers that one store's page knows; only digests of their tokens are stored."""

    def __init__(self, database: Database, store: str, log: ConversationLog) -> None:
        self._database = database
        self._store = store
        self._log = log

    def visitor(self, token: str) -> Visitor:
        """Return who a browser is; one never seen is a guest with a new conversation."""
        found = self._read(token)
        return found if found is not None else self._write(token, None, None)

    def sign_in(self, token: str, shopper_id: str | None) -> Visitor:
        """Make a browser a shopper's, in their newest conversation, or a new guest's."""
        latest = None if shopper_id is None else self._log.latest(shopper_id)
        return self._write(token, shopper_id, latest)

    def begin_anew(self, token: str) -> Visitor:
        """Give the browser's shopper or guest a new conversation."""
        return self._write(token, self.visitor(token).shopper_id, None)

    def _read(self, token: str) -> Visitor | None:
        query = select(page_sessions.c.shopper_id, page_sessions.c.conversation_id).where(
            page_sessions.c.store == self._store, page_sessions.c.token_digest == _digest(token)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        conversation = Conversation(row.conversation_id, self._store, row.shopper_id)
        return Visitor(row.shopper_id, conversation)

    def _write(
        self, token: str, shopper_id: str | None, conversation: Conversation | None
    ) -> Visitor:
        shown = conversation or self._log.open(None, shopper_id)
        digest = _digest(token)
        with self._database.write() as connection:
            connection.execute(
                delete(page_sessions).where(
                    page_sessions.c.store == self._store, page_sessions.c.token_digest == digest
                )
            )
            connection.execute(
                insert(page_sessions).values(
                    store=self._store,
                    token_digest=digest,
                    shopper_id=shopper_id,
                    conversation_id=shown.id,
                )
            )
        return Visitor(shopper_id, shown)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
