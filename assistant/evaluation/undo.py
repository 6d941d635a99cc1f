"""Puts a shopper's orders back as they were, so that every case starts from the store's data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, update

from assistant.catalog.database import Database
from assistant.catalog.order_schema import (
    customers,
    fulfilments,
    ledger,
    order_change_lines,
    order_changes,
    order_details,
    payment_methods,
)
from assistant.catalog.schema import order_lines, orders, products, stores

Rows = Sequence[Mapping[str, object]]
_BY_ORDER = (order_lines, order_details, fulfilments, ledger)


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in the tables: rows by table, units of counted products, the shop's clock."""

    shopper_id: str
    changes: int
    rows: Mapping[str, Rows]
    stock: Rows
    clock: object


class Undo:
    """Remembers and restores what confirmed changes of one shopper's orders may have changed."""

    def __init__(self, database: Database, store: str) -> None:
        self._database = database
        self._store = store

    def remember(self, shopper_id: str) -> Before:
        """Read all that a change may touch."""
        with self._database.read() as connection:
            return Before(
                shopper_id=shopper_id,
                changes=self._changes(connection, shopper_id),
                rows={t.name: _rows(connection, t, w) for t, w in self._tables(shopper_id)},
                stock=self._stock(connection),
                clock=connection.scalar(select(stores.c.clock).where(self._here)),
            )

    def restore(self, before: Before) -> None:
        """Write back what was remembered, where a change was committed since."""
        with self._database.read() as connection:
            if self._changes(connection, before.shopper_id) == before.changes:
                return
            stock = {row["id"]: row["stock"] for row in self._stock(connection)}
        with self._database.write() as connection:
            for table, where in reversed(self._tables(before.shopper_id)):
                connection.execute(delete(table).where(where))
            for table, _ in self._tables(before.shopper_id):
                if before.rows[table.name]:
                    connection.execute(insert(table), list(before.rows[table.name]))
            for row in before.stock:
                if row["stock"] != stock[row["id"]]:
                    same = (products.c.store == self._store) & (products.c.id == row["id"])
                    connection.execute(update(products).where(same).values(stock=row["stock"]))
            connection.execute(update(stores).where(self._here).values(clock=before.clock))

    def _stock(self, connection: Connection) -> Rows:
        counted = (products.c.store == self._store) & products.c.stock.is_not(None)
        query = select(products.c.id, products.c.stock).where(counted)
        return [dict(row) for row in connection.execute(query).mappings()]

    @property
    def _here(self) -> ColumnElement[bool]:
        return stores.c.name == self._store

    def _changes(self, connection: Connection, shopper_id: str) -> int:
        query = select(func.count()).select_from(order_changes)
        mine = (order_changes.c.store == self._store) & (order_changes.c.customer_id == shopper_id)
        return connection.scalar(query.where(mine)) or 0

    def _tables(self, shopper_id: str) -> Sequence[tuple[Table, ColumnElement[bool]]]:
        """Return the tables, those that others point at first, and which rows are the shopper's."""
        mine = select(orders.c.id).where(
            orders.c.store == self._store, orders.c.shopper_id == shopper_id
        )
        made = select(order_changes.c.proposal_id).where(
            order_changes.c.store == self._store, order_changes.c.customer_id == shopper_id
        )
        changed = order_change_lines.c
        return (
            (orders, (orders.c.store == self._store) & (orders.c.shopper_id == shopper_id)),
            *((t, (t.c.store == self._store) & t.c.order_id.in_(mine)) for t in _BY_ORDER),
            (customers, (customers.c.store == self._store) & (customers.c.id == shopper_id)),
            (
                payment_methods,
                (payment_methods.c.store == self._store)
                & (payment_methods.c.customer_id == shopper_id),
            ),
            (
                order_changes,
                (order_changes.c.store == self._store)
                & (order_changes.c.customer_id == shopper_id),
            ),
            (
                order_change_lines,
                (changed.store == self._store) & changed.proposal_id.in_(made),
            ),
        )


def _rows(connection: Connection, table: Table, where: ColumnElement[bool]) -> Rows:
    return [dict(row) for row in connection.execute(select(table).where(where)).mappings()]
