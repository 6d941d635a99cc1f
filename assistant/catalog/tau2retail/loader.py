"""Writes a tau2-bench retail store into the database.

The file has no dates. Each customer's orders come in the sequence they were placed, so they get
placeholder dates a day apart that end at the store's clock; they are not to be read as dates.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, insert

from assistant.catalog import schema
from assistant.catalog.customers import (
    Address,
    Customer,
    EntryKind,
    Fulfilment,
    LedgerEntry,
    PastLine,
    PastOrder,
    PaymentKind,
    PaymentMethod,
)
from assistant.catalog.order_rows import write_customers, write_orders
from assistant.catalog.stores import Store, replace_store
from assistant.catalog.tau2retail.source import (
    AddressRecord,
    FulfilmentRecord,
    OrderEntry,
    PaymentMethodRecord,
    ProductRecord,
    RetailStore,
    UserRecord,
)

POLICY = "tau2-retail"
CLOCK = datetime(2024, 6, 1, 16, tzinfo=UTC)
_KINDS = {
    "gift_card": PaymentKind.GIFT_CARD,
    "credit_card": PaymentKind.CARD,
    "paypal": PaymentKind.PAYPAL,
}


def write_retail_store(connection: Connection, name: str, source: RetailStore, digest: str) -> None:
    """Replace the store of that name by the file's, whole."""
    replace_store(connection, _store(name), digest)
    sold = Counter(item.item_id for order in source.orders.values() for item in order.items)
    products = list(source.products.values())
    families = [{"store": name, **_family_row(product, sold)} for product in products]
    connection.execute(insert(schema.families), families)
    rows = [{"store": name, **row} for product in products for row in _product_rows(product, sold)]
    connection.execute(insert(schema.products), rows)
    write_customers(connection, name, map(_customer, source.users.values()))
    write_orders(connection, name, _orders(source))


def address_of(record: AddressRecord) -> Address:
    """Turn the file's address into ours."""
    return Address(
        line1=record.address1,
        line2=record.address2,
        city=record.city,
        region=record.state,
        postcode=record.zip,
        country=record.country,
    )


def _store(name: str) -> Store:
    return Store(
        name=name,
        title="tau2-bench retail",
        currency="USD",
        clock=CLOCK,
        timezone="America/New_York",
        provenance="The retail domain of the tau2-bench benchmark (MIT licence); made-up data.",
        invented=True,
        policy=POLICY,
        contact="The benchmark's shop has no staff; messages are kept here.",
    )


def _family_row(product: ProductRecord, sold: Counter[str]) -> dict[str, object]:
    return {
        "id": product.product_id,
        "name": product.name,
        "size": "",
        "own_label": False,
        "aisle": "Everything",
        "department": "Everything",
        "category": product.name,
        "keywords": [],
        "restriction": None,
        "best_seller": max(product.variants, key=lambda item_id: (sold[item_id], item_id)),
        "lines_sold": sum(sold[item_id] for item_id in product.variants),
    }


def _product_rows(product: ProductRecord, sold: Counter[str]) -> Iterator[dict[str, object]]:
    for variant in product.variants.values():
        yield {
            "id": variant.item_id,
            "family_id": product.product_id,
            "price": variant.price,
            "regular_price": variant.price,
            "promoted": False,
            "units_sold": sold[variant.item_id],
            "options": list(variant.options.items()),
            # The file counts nothing: an item can be had, as often as wanted, or it cannot.
            "stock": None if variant.available else 0,
        }


def _customer(user: UserRecord) -> Customer:
    return Customer(
        id=user.user_id,
        first_name=user.name.first_name,
        last_name=user.name.last_name,
        email=user.email,
        address=address_of(user.address),
        payment_methods=tuple(map(_method, user.payment_methods.values())),
    )


def _method(record: PaymentMethodRecord) -> PaymentMethod:
    return PaymentMethod(
        record.id, _KINDS[record.source], record.brand, record.last_four, record.balance
    )


def _orders(source: RetailStore) -> Iterator[PastOrder]:
    for user in source.users.values():
        for back, order_id in enumerate(reversed(user.orders)):
            yield _order(source.orders[order_id], CLOCK - timedelta(days=back))


def _order(record: OrderEntry, placed_at: datetime) -> PastOrder:
    return PastOrder(
        id=record.order_id,
        customer_id=record.user_id,
        placed_at=placed_at,
        status=record.status,
        address=address_of(record.address),
        lines=tuple(PastLine(item.item_id, 1, item.price) for item in record.items),
        ledger=tuple(
            LedgerEntry(EntryKind(p.transaction_type), p.amount, p.payment_method_id)
            for p in record.payment_history
        ),
        fulfilments=tuple(_fulfilment(record, parcel) for parcel in record.fulfillments),
    )


def _fulfilment(order: OrderEntry, parcel: FulfilmentRecord) -> Fulfilment:
    """Find each item's line; an item that occurs twice takes the first line not yet taken."""
    free = [item.item_id for item in order.items]
    lines = []
    for item_id in parcel.item_ids:
        line = free.index(item_id)
        free[line] = ""
        lines.append(line)
    return Fulfilment(parcel.tracking_id, tuple(lines))
