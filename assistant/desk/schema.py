"""The desk's tables: hand-offs, the trail of what people did, drafts, and the agents' accounts.

The trail is only ever added to; what a shopper has forgotten leaves its entries without text.
"""

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text, text

from assistant.catalog.database import metadata
from assistant.catalog.schema import UtcDateTime

_OPEN = text("state IN ('waiting', 'taken')")

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("store", String(64), nullable=False),
    Column("conversation_id", String(64), nullable=False),
    Column("shopper_id", String(64)),
    Column("reason", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("agent", String(64)),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("taken_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    # A conversation waits for one person or has one, never two.
    Index(
        "open_handoffs",
        "store",
        "conversation_id",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index("handoffs_by_state", "store", "state", "requested_at"),
)

desk_entries = Table(
    "desk_entries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("store", String(64), nullable=False),
    Column("conversation_id", String(64), nullable=False),
    Column("handoff_id", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("desk_entries_by_conversation", "store", "conversation_id", "id"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("store", String(64), nullable=False),
    Column("conversation_id", String(64), nullable=False),
    Column("handoff_id", Integer, nullable=False),
    Column("agent", String(64), nullable=False),
    Column("messages", JSON, nullable=False),
    Column("text", Text, nullable=False),
    Column("source", String(16), nullable=False),
    Column("prompt", String(16), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    # NULL until the agent has sent a reply made from the draft.
    Column("sent", Text),
)

agents = Table(
    "agents",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

agent_sessions = Table(
    "agent_sessions",
    metadata,
    Column("token_digest", String(64), primary_key=True),
    Column("agent", String(64), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)
