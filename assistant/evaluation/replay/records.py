"""The store's present state as the benchmark's files would write it, one record at a time.

Two of the benchmark's ways are its own and live only here. Items of an exchange or a return are
listed sorted. And its tool for changing items gives every changed item the price and the options
of the last new one, although it charges the right difference; our orders keep each item's own.
"""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue
from sqlalchemy import Connection, select

from assistant.catalog.customers import (
    Address,
    Fulfilment,
    LedgerEntry,
    PaymentKind,
    PaymentMethod,
)
from assistant.catalog.schema import families, orders
from assistant.errors import NotFound
from assistant.evaluation.replay.tasks import Record
from assistant.orders.reading import read_customer, read_family, read_offers, read_order
from assistant.orders.records import Offer, OrderRecord, RecordedChange, RecordedLine

_SOURCES = {
    PaymentKind.GIFT_CARD: "gift_card",
    PaymentKind.CARD: "credit_card",
    PaymentKind.PAYPAL: "paypal",
}


def record_as_written(
    connection: Connection, store: str, kind: str, record_id: str
) -> Record | None:
    """Return a record as the benchmark writes it; None where there is none.

    `kind` is the file's: orders, users or products.
    """
    written = {"orders": _order, "users": _user, "products": _product}
    return written[kind](connection, store, record_id)


def _order(connection: Connection, store: str, order_id: str) -> Record | None:
    owner = connection.scalar(
        select(orders.c.shopper_id).where(orders.c.store == store, orders.c.id == order_id)
    )
    order = None if owner is None else read_order(connection, store, owner, order_id)
    if order is None:
        return None
    return {
        "order_id": order.id,
        "user_id": order.customer_id,
        "address": None if order.address is None else _address(order.address),
        "items": _items(connection, store, order),
        "status": order.status,
        "fulfillments": [_fulfilment(order, parcel) for parcel in order.fulfilments],
        "payment_history": [_payment(entry) for entry in order.ledger],
        "cancel_reason": order.cancel_reason,
        **_asked_back(order.changes),
    }


def _asked_back(changes: Iterable[RecordedChange]) -> Record:
    exchange = next((c for c in changes if c.action == "exchange_items"), None)
    back = next((c for c in changes if c.action == "return_items"), None)
    difference = exchange.difference if exchange else None
    return {
        "exchange_items": _old(exchange),
        "exchange_new_items": _new(exchange),
        "exchange_payment_method_id": exchange.payment_method_id if exchange else None,
        "exchange_price_difference": None if difference is None else difference / 100,
        "return_items": _old(back),
        "return_payment_method_id": back.payment_method_id if back else None,
    }


def _old(change: RecordedChange | None) -> JsonValue:
    if change is None:
        return None
    ids = [line.product_id for line in change.lines for _ in range(line.quantity)]
    return list[JsonValue](sorted(ids))


def _new(change: RecordedChange | None) -> JsonValue:
    if change is None:
        return None
    ids = [line.new_product_id or "" for line in change.lines for _ in range(line.quantity)]
    return list[JsonValue](sorted(ids))


def _items(connection: Connection, store: str, order: OrderRecord) -> list[JsonValue]:
    offers = read_offers(connection, store, [line.product_id for line in order.lines])
    names = _names(connection, store, [line.family_id for line in order.lines])
    change = next((c for c in order.changes if c.action == "change_items"), None)
    changed = {line.line for line in change.lines} if change else set()
    last = offers.get(change.lines[-1].new_product_id or "") if change else None
    return [
        _item(line, names, last if last and line.number in changed else offers[line.product_id])
        for line in order.lines
        for _ in range(line.quantity)
    ]


def _item(line: RecordedLine, names: Mapping[str, str], written: Offer) -> Record:
    """Write a line; `written` is the offer whose options, and price if another, stand in it."""
    own = written.product_id == line.product_id
    return {
        "name": names[line.family_id],
        "product_id": line.family_id,
        "item_id": line.product_id,
        "price": (line.total // line.quantity if own else written.price) / 100,
        "options": {option.name: option.value for option in written.options},
    }


def _names(connection: Connection, store: str, family_ids: Iterable[str]) -> dict[str, str]:
    query = select(families.c.id, families.c.name).where(
        families.c.store == store, families.c.id.in_(list(family_ids))
    )
    return {row.id: row.name for row in connection.execute(query)}


def _fulfilment(order: OrderRecord, parcel: Fulfilment) -> Record:
    held = {line.number: line.product_id for line in order.lines}
    return {
        "tracking_id": list(parcel.tracking_ids),
        "item_ids": [held[number] for number in parcel.lines],
    }


def _payment(entry: LedgerEntry) -> Record:
    return {
        "transaction_type": entry.kind.value,
        "amount": entry.amount / 100,
        "payment_method_id": entry.payment_method_id,
    }


def _user(connection: Connection, store: str, customer_id: str) -> Record | None:
    try:
        customer = read_customer(connection, store, customer_id)
    except NotFound:
        return None
    placed = select(orders.c.id).where(orders.c.store == store, orders.c.shopper_id == customer_id)
    return {
        "user_id": customer.id,
        "name": {"first_name": customer.first_name, "last_name": customer.last_name},
        "address": _address(customer.address),
        "email": customer.email,
        "payment_methods": {method.id: _method(method) for method in customer.payment_methods},
        "orders": list(connection.scalars(placed.order_by(orders.c.placed_at))),
    }


def _method(method: PaymentMethod) -> Record:
    written: Record = {"source": _SOURCES[method.kind], "id": method.id}
    if method.kind is PaymentKind.CARD:
        written |= {"brand": method.brand, "last_four": method.last_four}
    if method.balance is not None:
        written["balance"] = method.balance / 100
    return written


def _product(connection: Connection, store: str, family_id: str) -> Record | None:
    offers = read_family(connection, store, family_id)
    if not offers:
        return None
    variants: dict[str, JsonValue] = {offer.product_id: _variant(offer) for offer in offers}
    return {
        "name": _names(connection, store, [family_id])[family_id],
        "product_id": family_id,
        "variants": variants,
    }


def _variant(offer: Offer) -> Record:
    return {
        "item_id": offer.product_id,
        "options": {option.name: option.value for option in offer.options},
        "available": offer.available,
        "price": offer.price / 100,
    }


def _address(address: Address) -> Record:
    return {
        "address1": address.line1,
        "address2": address.line2,
        "city": address.city,
        "country": address.country,
        "state": address.region,
        "zip": address.postcode,
    }
