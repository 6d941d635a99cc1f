"""Reads one customer's data for the rules, within the caller's transaction."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, RowMapping, select

from assistant.catalog.customers import (
    Address,
    Customer,
    EntryKind,
    Fulfilment,
    LedgerEntry,
    PaymentKind,
    PaymentMethod,
    SavedAddress,
)
from assistant.catalog.order_schema import (
    customers,
    fulfilments,
    ledger,
    order_change_lines,
    order_changes,
    order_details,
    payment_methods,
    saved_addresses,
)
from assistant.catalog.products import product_title, read_options
from assistant.catalog.schema import families, order_lines, orders, products, shoppers, stores
from assistant.errors import NotFound
from assistant.orders.cart import cart_lines, cart_of
from assistant.orders.records import (
    ChangedLine,
    Offer,
    OrderRecord,
    RecordedChange,
    RecordedLine,
    Situation,
)
from assistant.orders.requests import (
    ChangeDefaultAddress,
    ChangeItems,
    ExchangeItems,
    PlaceOrder,
    Request,
)

ADDRESS = ("line1", "line2", "city", "region", "postcode", "country")
_TITLE = (
    products.c.family_id,
    products.c.options,
    families.c.name,
    families.c.size,
    families.c.own_label,
    families.c.aisle,
)
_FAMILY = (families.c.store == products.c.store) & (families.c.id == products.c.family_id)


def read_situation(
    connection: Connection, store: str, customer_id: str, request: Request
) -> Situation:
    """Read all that decides about a customer's request.

    Raises NotFound for a customer of whom the store knows no payment data.
    """
    cart = _cart(connection, store, cart_of(customer_id)) if isinstance(request, PlaceOrder) else ()
    order = None
    if not isinstance(request, ChangeDefaultAddress | PlaceOrder):
        order = read_order(connection, store, customer_id, request.order_id)
    wanted = [product_id for product_id, _ in cart]
    if isinstance(request, ChangeItems | ExchangeItems):
        wanted = [change.new_product_id for change in request.changes]
    clock = connection.execute(select(stores.c.clock).where(stores.c.name == store)).scalar_one()
    return Situation(
        read_customer(connection, store, customer_id),
        clock,
        order,
        read_offers(connection, store, wanted),
        cart,
    )


def read_customer(connection: Connection, store: str, customer_id: str) -> Customer:
    """Read a customer; raises NotFound for one of whom the store knows no more than a number."""
    query = (
        select(customers, shoppers.c.location)
        .join(shoppers, (shoppers.c.store == customers.c.store) & (shoppers.c.id == customers.c.id))
        .where(customers.c.store == store, customers.c.id == customer_id)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(
            "Your address and payment methods are not recorded; a person at the shop can help."
        )
    return Customer(
        id=row["id"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        email=row["email"],
        address=_address(row),
        payment_methods=_methods(connection, store, customer_id),
        saved_addresses=_saved(connection, store, customer_id),
        location=row["location"],
        demonstration=row["demonstration"],
    )


def read_order(
    connection: Connection, store: str, customer_id: str, order_id: str
) -> OrderRecord | None:
    """Read one order of a customer; None where there is none or it is another's."""
    query = (
        select(orders, *(order_details.c[name] for name in (*ADDRESS, "cancel_reason")))
        .outerjoin(
            order_details,
            (order_details.c.store == orders.c.store) & (order_details.c.order_id == orders.c.id),
        )
        .where(orders.c.store == store, orders.c.shopper_id == customer_id, orders.c.id == order_id)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    return OrderRecord(
        id=row["id"],
        customer_id=row["shopper_id"],
        placed_at=row["placed_at"],
        status=row["status"],
        address=_address(row) if row["line1"] is not None else None,
        lines=_lines(connection, store, order_id),
        ledger=_ledger(connection, store, order_id),
        fulfilments=_fulfilments(connection, store, order_id),
        cancel_reason=row["cancel_reason"],
        changes=_changes(connection, store, order_id),
    )


def read_offers(
    connection: Connection, store: str, product_ids: Iterable[str]
) -> Mapping[str, Offer]:
    """Read what the shop offers now of these products, by id."""
    query = (
        select(products.c.id, products.c.price, products.c.stock, *_TITLE)
        .join(families, _FAMILY)
        .where(products.c.store == store, products.c.id.in_(list(product_ids)))
    )
    return {
        row["id"]: Offer(
            row["id"],
            row["family_id"],
            _title(row),
            read_options(row["options"]),
            row["price"],
            row["stock"],
        )
        for row in connection.execute(query).mappings()
    }


def read_family(connection: Connection, store: str, family_id: str) -> tuple[Offer, ...]:
    """Read every product of a family, whether it can be had or not, by id."""
    query = select(products.c.id).where(
        products.c.store == store, products.c.family_id == family_id
    )
    found = read_offers(connection, store, connection.scalars(query).all())
    return tuple(found[product_id] for product_id in sorted(found))


def _lines(connection: Connection, store: str, order_id: str) -> tuple[RecordedLine, ...]:
    # Outer joins: a line stays in its order although the shop has dropped the product since.
    query = (
        select(order_lines, *_TITLE)
        .outerjoin(
            products,
            (products.c.store == order_lines.c.store) & (products.c.id == order_lines.c.product_id),
        )
        .outerjoin(families, _FAMILY)
        .where(order_lines.c.store == store, order_lines.c.order_id == order_id)
        .order_by(order_lines.c.line)
    )
    return tuple(
        RecordedLine(
            number=row["line"],
            product_id=row["product_id"],
            family_id=row["family_id"] or "",
            aisle=row["aisle"] or "",
            title=_title(row) if row["name"] else f"Product {row['product_id']} (no longer sold)",
            quantity=row["quantity"],
            total=row["total"],
        )
        for row in connection.execute(query).mappings()
    )


def _ledger(connection: Connection, store: str, order_id: str) -> tuple[LedgerEntry, ...]:
    query = (
        select(ledger)
        .where(ledger.c.store == store, ledger.c.order_id == order_id)
        .order_by(ledger.c.number)
    )
    return tuple(
        LedgerEntry(EntryKind(row.kind), row.amount, row.payment_method_id, row.timing)
        for row in connection.execute(query)
    )


def _fulfilments(connection: Connection, store: str, order_id: str) -> tuple[Fulfilment, ...]:
    query = (
        select(fulfilments)
        .where(fulfilments.c.store == store, fulfilments.c.order_id == order_id)
        .order_by(fulfilments.c.number)
    )
    return tuple(
        Fulfilment(tuple(row.tracking_ids), tuple(row.lines)) for row in connection.execute(query)
    )


def _changes(connection: Connection, store: str, order_id: str) -> tuple[RecordedChange, ...]:
    query = (
        select(order_changes)
        .where(order_changes.c.store == store, order_changes.c.order_id == order_id)
        .order_by(order_changes.c.at, order_changes.c.proposal_id)
    )
    return tuple(
        RecordedChange(
            row.proposal_id,
            row.action,
            row.reason,
            row.payment_method_id,
            row.difference,
            _changed_lines(connection, store, row.proposal_id),
        )
        for row in connection.execute(query).all()
    )


def _changed_lines(connection: Connection, store: str, proposal_id: str) -> tuple[ChangedLine, ...]:
    table = order_change_lines
    query = (
        select(table)
        .where(table.c.store == store, table.c.proposal_id == proposal_id)
        .order_by(table.c.position)
    )
    return tuple(
        ChangedLine(
            row.line,
            row.quantity,
            row.product_id,
            row.total,
            row.new_product_id,
            row.new_total,
        )
        for row in connection.execute(query)
    )


def _methods(connection: Connection, store: str, customer_id: str) -> tuple[PaymentMethod, ...]:
    table = payment_methods
    query = (
        select(table)
        .where(table.c.store == store, table.c.customer_id == customer_id)
        .order_by(table.c.position)
    )
    return tuple(
        PaymentMethod(row.id, PaymentKind(row.kind), row.brand, row.last_four, row.balance)
        for row in connection.execute(query)
    )


def _saved(connection: Connection, store: str, customer_id: str) -> tuple[SavedAddress, ...]:
    table = saved_addresses
    query = (
        select(table)
        .where(table.c.store == store, table.c.customer_id == customer_id)
        .order_by(table.c.name)
    )
    return tuple(
        SavedAddress(row["name"], _address(row)) for row in connection.execute(query).mappings()
    )


def _cart(connection: Connection, store: str, owner: str) -> tuple[tuple[str, int], ...]:
    query = (
        select(cart_lines.c.product_id, cart_lines.c.quantity)
        .where(cart_lines.c.store == store, cart_lines.c.owner == owner)
        .order_by(cart_lines.c.position)
        .with_for_update()
    )
    return tuple((row.product_id, row.quantity) for row in connection.execute(query))


def _address(row: RowMapping) -> Address:
    return Address(**{name: row[name] for name in ADDRESS})


def _title(row: RowMapping) -> str:
    options = read_options(row["options"])
    return product_title(row["name"], row["size"], row["own_label"], options)
