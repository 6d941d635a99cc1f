"""One shopper's past purchases, of what the shop still offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select

from assistant.catalog.database import Database
from assistant.catalog.schema import order_lines, orders, products
from assistant.catalog.stores import Store


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order line; `placed_at` is aware, `total` was paid for all of it, in minor units."""

    order_id: str
    placed_at: datetime
    product_id: str
    family_id: str
    quantity: int
    total: int


class PurchaseHistory:
    """The purchases of one store's shoppers, one shopper at a time."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def of(self, shopper_id: str) -> tuple[Purchase, ...]:
        """Return a shopper's purchases, oldest first, an order's lines together."""
        query = (
            select(
                orders.c.id,
                orders.c.placed_at,
                order_lines.c.product_id,
                products.c.family_id,
                order_lines.c.quantity,
                order_lines.c.total,
            )
            # Outer joins fix the tables' order: SQLite would else walk all lines of the store.
            .outerjoin(
                order_lines,
                (order_lines.c.store == orders.c.store) & (order_lines.c.order_id == orders.c.id),
            )
            .outerjoin(
                products,
                (products.c.store == order_lines.c.store)
                & (products.c.id == order_lines.c.product_id),
            )
            .where(
                orders.c.store == self._store.name,
                orders.c.shopper_id == shopper_id,
                products.c.id.is_not(None),
                # What was called off was never had.
                orders.c.status != "cancelled",
            )
            .order_by(orders.c.placed_at, orders.c.id, order_lines.c.line)
        )
        with self._database.read() as connection:
            return tuple(Purchase(*row) for row in connection.execute(query))


def baskets(purchases: Sequence[Purchase]) -> tuple[tuple[Purchase, ...], ...]:
    """Group purchases, oldest first, by order."""
    return tuple(tuple(lines) for _, lines in groupby(purchases, key=lambda line: line.order_id))
