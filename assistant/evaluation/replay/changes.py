"""Which records differ between two states of a store, found by comparing all of their rows."""

from sqlalchemy import Connection, Table

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

Rows = frozenset[tuple[str, str, str, tuple[object, ...]]]


def all_rows(connection: Connection, store: str) -> Rows:
    """Return every row of a store as the kind and id of its record, its table and its values."""
    return frozenset(
        (kind, row[0], table.name, row[1:])
        for table, kind, column in _KINDS
        for row in connection.exec_driver_sql(
            f"SELECT {column}, * FROM {table.name} WHERE store = ?", (store,)
        )
    )


def touched(before: Rows, after: Rows) -> set[tuple[str, str]]:
    """Return kind and id of every record of which a row came, went or changed."""
    return {(kind, record_id) for kind, record_id, _, _ in before ^ after}
