"""The catalogue's tables; each key begins with the store, so one database holds several.

There are no foreign keys: a store is replaced as a whole, in one transaction, while carts and
conversations that name its products stay.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    String,
    Table,
    Text,
    TypeDecorator,
)

from assistant.catalog.database import metadata


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC; naive values are refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 (SQLAlchemy's signature)
    ) -> datetime | None:
        """Turn an aware time into the naive UTC that is stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 (SQLAlchemy's signature)
    ) -> datetime | None:
        """Turn the stored naive UTC into an aware time."""
        return None if value is None else value.replace(tzinfo=UTC)


def _table(name: str, *items: Column[object] | Index) -> Table:
    # Clustering by the key, instead of by a hidden row number, halves a shopper's reads.
    return Table(name, metadata, *items, sqlite_with_rowid=False)


stores = _table(
    "stores",
    Column("name", String, primary_key=True),
    Column("title", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("clock", UtcDateTime, nullable=False),
    Column("timezone", String, nullable=False),
    Column("provenance", Text, nullable=False),
    Column("invented", Boolean, nullable=False),
    Column("policy", String, nullable=False),
    Column("contact", Text, nullable=False),
    Column("digest", String, nullable=False),
)

families = _table(
    "families",
    Column("store", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("size", Text, nullable=False),
    Column("own_label", Boolean, nullable=False),
    Column("aisle", String, nullable=False),
    Column("department", String, nullable=False),
    Column("category", String, nullable=False),
    Column("keywords", JSON, nullable=False),
    Column("brand", String, nullable=False, default=""),
    Column("description", Text, nullable=False, default=""),
    Column("restriction", String),
    Column("best_seller", String, nullable=False),
    Column("lines_sold", Integer, nullable=False),
)

products = _table(
    "products",
    Column("store", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("family_id", String, nullable=False),
    Column("price", Integer, nullable=False),
    Column("regular_price", Integer, nullable=False),
    Column("promoted", Boolean, nullable=False),
    Column("units_sold", Integer, nullable=False),
    # Pairs of a name and a value; NULL where all products of the family read the same.
    Column("options", JSON(none_as_null=True)),
    # NULL where the store does not record it.
    Column("stock", Integer),
    Index("products_by_family", "store", "family_id"),
)

shoppers = _table(
    "shoppers",
    Column("store", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("location", String, nullable=False),
)

orders = _table(
    "orders",
    Column("store", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("shopper_id", String, nullable=False),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("status", String, nullable=False),
    Column("total", Integer, nullable=False),
    Index("orders_by_shopper", "store", "shopper_id", "placed_at"),
)

order_lines = _table(
    "order_lines",
    Column("store", String, primary_key=True),
    Column("order_id", String, primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("product_id", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("total", Integer, nullable=False),
)

promotions = _table(
    "promotions",
    Column("store", String, primary_key=True),
    Column("location", String, primary_key=True),
    Column("product_id", String, primary_key=True),
    Column("placement", String, primary_key=True),
)

# What shoppers had the shop forget; not a part of the store's data, so it outlives a new load.
forgotten = _table(
    "forgotten",
    Column("store", String, primary_key=True),
    Column("shopper_id", String, primary_key=True),
    # Empty: purchases of any family.
    Column("family_id", String, primary_key=True),
    # By the shop's clock; what is bought later is remembered.
    Column("up_to", UtcDateTime, nullable=False),
)

STORE_TABLES = (families, products, shoppers, orders, order_lines, promotions)
