"""Which records differ between two states of a store, found by comparing all of their rows."""

from sqlalchemy import Connection, Table, select

from assistant.catalog import order_schema, schema

_KINDS: tuple[tuple[Table, str, str], ...] = (
    (schema.products, "products", "family_id"),
    (order_schema.customers, "users", "id"),
    (order_schema.saved_addresses, "users", "customer_id"),
    (order_schema.payment_methods, "users", "customer_id"),
    (schema.orders, "orders", "id"),
    (schema.order_lines, "orders", "order_id"),
    (order_schema.order_details, "orders", "order_id"),
    (order_schema.fulfilments, "orders", "order_id"),
    (order_schema.ledger, "orders", "order_id"),
)

Rows = frozenset[tuple[str, str, str]]


def all_rows(connection: Connection, store: str) -> Rows:
    """Return every row of a store as the kind of its record, the record's id, and its text."""
    return frozenset(
        (kind, row[0], f"{table.name} {tuple(row)}")
        for table, kind, column in _KINDS
        for row in connection.execute(select(table.c[column], table).where(table.c.store == store))
    )


def touched(before: Rows, after: Rows) -> set[tuple[str, str]]:
    """Return kind and id of every record of which a row came, went or changed."""
    return {(kind, record_id) for kind, record_id, _ in before ^ after}
