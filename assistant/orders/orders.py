"""A shopper's past orders, read from the database and never from anyone else's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, select

from assistant.catalog.database import Database
from assistant.catalog.products import product_title, read_options
from assistant.catalog.schema import families, order_lines, orders, products
from assistant.catalog.stores import Store
from assistant.errors import NotFound


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One product of an order; `total` was paid for the whole `quantity`, in minor units.

    `family_id` is None for a product that the shop no longer offers.
    """

    product_id: str
    family_id: str | None
    title: str
    quantity: int
    total: int


@dataclass(frozen=True, slots=True)
class Order:
    """One order; `placed_at` is aware, `total` in minor units of `currency`."""

    id: str
    status: str
    placed_at: datetime
    total: int
    currency: str
    lines: tuple[OrderLine, ...]


class OrderBook:
    """The orders of one store."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def orders(self, shopper_id: str, limit: int) -> tuple[Order, ...]:
        """Return the shopper's newest orders, newest first."""
        return self._read(self._of(shopper_id).limit(limit))

    def order(self, shopper_id: str, order_id: str) -> Order:
        """Return one order; NotFound, in the same words, if there is none or it is not theirs."""
        found = self._read(self._of(shopper_id).where(orders.c.id == order_id))
        if not found:
            raise NotFound(
                f"You have no order {order_id!r}; ask for your orders to see their numbers."
            )
        return found[0]

    def _of(self, shopper_id: str) -> Select[tuple[str, str, datetime, int]]:
        return (
            select(orders.c.id, orders.c.status, orders.c.placed_at, orders.c.total)
            .where(orders.c.store == self._store.name, orders.c.shopper_id == shopper_id)
            .order_by(orders.c.placed_at.desc(), orders.c.id.desc())
        )

    def _read(self, query: Select[tuple[str, str, datetime, int]]) -> tuple[Order, ...]:
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            lines = _lines(connection, self._store.name, [row.id for row in rows])
        return tuple(
            Order(
                row.id,
                row.status,
                row.placed_at,
                row.total,
                self._store.currency,
                tuple(lines.get(row.id, ())),
            )
            for row in rows
        )


def _lines(
    connection: Connection, store: str, order_ids: Sequence[str]
) -> dict[str, list[OrderLine]]:
    # Outer joins: a line stays in its order although the shop has dropped the product since.
    query = (
        select(
            order_lines,
            products.c.family_id,
            families.c.name,
            families.c.size,
            families.c.own_label,
            products.c.options,
        )
        .outerjoin(
            products,
            (products.c.store == order_lines.c.store) & (products.c.id == order_lines.c.product_id),
        )
        .outerjoin(
            families,
            (families.c.store == products.c.store) & (families.c.id == products.c.family_id),
        )
        .where(order_lines.c.store == store, order_lines.c.order_id.in_(order_ids))
        .order_by(order_lines.c.order_id, order_lines.c.line)
    )
    found: dict[str, list[OrderLine]] = {}
    for row in connection.execute(query):
        line = OrderLine(row.product_id, row.family_id, _title(row), row.quantity, row.total)
        found.setdefault(row.order_id, []).append(line)
    return found


def _title(row: Row[tuple[object, ...]]) -> str:
    if row.name is None:
        return f"Product {row.product_id} (no longer sold)"
    return product_title(row.name, row.size, row.own_label, read_options(row.options))
