"""Hand-offs: a conversation waits for a person, has one, and goes back to the assistant."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from assistant.catalog.database import Database
from assistant.desk.schema import desk_entries, handoffs
from assistant.errors import BadInput, HandoffConflict

MAX_REPLY_CHARS = 4000
SHOPPER = "shopper"


class HandoffState(StrEnum):
    """Where a hand-off stands; the last three are final."""

    WAITING = "waiting"
    TAKEN = "taken"
    RETURNED = "returned"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class EntryKind(StrEnum):
    """What somebody did; the last two are not for the shopper's eyes."""

    ASKED = "asked"
    JOINED = "joined"
    MESSAGE = "message"
    RETURNED = "returned"
    RESOLVED = "resolved"
    LEFT = "left"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"
    DRAFTED = "drafted"
    REFUSED = "refused"


ALL_KINDS = frozenset(EntryKind)
PUBLIC = ALL_KINDS - {EntryKind.DRAFTED, EntryKind.REFUSED}


@dataclass(frozen=True, slots=True)
class Handoff:
    """One request for a person; times are aware, by the wall clock."""

    id: int
    conversation_id: str
    shopper_id: str | None
    reason: str
    state: HandoffState
    agent: str | None
    requested_at: datetime
    taken_at: datetime | None
    closed_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether it still waits or is with a person."""
        return self.state in {HandoffState.WAITING, HandoffState.TAKEN}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing somebody did in a conversation; `actor` is `shopper` or an agent's name."""

    id: int
    conversation_id: str
    handoff_id: int
    kind: EntryKind
    actor: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands with the shop's people; `ended` counts finished hand-offs."""

    waiting: bool = False
    taken: bool = False
    ended: int = 0


def wall_clock() -> datetime:
    """Return the present time, aware; waiting times go by it."""
    return datetime.now(UTC)


class HandoffBook:
    """The hand-offs of one store; each step is one transaction with its entry in the trail.

    `changed` is called with the conversation's id after every step. Whether a step may be taken
    is decided by the one UPDATE that takes it, so two people at once cannot both succeed.
    """

    def __init__(
        self,
        database: Database,
        store: str,
        changed: Callable[[str], None] = lambda _conversation_id: None,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._database = database
        self._store = store
        self._changed = changed
        self._now = now

    def request(self, conversation_id: str, shopper_id: str | None, reason: str) -> Handoff:
        """Put a conversation into the queue; one that is in it, or with a person, stays there."""
        with self._database.write(exclusive=f"handoffs of {self._store}") as connection:
            found = self._open(connection, conversation_id)
            if found is not None:
                return found
            made = connection.execute(
                insert(handoffs)
                .values(
                    store=self._store,
                    conversation_id=conversation_id,
                    shopper_id=shopper_id,
                    reason=reason,
                    state=HandoffState.WAITING,
                    requested_at=self._now(),
                )
                .returning(handoffs)
            ).one()
            self._note(connection, made, EntryKind.ASKED, SHOPPER, reason)
        self._changed(conversation_id)
        return _handoff(made)

    def take(self, handoff_id: int, agent: str) -> Handoff:
        """Give a waiting conversation to an agent; raises HandoffConflict if it waits no more."""
        waiting = handoffs.c.state == HandoffState.WAITING
        values = {"state": HandoffState.TAKEN, "agent": agent, "taken_at": self._now()}
        return self._step(handoff_id, waiting, values, EntryKind.JOINED, agent)

    def hand_back(self, handoff_id: int, agent: str) -> Handoff:
        """Let the assistant answer again; raises HandoffConflict unless the agent has it."""
        values = {"state": HandoffState.RETURNED, "closed_at": self._now()}
        return self._step(handoff_id, _with(agent), values, EntryKind.RETURNED, agent)

    def resolve(self, handoff_id: int, agent: str) -> Handoff:
        """Close what was asked for; raises HandoffConflict unless the agent has it."""
        values = {"state": HandoffState.RESOLVED, "closed_at": self._now()}
        return self._step(handoff_id, _with(agent), values, EntryKind.RESOLVED, agent)

    def leave(self, conversation_id: str) -> bool:
        """Let the shopper go back to the assistant; return whether there was a hand-off to leave.

        A waiting one is withdrawn, one that is with a person is returned.
        """
        found = self.open(conversation_id)
        if found is None:
            return False
        waits = found.state is HandoffState.WAITING
        after = HandoffState.WITHDRAWN if waits else HandoffState.RETURNED
        values = {"state": after, "closed_at": self._now()}
        self._step(found.id, handoffs.c.state == found.state, values, EntryKind.LEFT, SHOPPER)
        return True

    def say(self, handoff_id: int, agent: str, text: str) -> Entry:
        """Send the shopper a message; raises BadInput, and HandoffConflict as `note` does."""
        if not text.strip():
            raise BadInput("Write a reply first.")
        if len(text) > MAX_REPLY_CHARS:
            raise BadInput(f"A reply takes up to {MAX_REPLY_CHARS:,} characters; shorten it.")
        return self.note(handoff_id, agent, EntryKind.MESSAGE, text.strip())

    def note(
        self, handoff_id: int, agent: str, kind: EntryKind, text: str, actor: str | None = None
    ) -> Entry:
        """Add to the trail what was done while an agent has the conversation, by them if unsaid.

        Raises HandoffConflict unless the agent has it.
        """
        mine = (handoffs.c.store == self._store) & (handoffs.c.id == handoff_id) & _with(agent)
        with self._database.write() as connection:
            row = connection.execute(
                update(handoffs).where(mine).values(agent=agent).returning(handoffs)
            ).one_or_none()
            if row is None:
                raise self._conflict(connection, handoff_id)
            entry = self._note(connection, row, kind, actor or agent, text)
        self._changed(entry.conversation_id)
        return entry

    def held_by(self, handoff_id: int, agent: str) -> Handoff:
        """Return the hand-off; raises HandoffConflict unless the agent has it now."""
        with self._database.read() as connection:
            row = self._row(connection, handoff_id)
            if row is None or row.state != HandoffState.TAKEN or row.agent != agent:
                raise self._conflict(connection, handoff_id)
        return _handoff(row)

    def open(self, conversation_id: str) -> Handoff | None:
        """Return the conversation's hand-off that waits or is with a person."""
        with self._database.read() as connection:
            return self._open(connection, conversation_id)

    def standing(self, conversation_id: str) -> Standing:
        """Tell where a conversation stands."""
        query = (
            select(handoffs.c.state, func.count())
            .where(handoffs.c.store == self._store, handoffs.c.conversation_id == conversation_id)
            .group_by(handoffs.c.state)
        )
        with self._database.read() as connection:
            counts = {HandoffState(state): count for state, count in connection.execute(query)}
        waiting = counts.pop(HandoffState.WAITING, 0)
        taken = counts.pop(HandoffState.TAKEN, 0)
        return Standing(bool(waiting), bool(taken), sum(counts.values()))

    def place(self, handoff: Handoff) -> int:
        """Return a waiting hand-off's place in the queue, counted from 1."""
        query = select(func.count()).where(
            handoffs.c.store == self._store,
            handoffs.c.state == HandoffState.WAITING,
            handoffs.c.id <= handoff.id,
        )
        with self._database.read() as connection:
            return max(connection.scalar(query) or 0, 1)

    def queue(self) -> tuple[Handoff, ...]:
        """Return what waits or is with a person, the longest waiting first."""
        return self._list(handoffs.c.state.in_((HandoffState.WAITING, HandoffState.TAKEN)))

    def ended(self, most: int) -> tuple[Handoff, ...]:
        """Return the newest finished hand-offs, newest first."""
        query = (
            select(handoffs)
            .where(handoffs.c.store == self._store, handoffs.c.closed_at.is_not(None))
            .order_by(handoffs.c.closed_at.desc(), handoffs.c.id.desc())
            .limit(most)
        )
        with self._database.read() as connection:
            return tuple(_handoff(row) for row in connection.execute(query))

    def of_conversation(self, conversation_id: str) -> tuple[Handoff, ...]:
        """Return a conversation's hand-offs, oldest first; () where nobody was ever asked for."""
        return self._list(handoffs.c.conversation_id == conversation_id)

    def entries(self, conversation_id: str) -> tuple[Entry, ...]:
        """Return the conversation's trail, oldest first."""
        query = (
            select(desk_entries)
            .where(
                desk_entries.c.store == self._store,
                desk_entries.c.conversation_id == conversation_id,
            )
            .order_by(desk_entries.c.id)
        )
        with self._database.read() as connection:
            return tuple(_entry(row) for row in connection.execute(query))

    def erase(self, conversation_ids: Sequence[str]) -> None:
        """Take the words out of conversations' trails; who did what and when stays."""
        ids = list(conversation_ids)
        with self._database.write() as connection:
            for table in (desk_entries, handoffs):
                column = table.c.text if table is desk_entries else table.c.reason
                connection.execute(
                    update(table)
                    .where(table.c.store == self._store, table.c.conversation_id.in_(ids))
                    .values({column: ""})
                )

    def _list(self, which: ColumnElement[bool]) -> tuple[Handoff, ...]:
        query = select(handoffs).where(handoffs.c.store == self._store, which)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(handoffs.c.requested_at, handoffs.c.id))
            return tuple(_handoff(row) for row in rows)

    def _step(
        self,
        handoff_id: int,
        allowed: ColumnElement[bool],
        values: dict[str, object],
        kind: EntryKind,
        actor: str,
    ) -> Handoff:
        mine = (handoffs.c.store == self._store) & (handoffs.c.id == handoff_id)
        with self._database.write() as connection:
            row = connection.execute(
                update(handoffs).where(mine, allowed).values(values).returning(handoffs)
            ).one_or_none()
            if row is None:
                raise self._conflict(connection, handoff_id)
            self._note(connection, row, kind, actor, "")
        self._changed(row.conversation_id)
        return _handoff(row)

    def _open(self, connection: Connection, conversation_id: str) -> Handoff | None:
        row = connection.execute(
            select(handoffs).where(
                handoffs.c.store == self._store,
                handoffs.c.conversation_id == conversation_id,
                handoffs.c.state.in_((HandoffState.WAITING, HandoffState.TAKEN)),
            )
        ).one_or_none()
        return None if row is None else _handoff(row)

    def _row(self, connection: Connection, handoff_id: int) -> Row[tuple[object, ...]] | None:
        return connection.execute(
            select(handoffs).where(handoffs.c.store == self._store, handoffs.c.id == handoff_id)
        ).one_or_none()

    def _conflict(self, connection: Connection, handoff_id: int) -> HandoffConflict:
        row = self._row(connection, handoff_id)
        if row is None:
            return HandoffConflict("There is no such request; choose one from the queue.")
        if row.state == HandoffState.TAKEN:
            return HandoffConflict(f"{row.agent} has this conversation; choose another one.")
        if row.state == HandoffState.WAITING:
            return HandoffConflict("Nobody has this conversation yet; take it over first.")
        return HandoffConflict("This request has ended; choose another one from the queue.")

    def _note(
        self,
        connection: Connection,
        handoff: Row[tuple[object, ...]],
        kind: EntryKind,
        actor: str,
        text: str,
    ) -> Entry:
        row = connection.execute(
            insert(desk_entries)
            .values(
                store=self._store,
                conversation_id=handoff.conversation_id,
                handoff_id=handoff.id,
                kind=kind,
                actor=actor,
                text=text,
                at=self._now(),
            )
            .returning(desk_entries)
        ).one()
        return _entry(row)


def _with(agent: str) -> ColumnElement[bool]:
    return (handoffs.c.state == HandoffState.TAKEN) & (handoffs.c.agent == agent)


def _handoff(row: Row[tuple[object, ...]]) -> Handoff:
    return Handoff(
        row.id,
        row.conversation_id,
        row.shopper_id,
        row.reason,
        HandoffState(row.state),
        row.agent,
        row.requested_at,
        row.taken_at,
        row.closed_at,
    )


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    return Entry(
        row.id,
        row.conversation_id,
        row.handoff_id,
        EntryKind(row.kind),
        row.actor,
        row.text,
        row.at,
    )
