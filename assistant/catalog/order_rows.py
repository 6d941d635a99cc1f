"""Writes a store's customers and past orders, for any loader."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Table, insert

from assistant.catalog import order_schema, schema
from assistant.catalog.customers import Customer, PastOrder

CHUNK = 1_000

Row = Mapping[str, object]
T = TypeVar("T")


def write_customers(connection: Connection, store: str, customers: Iterable[Customer]) -> None:
    """Write new customers, their addresses and payment methods, and the shoppers they are."""
    for part in _chunks(customers):
        _insert(connection, store, schema.shoppers, map(_shopper_row, part))
        _insert(connection, store, order_schema.customers, map(_customer_row, part))
        saved = (row for customer in part for row in _saved_rows(customer))
        _insert(connection, store, order_schema.saved_addresses, saved)
        methods = (row for customer in part for row in _method_rows(customer))
        _insert(connection, store, order_schema.payment_methods, methods)


def write_orders(connection: Connection, store: str, orders: Iterable[PastOrder]) -> None:
    """Write new orders with lines, addresses, parcels and ledger."""
    for part in _chunks(orders):
        _insert(connection, store, schema.orders, map(_order_row, part))
        _insert(connection, store, order_schema.order_details, map(_detail_row, part))
        lines = (row for order in part for row in _line_rows(order))
        _insert(connection, store, schema.order_lines, lines)
        parcels = (row for order in part for row in _fulfilment_rows(order))
        _insert(connection, store, order_schema.fulfilments, parcels)
        entries = (row for order in part for row in _ledger_rows(order))
        _insert(connection, store, order_schema.ledger, entries)


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(items)
    while part := list(islice(waiting, CHUNK)):
        yield part


def _insert(connection: Connection, store: str, table: Table, rows: Iterable[Row]) -> None:
    values = [{"store": store, **row} for row in rows]
    if values:
        connection.execute(insert(table), values)


def _shopper_row(customer: Customer) -> Row:
    return {"id": customer.id, "location": customer.location}


def _customer_row(customer: Customer) -> Row:
    return {
        "id": customer.id,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "email": customer.email,
        "demonstration": customer.demonstration,
        **asdict(customer.address),
    }


def _saved_rows(customer: Customer) -> Iterator[Row]:
    for saved in customer.saved_addresses:
        yield {"customer_id": customer.id, "name": saved.name, **asdict(saved.address)}


def _method_rows(customer: Customer) -> Iterator[Row]:
    for position, method in enumerate(customer.payment_methods):
        yield {"customer_id": customer.id, "position": position, **asdict(method)}


def _order_row(order: PastOrder) -> Row:
    return {
        "id": order.id,
        "shopper_id": order.customer_id,
        "placed_at": order.placed_at,
        "status": order.status,
        "total": sum(line.quantity * line.price for line in order.lines),
    }


def _detail_row(order: PastOrder) -> Row:
    return {
        "order_id": order.id,
        "cancel_reason": order.cancel_reason,
        **asdict(order.address),
    }


def _line_rows(order: PastOrder) -> Iterator[Row]:
    for number, line in enumerate(order.lines):
        yield {
            "order_id": order.id,
            "line": number,
            "product_id": line.product_id,
            "quantity": line.quantity,
            "total": line.quantity * line.price,
        }


def _fulfilment_rows(order: PastOrder) -> Iterator[Row]:
    for number, parcel in enumerate(order.fulfilments):
        yield {
            "order_id": order.id,
            "number": number,
            "tracking_ids": list(parcel.tracking_ids),
            "lines": list(parcel.lines),
        }


def _ledger_rows(order: PastOrder) -> Iterator[Row]:
    for number, entry in enumerate(order.ledger):
        yield {"order_id": order.id, "number": number, "proposal_id": None, **asdict(entry)}
