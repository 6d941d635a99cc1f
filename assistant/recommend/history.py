"""One shopper's past purchases, of what the shop still offers and has not been told to forget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import delete, insert, select

from assistant.catalog.database import Database
from assistant.catalog.schema import forgotten, order_lines, orders, products, stores
from assistant.catalog.stores import Store

EVERYTHING = ""


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
        """Return a shopper's purchases, oldest first, an order's lines together.

        Forgotten ones are left out: for all that reads them they never were.
        """
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
        forgets = self.forgotten(shopper_id)
        with self._database.read() as connection:
            found = [Purchase(*row) for row in connection.execute(query)]
        return tuple(purchase for purchase in found if not _is_forgotten(purchase, forgets))

    def forgotten(self, shopper_id: str) -> Mapping[str, datetime]:
        """Return until when purchases are forgotten, by family id; `EVERYTHING` stands for all."""
        query = select(forgotten.c.family_id, forgotten.c.up_to).where(
            forgotten.c.store == self._store.name, forgotten.c.shopper_id == shopper_id
        )
        with self._database.read() as connection:
            return {row.family_id: row.up_to for row in connection.execute(query)}

    def forgets(self, shopper_id: str) -> bool:
        """Tell whether a shopper had anything forgotten; what was learned from it is void then."""
        return bool(self.forgotten(shopper_id))

    def forget(self, shopper_id: str, family_id: str = EVERYTHING) -> None:
        """Forget a shopper's purchases of a family, or all of them, up to now by the shop's clock.

        The orders themselves stay, as a shop has to keep them.
        """
        mine = (forgotten.c.store == self._store.name) & (forgotten.c.shopper_id == shopper_id)
        with self._database.write() as connection:
            clock = connection.execute(
                select(stores.c.clock).where(stores.c.name == self._store.name)
            ).scalar_one()
            connection.execute(delete(forgotten).where(mine, forgotten.c.family_id == family_id))
            connection.execute(
                insert(forgotten).values(
                    store=self._store.name,
                    shopper_id=shopper_id,
                    family_id=family_id,
                    up_to=clock,
                )
            )


def _is_forgotten(purchase: Purchase, forgets: Mapping[str, datetime]) -> bool:
    return any(
        family_id in forgets and purchase.placed_at <= forgets[family_id]
        for family_id in (EVERYTHING, purchase.family_id)
    )


def baskets(purchases: Sequence[Purchase]) -> tuple[tuple[Purchase, ...], ...]:
    """Group purchases, oldest first, by order."""
    return tuple(tuple(lines) for _, lines in groupby(purchases, key=lambda line: line.order_id))
