"""Answers kept by idempotency key, in the same transaction as their effect.

A key belongs to one customer and one endpoint, and to the body it first came with. Answers are
kept for good, longer than the day that the Agentic Commerce Protocol asks for.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from assistant.errors import KeyConflict, MissingKey
from assistant.orders.canonical import canonical_json
from assistant.orders.schema import idempotency_keys

LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request under its key; `body` is what must be the same when the key comes again.

    Raises MissingKey for a key that is empty or longer than 255 characters.
    """

    store: str
    customer_id: str
    endpoint: str
    key: str
    body: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.key.strip()) <= LONGEST_KEY:
            raise MissingKey(
                f"A confirmation needs an idempotency key of 1 to {LONGEST_KEY} characters;"
                " send a fresh UUID with it."
            )

    @property
    def digest(self) -> str:
        """SHA-256 of the body's canonical JSON."""
        return hashlib.sha256(canonical_json(dict(self.body))).hexdigest()


def kept_response(connection: Connection, request: KeyedRequest) -> str | None:
    """Return the answer the key first got, None for a new key; raises KeyConflict."""
    table = idempotency_keys
    row = connection.execute(
        select(table.c.request_digest, table.c.response).where(
            table.c.store == request.store,
            table.c.customer_id == request.customer_id,
            table.c.endpoint == request.endpoint,
            table.c.key == request.key,
        )
    ).one_or_none()
    if row is None:
        return None
    if row.request_digest != request.digest:
        raise KeyConflict(
            "This idempotency key was used for another confirmation; send a fresh one."
        )
    response: str = row.response
    return response


def keep_response(
    connection: Connection, request: KeyedRequest, response: str, at: datetime
) -> None:
    """Keep the answer under the key."""
    connection.execute(
        insert(idempotency_keys).values(
            store=request.store,
            customer_id=request.customer_id,
            endpoint=request.endpoint,
            key=request.key,
            request_digest=request.digest,
            response=response,
            created_at=at,
        )
    )
