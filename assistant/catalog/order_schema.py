"""The tables beside `orders` and `order_lines`: customers, what they pay with, parcels, the ledger.

Each row of `orders` may have one of `order_details`. The ledger and the changes are only ever
added to. Products, their options and their stock are the catalogue's.
"""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text

from assistant.catalog.database import metadata
from assistant.catalog.schema import UtcDateTime


def _table(name: str, *items: Column[object] | Index) -> Table:
    return Table(name, metadata, *items, sqlite_with_rowid=False)


def _address(*, nullable: bool = False) -> tuple[Column[object], ...]:
    names = ("line1", "line2", "city", "region", "postcode", "country")
    return tuple(Column(name, Text, nullable=nullable) for name in names)


customers = _table(
    "customers",
    Column("store", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("email", String, nullable=False),
    *_address(),
    Column("demonstration", Boolean, nullable=False),
    Index("customers_by_email", "store", "email"),
)

saved_addresses = _table(
    "saved_addresses",
    Column("store", String, primary_key=True),
    Column("customer_id", String, primary_key=True),
    Column("name", String, primary_key=True),
    *_address(),
)

payment_methods = _table(
    "payment_methods",
    Column("store", String, primary_key=True),
    Column("customer_id", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("brand", String, nullable=False),
    Column("last_four", String, nullable=False),
    Column("balance", Integer),
)

order_details = _table(
    "order_details",
    Column("store", String, primary_key=True),
    Column("order_id", String, primary_key=True),
    *_address(nullable=True),
    Column("cancel_reason", Text),
)

fulfilments = _table(
    "fulfilments",
    Column("store", String, primary_key=True),
    Column("order_id", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("tracking_ids", JSON, nullable=False),
    Column("lines", JSON, nullable=False),
)

ledger = _table(
    "ledger",
    Column("store", String, primary_key=True),
    Column("order_id", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("payment_method_id", String, nullable=False),
    Column("timing", Text, nullable=False),
    Column("proposal_id", String),
)

order_changes = _table(
    "order_changes",
    Column("store", String, primary_key=True),
    Column("proposal_id", String, primary_key=True),
    Column("customer_id", String, nullable=False),
    Column("order_id", String),
    Column("action", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", Text),
    Column("payment_method_id", String),
    Column("difference", Integer),
    Index("order_changes_by_order", "store", "order_id"),
)

order_change_lines = _table(
    "order_change_lines",
    Column("store", String, primary_key=True),
    Column("proposal_id", String, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("line", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("product_id", String, nullable=False),
    Column("total", Integer, nullable=False),
    Column("new_product_id", String),
    Column("new_total", Integer),
)

ORDER_TABLES = (
    customers,
    saved_addresses,
    payment_methods,
    order_details,
    fulfilments,
    ledger,
    order_changes,
    order_change_lines,
)
