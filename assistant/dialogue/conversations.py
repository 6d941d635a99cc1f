"""Conversations on the server: turns, their events and the state between them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    Column,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from assistant.catalog.database import Database, metadata
from assistant.catalog.schema import UtcDateTime
from assistant.dialogue.context import Context
from assistant.dialogue.events import DoneEvent, TurnEvent, turn_events
from assistant.dialogue.trace import TurnTrace
from assistant.errors import BadInput

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("store", String(64), nullable=False),
    Column("shopper_id", String(64), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
)
turns = Table(
    "turns",
    metadata,
    Column("conversation_id", String(64), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("context", JSON, nullable=True),
    Column("trace", JSON, nullable=True),
    PrimaryKeyConstraint("conversation_id", "turn"),
)
turn_log = Table(
    "turn_events",
    metadata,
    Column("conversation_id", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    PrimaryKeyConstraint("conversation_id", "seq"),
)
staff_messages = Table(
    "staff_messages",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("store", String(64), nullable=False),
    Column("conversation_id", String(64), nullable=False),
    Column("shopper_id", String(64), nullable=True),
    Column("text", Text, nullable=False),
    Column("left_at", UtcDateTime, nullable=False),
)


class TurnState(StrEnum):
    """Where a turn stands."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation of one shopper, or of a guest, in one store."""

    id: str
    store: str
    shopper_id: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """One message and where its answer stands."""

    number: int
    text: str
    state: TurnState
    started_at: datetime


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event with its place in the conversation's log; `seq` counts from 1."""

    seq: int
    turn: int
    event: TurnEvent


class ConversationLog:
    """The conversations of one store."""

    def __init__(self, database: Database, store: str) -> None:
        self._database = database
        self._store = store

    def open(self, conversation_id: str | None, shopper_id: str | None) -> Conversation:
        """Return the conversation, made if it is new.

        Raises BadInput when it belongs to somebody else: identity comes from the session.
        """
        wanted = conversation_id or secrets.token_urlsafe(12)
        with self._database.write() as connection:
            row = connection.execute(
                select(conversations).where(conversations.c.id == wanted)
            ).first()
            if row is None:
                connection.execute(
                    insert(conversations).values(
                        id=wanted,
                        store=self._store,
                        shopper_id=shopper_id,
                        created_at=datetime.now(UTC),
                    )
                )
                return Conversation(wanted, self._store, shopper_id)
        if row.store != self._store or row.shopper_id != shopper_id:
            raise BadInput("this conversation belongs to another sign-in; start a new one to go on")
        return Conversation(row.id, row.store, row.shopper_id)

    def latest(self, shopper_id: str) -> Conversation | None:
        """Return the shopper's newest conversation, for a new tab or a restart."""
        with self._database.read() as connection:
            row = connection.execute(
                select(conversations)
                .where(
                    conversations.c.store == self._store,
                    conversations.c.shopper_id == shopper_id,
                )
                .order_by(conversations.c.created_at.desc())
                .limit(1)
            ).first()
        return None if row is None else Conversation(row.id, row.store, row.shopper_id)

    def begin_turn(self, conversation: Conversation, text: str) -> int:
        """Record a message and return its turn's number, counted from 1.

        Raises BadInput while an earlier turn of the conversation still runs.
        """
        with self._database.write() as connection:
            last = connection.execute(
                select(turns.c.turn, turns.c.state)
                .where(turns.c.conversation_id == conversation.id)
                .order_by(turns.c.turn.desc())
                .limit(1)
            ).first()
            if last is not None and last.state == TurnState.RUNNING:
                raise BadInput("the last message is still being answered; stop it or wait for it")
            number = 1 if last is None else last.turn + 1
            connection.execute(
                insert(turns).values(
                    conversation_id=conversation.id,
                    turn=number,
                    text=text,
                    state=TurnState.RUNNING,
                    started_at=datetime.now(UTC),
                )
            )
        return number

    def append(self, conversation: Conversation, turn: int, events: list[TurnEvent]) -> None:
        """Write events to the end of the log, all or none."""
        with self._database.write() as connection:
            last = connection.execute(
                select(func.max(turn_log.c.seq)).where(
                    turn_log.c.conversation_id == conversation.id
                )
            ).scalar()
            connection.execute(
                insert(turn_log),
                [
                    {
                        "conversation_id": conversation.id,
                        "seq": (last or 0) + offset,
                        "turn": turn,
                        "payload": event.model_dump_json(),
                    }
                    for offset, event in enumerate(events, start=1)
                ],
            )

    def end_turn(
        self,
        conversation: Conversation,
        turn: int,
        state: TurnState,
        context: Context | None,
        trace: TurnTrace | None = None,
    ) -> None:
        """Close a turn; without a context the one before it stays in force."""
        with self._database.write() as connection:
            connection.execute(
                update(turns)
                .where(turns.c.conversation_id == conversation.id, turns.c.turn == turn)
                .values(
                    state=state,
                    context=None if context is None else context.model_dump(mode="json"),
                    trace=None if trace is None else trace.model_dump(mode="json"),
                )
            )

    def trace(self, conversation: Conversation, turn: int) -> TurnTrace | None:
        """Return the inside of a finished turn."""
        with self._database.read() as connection:
            saved = connection.scalar(
                select(turns.c.trace).where(
                    turns.c.conversation_id == conversation.id, turns.c.turn == turn
                )
            )
        return None if saved is None else TurnTrace.model_validate(saved)

    def context(self, conversation: Conversation) -> Context:
        """Return what the next message may refer to."""
        query = (
            select(turns.c.context)
            .where(
                turns.c.conversation_id == conversation.id,
                turns.c.state != TurnState.RUNNING,
            )
            .order_by(turns.c.turn.desc())
        )
        with self._database.read() as connection:
            saved = next((found for found in connection.scalars(query) if found is not None), None)
        return Context() if saved is None else Context.model_validate(saved)

    def turns(self, conversation: Conversation) -> tuple[Turn, ...]:
        """Return all turns, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(turns)
                .where(turns.c.conversation_id == conversation.id)
                .order_by(turns.c.turn)
            ).all()
        return tuple(Turn(row.turn, row.text, TurnState(row.state), row.started_at) for row in rows)

    def events(self, conversation: Conversation, after: int = 0) -> tuple[LoggedEvent, ...]:
        """Return the log after a place in it."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(turn_log)
                .where(turn_log.c.conversation_id == conversation.id, turn_log.c.seq > after)
                .order_by(turn_log.c.seq)
            ).all()
        return tuple(
            LoggedEvent(row.seq, row.turn, turn_events.validate_json(row.payload)) for row in rows
        )

    def leave_message(self, conversation: Conversation, text: str) -> None:
        """Keep a message for the shop's staff."""
        with self._database.write() as connection:
            connection.execute(
                insert(staff_messages).values(
                    store=self._store,
                    conversation_id=conversation.id,
                    shopper_id=conversation.shopper_id,
                    text=text,
                    left_at=datetime.now(UTC),
                )
            )

    def of_shopper(self, shopper_id: str) -> tuple[Conversation, ...]:
        """Return all conversations of a shopper, oldest first."""
        query = (
            select(conversations)
            .where(conversations.c.store == self._store, conversations.c.shopper_id == shopper_id)
            .order_by(conversations.c.created_at)
        )
        with self._database.read() as connection:
            return tuple(
                Conversation(row.id, row.store, row.shopper_id) for row in connection.execute(query)
            )

    def erase(self, conversation_ids: Sequence[str]) -> None:
        """Delete conversations with all that was said, understood and left for the staff in them.

        Raises BadInput while an answer is still arriving in one.
        """
        ids = list(conversation_ids)
        tables = (turns, turn_log, staff_messages)
        with self._database.write() as connection:
            busy = connection.scalar(
                select(func.count()).where(
                    turns.c.conversation_id.in_(ids), turns.c.state == TurnState.RUNNING
                )
            )
            if busy:
                raise BadInput("An answer is still arriving; stop it or wait for it.")
            for table in tables:
                connection.execute(delete(table).where(table.c.conversation_id.in_(ids)))
            connection.execute(
                delete(conversations).where(
                    conversations.c.store == self._store, conversations.c.id.in_(ids)
                )
            )

    def close_interrupted(self) -> int:
        """Close turns that a stopped process left open; return how many.

        Call it once, before the store's first turn of this process.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                select(turns.c.conversation_id, turns.c.turn, conversations.c.shopper_id)
                .join(conversations, conversations.c.id == turns.c.conversation_id)
                .where(conversations.c.store == self._store, turns.c.state == TurnState.RUNNING)
            ).all()
        for row in rows:
            conversation = Conversation(row.conversation_id, self._store, row.shopper_id)
            self.append(conversation, row.turn, [interrupted(conversation, "interrupted")])
            self.end_turn(conversation, row.turn, TurnState.INTERRUPTED, None)
        return len(rows)


def interrupted(conversation: Conversation, why: str, seconds: float = 0.0) -> DoneEvent:
    """Build the closing event of a turn that did not reach its end."""
    return DoneEvent(
        conversation=conversation.id,
        seconds=seconds,
        usage={"prompt_tokens": 0, "completion_tokens": 0},
        prompts={},
        adapters={},
        degraded=(why,),
    )
