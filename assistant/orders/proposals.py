"""Proposals: exact changes that wait for their customer's yes, and the only way to make one."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from assistant.catalog.database import Database
from assistant.errors import DatabaseBusy, NotFound, ProposalClosed, StillRunning, ToolError
from assistant.orders.applying import Change, apply
from assistant.orders.canonical import canonical_json
from assistant.orders.effects import Effects
from assistant.orders.idempotency import KeyedRequest, keep_response, kept_response
from assistant.orders.planning import Planner
from assistant.orders.reading import read_situation
from assistant.orders.requests import REQUEST, Action, Request
from assistant.orders.schema import proposals

LIFETIME = timedelta(minutes=15)
State = Literal["pending", "committed", "dropped", "refused"]


def wall_clock() -> datetime:
    """Return the present time, aware; expiry goes by it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a change is asked for, where, and who asks: `shopper` or `agent:NAME`."""

    customer_id: str
    conversation_id: str
    actor: str = "shopper"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that is not made yet; `digest` binds it to its customer, request and effects."""

    id: str
    request: Request
    effects: Effects
    digest: str
    state: State
    expires_at: datetime

    @property
    def action(self) -> Action:
        """Which action it is."""
        return self.request.action


class Outcome(BaseModel):
    """What came of a confirmation; `refusal` is empty where it was committed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    proposal_id: str
    action: Action
    order_id: str | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A committed outcome; `replayed` where the key had its answer from before."""

    outcome: Outcome
    replayed: bool


class ProposalBook:
    """The proposals of one store; reads and writes are one transaction each."""

    def __init__(
        self,
        database: Database,
        store: str,
        planner: Planner,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._database = database
        self._store = store
        self._planner = planner
        self._now = now

    def propose(self, caller: Caller, request: Request) -> Proposal:
        """Keep what the request would change; an earlier one in the conversation is dropped.

        Raises PolicyForbids, InvalidArguments or NotFound, in words for the customer; the earlier
        one is dropped even then.
        """
        with self._write() as connection:
            self._drop(connection, caller)
            try:
                situation = read_situation(connection, self._store, caller.customer_id, request)
                effects = self._planner.plan(request, situation)
            except ToolError as error:
                refusal = error
            else:
                return self._keep(connection, caller, request, effects)
        raise refusal

    def pending(self, caller: Caller) -> Proposal | None:
        """Return the proposal that waits in the conversation for the customer's yes."""
        with self._database.read() as connection:
            row = (
                connection.execute(select(proposals).where(_waiting(self._store, caller)))
                .mappings()
                .one_or_none()
            )
        if row is None or row["expires_at"] <= self._now():
            return None
        return _read(row)

    def drop(self, caller: Caller) -> bool:
        """Drop what waits in the conversation; return whether something did."""
        with self._write() as connection:
            return self._drop(connection, caller)

    def confirm(self, caller: Caller, proposal_id: str, key: str) -> Confirmation:
        """Carry a proposal of the caller's out, once; the same key gets the same answer again.

        Raises NotFound, in the same words, for a proposal that is absent or another's,
        ProposalClosed for one that cannot be confirmed any more, and MissingKey, StillRunning or
        KeyConflict for a key against the rules. Nothing is changed then.
        """
        body = (("proposal_id", proposal_id),)
        keyed = KeyedRequest(self._store, caller.customer_id, "confirm", key, body)
        try:
            outcome, replayed = self._answer(caller, proposal_id, keyed)
        except DatabaseBusy as error:
            raise StillRunning(
                "Another change is being written; send the same confirmation again shortly."
            ) from error
        if outcome.refusal:
            raise ProposalClosed(outcome.refusal)
        return Confirmation(outcome, replayed)

    def _answer(
        self, caller: Caller, proposal_id: str, keyed: KeyedRequest
    ) -> tuple[Outcome, bool]:
        with self._write() as connection:
            kept = kept_response(connection, keyed)
            if kept is not None:
                return Outcome.model_validate_json(kept), True
            outcome = self._decide(connection, caller, proposal_id)
            keep_response(connection, keyed, outcome.model_dump_json(), self._now())
        return outcome, False

    def _decide(self, connection: Connection, caller: Caller, proposal_id: str) -> Outcome:
        mine = (
            (proposals.c.store == self._store)
            & (proposals.c.customer_id == caller.customer_id)
            & (proposals.c.id == proposal_id)
        )
        row = connection.execute(select(proposals).where(mine)).mappings().one_or_none()
        if row is None:
            raise NotFound("There is no such proposal of yours; ask again for what you want done.")
        proposal = _read(row)
        refusal = self._closed(proposal, row) or self._outdated(connection, caller, proposal)
        if not refusal:
            change = self._change(caller, proposal)
            apply(connection, change, proposal.effects)
        if proposal.state == "pending":
            state: State = "refused" if refusal else "committed"
            connection.execute(update(proposals).where(mine).values(state=state))
        return Outcome(
            proposal_id=proposal.id,
            action=proposal.action,
            order_id=proposal.effects.order_id,
            refusal=refusal,
        )

    def _closed(self, proposal: Proposal, row: RowMapping) -> str:
        """Return why a proposal can no longer be confirmed, empty if it can."""
        if proposal.state != "pending":
            return _CLOSED[proposal.state]
        if proposal.expires_at <= self._now():
            return "That proposal has expired; ask again for what you want done."
        if proposal.digest != _digest(row):
            return "That proposal was altered and is void; ask again for what you want done."
        return ""

    def _outdated(self, connection: Connection, caller: Caller, proposal: Proposal) -> str:
        """Return why a proposal no longer fits what is in the database, empty if it does."""
        try:
            situation = read_situation(
                connection, self._store, caller.customer_id, proposal.request
            )
            effects = self._planner.plan(proposal.request, situation)
        except ToolError as error:
            return str(error)
        if effects != proposal.effects:
            return "Things have changed since that was proposed; ask again to see it as it is now."
        return ""

    def _change(self, caller: Caller, proposal: Proposal) -> Change:
        return Change(
            store=self._store,
            customer_id=caller.customer_id,
            proposal_id=proposal.id,
            action=proposal.action,
            actor=caller.actor,
            at=self._now(),
        )

    def _keep(
        self, connection: Connection, caller: Caller, request: Request, effects: Effects
    ) -> Proposal:
        created = self._now()
        row = {
            "id": secrets.token_urlsafe(18),
            "store": self._store,
            "customer_id": caller.customer_id,
            "conversation_id": caller.conversation_id,
            "actor": caller.actor,
            "action": request.action,
            "parameters": request.model_dump(mode="json"),
            "effects": effects.model_dump(mode="json"),
            "created_at": created,
            "expires_at": created + LIFETIME,
        }
        row |= {"digest": _digest(row), "state": "pending"}
        connection.execute(insert(proposals).values(row))
        return _read(row)

    def _drop(self, connection: Connection, caller: Caller) -> bool:
        dropped = connection.execute(
            update(proposals).where(_waiting(self._store, caller)).values(state="dropped")
        )
        return dropped.rowcount > 0

    def _write(self) -> AbstractContextManager[Connection]:
        return self._database.write(exclusive=f"orders of {self._store}")


_CLOSED: Mapping[State, str] = MappingProxyType(
    {
        "committed": "That was confirmed before and is done; nothing was done twice.",
        "dropped": "That proposal was dropped; ask again for what you want done.",
        "refused": "That proposal could not be carried out; ask again for what you want done.",
    }
)
_BOUND = (
    "id", "store", "customer_id", "conversation_id", "actor", "action", "parameters", "effects",
)  # fmt: skip


def _waiting(store: str, caller: Caller) -> ColumnElement[bool]:
    return (
        (proposals.c.store == store)
        & (proposals.c.customer_id == caller.customer_id)
        & (proposals.c.conversation_id == caller.conversation_id)
        & (proposals.c.state == "pending")
    )


def _digest(row: Mapping[str, object] | RowMapping) -> str:
    bound = {name: row[name] for name in _BOUND} | {"expires_at": str(row["expires_at"])}
    return hashlib.sha256(canonical_json(bound)).hexdigest()


def _read(row: Mapping[str, Any] | RowMapping) -> Proposal:
    return Proposal(
        id=row["id"],
        request=REQUEST.validate_python(row["parameters"]),
        effects=Effects.model_validate(row["effects"]),
        digest=row["digest"],
        state=row["state"],
        expires_at=row["expires_at"],
    )
