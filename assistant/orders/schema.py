"""The tables that acting on orders needs: proposals, and answers kept by idempotency key."""

from sqlalchemy import JSON, Column, Index, String, Table, Text

from assistant.catalog.database import metadata
from assistant.catalog.schema import UtcDateTime

proposals = Table(
    "proposals",
    metadata,
    Column("id", String, primary_key=True),
    Column("store", String, nullable=False),
    Column("customer_id", String, nullable=False),
    Column("conversation_id", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("effects", JSON, nullable=False),
    Column("digest", String, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("proposals_by_conversation", "store", "customer_id", "conversation_id", "state"),
    sqlite_with_rowid=False,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("store", String, primary_key=True),
    Column("customer_id", String, primary_key=True),
    Column("endpoint", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("request_digest", String, nullable=False),
    Column("response", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
