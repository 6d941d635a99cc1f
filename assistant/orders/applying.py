"""Carries effects out within the caller's write transaction, and nothing but them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from assistant.catalog.customers import Address, EntryKind, PaymentKind
from assistant.catalog.order_schema import (
    customers,
    ledger,
    order_change_lines,
    order_changes,
    order_details,
    payment_methods,
)
from assistant.catalog.schema import order_lines, orders, products, stores
from assistant.orders.cart import cart_lines, cart_of
from assistant.orders.effects import Effects, LineEffect, MoneyEffect, StockEffect
from assistant.orders.requests import Action

Row = Mapping[str, object]
_A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Change:
    """A confirmed proposal about to be carried out; `at` is the wall clock's time."""

    store: str
    customer_id: str
    proposal_id: str
    action: Action
    actor: str
    at: datetime


def apply(connection: Connection, change: Change, effects: Effects) -> None:
    """Write the effects, the entry in the order's changes, and the ledger's."""
    if effects.order_id is None:
        _move_home(connection, change, effects)
    elif change.action == "place_order":
        _place(connection, change, effects.order_id, effects)
    else:
        _update_order(connection, change, effects.order_id, effects)
    for stock in effects.stock:
        _restock(connection, change, stock)
    if effects.order_id is not None:
        _book(connection, change, effects.order_id, [m for m in effects.money if m.booked])
    _record(connection, change, effects)


def _move_home(connection: Connection, change: Change, effects: Effects) -> None:
    connection.execute(
        update(customers)
        .where(customers.c.store == change.store, customers.c.id == change.customer_id)
        .values(_address(effects.address))
    )


def _place(connection: Connection, change: Change, order_id: str, effects: Effects) -> None:
    clock = select(stores.c.clock).where(stores.c.name == change.store)
    placed_at = connection.execute(clock).scalar_one() + _A_MOMENT
    # The shop's clock is the time of its newest order.
    connection.execute(update(stores).where(stores.c.name == change.store).values(clock=placed_at))
    order = {
        "store": change.store,
        "id": order_id,
        "shopper_id": change.customer_id,
        "placed_at": placed_at,
        "status": effects.status,
        "total": sum(line.total for line in effects.lines),
    }
    connection.execute(insert(orders).values(order))
    _set_details(connection, change, order_id, _address(effects.address))
    rows = [_line_row(change, order_id, line.line, line) for line in effects.lines]
    connection.execute(insert(order_lines), rows)
    owner = cart_of(change.customer_id)
    connection.execute(
        delete(cart_lines).where(cart_lines.c.store == change.store, cart_lines.c.owner == owner)
    )


def _update_order(connection: Connection, change: Change, order_id: str, effects: Effects) -> None:
    here = (orders.c.store == change.store) & (orders.c.id == order_id)
    if effects.status is not None:
        connection.execute(update(orders).where(here).values(status=effects.status))
    if effects.address is not None:
        _set_details(connection, change, order_id, _address(effects.address))
    if change.action == "cancel_order":
        _set_details(connection, change, order_id, {"cancel_reason": effects.reason})
    if change.action == "change_items":
        for line in effects.lines:
            _replace_units(connection, change, order_id, line)
        spent = select(func.sum(order_lines.c.total)).where(_lines_of(change, order_id))
        total = connection.execute(spent).scalar_one()
        connection.execute(update(orders).where(here).values(total=total))


def _set_details(connection: Connection, change: Change, order_id: str, values: Row) -> None:
    here = (order_details.c.store == change.store) & (order_details.c.order_id == order_id)
    if connection.execute(update(order_details).where(here).values(values)).rowcount == 0:
        key = {"store": change.store, "order_id": order_id}
        connection.execute(insert(order_details).values({**key, **values}))


def _replace_units(
    connection: Connection, change: Change, order_id: str, effect: LineEffect
) -> None:
    """Put the new product in the old one's place, or beside it where only some units change."""
    here = _lines_of(change, order_id)
    line = here & (order_lines.c.line == effect.line)
    held = connection.execute(select(order_lines.c.quantity).where(line)).scalar_one()
    if held == effect.quantity:
        row = _line_row(change, order_id, effect.line, effect)
        connection.execute(update(order_lines).where(line).values(row))
        return
    connection.execute(
        update(order_lines)
        .where(line)
        .values(
            quantity=order_lines.c.quantity - effect.quantity,
            total=order_lines.c.total - effect.total,
        )
    )
    last = connection.execute(select(func.max(order_lines.c.line)).where(here)).scalar_one()
    row = _line_row(change, order_id, last + 1, effect)
    connection.execute(insert(order_lines).values(row))


def _lines_of(change: Change, order_id: str) -> ColumnElement[bool]:
    return (order_lines.c.store == change.store) & (order_lines.c.order_id == order_id)


def _line_row(change: Change, order_id: str, number: int, line: LineEffect) -> Row:
    return {
        "store": change.store,
        "order_id": order_id,
        "line": number,
        "product_id": line.new_product_id or line.product_id,
        "quantity": line.quantity,
        "total": line.total if line.new_total is None else line.new_total,
    }


def _restock(connection: Connection, change: Change, effect: StockEffect) -> None:
    # Uncounted stock is NULL and stays so.
    connection.execute(
        update(products)
        .where(products.c.store == change.store, products.c.id == effect.product_id)
        .values(stock=products.c.stock + effect.units)
    )


def _book(
    connection: Connection, change: Change, order_id: str, money: Sequence[MoneyEffect]
) -> None:
    last = select(func.max(ledger.c.number)).where(
        ledger.c.store == change.store, ledger.c.order_id == order_id
    )
    held = connection.execute(last).scalar_one()
    for number, entry in enumerate(money, start=0 if held is None else held + 1):
        row = {"store": change.store, "order_id": order_id, "number": number}
        row |= {"proposal_id": change.proposal_id, **entry.model_dump(include=_BOOKED)}
        connection.execute(insert(ledger).values(row))
        _move_balance(connection, change, entry)


def _move_balance(connection: Connection, change: Change, entry: MoneyEffect) -> None:
    sign = -1 if entry.kind is EntryKind.PAYMENT else 1
    connection.execute(
        update(payment_methods)
        .where(
            payment_methods.c.store == change.store,
            payment_methods.c.customer_id == change.customer_id,
            payment_methods.c.id == entry.payment_method_id,
            payment_methods.c.kind == PaymentKind.GIFT_CARD,
        )
        .values(balance=payment_methods.c.balance + sign * entry.amount)
    )


def _record(connection: Connection, change: Change, effects: Effects) -> None:
    row = {
        "store": change.store,
        "proposal_id": change.proposal_id,
        "customer_id": change.customer_id,
        "action": change.action,
        "actor": change.actor,
        "at": change.at,
        **effects.model_dump(include=_RECORDED),
    }
    connection.execute(insert(order_changes).values(row))
    lines = [
        {
            "store": change.store,
            "proposal_id": change.proposal_id,
            "position": position,
            **line.model_dump(include=_RECORDED_OF_LINE),
        }
        for position, line in enumerate(effects.lines)
    ]
    if lines:
        connection.execute(insert(order_change_lines), lines)


def _address(address: Address | None) -> Row:
    return {} if address is None else asdict(address)


_BOOKED = {"kind", "amount", "payment_method_id", "timing"}
_RECORDED = {"order_id", "reason", "payment_method_id", "difference"}
_RECORDED_OF_LINE = {
    "line", "quantity", "product_id", "total", "new_product_id", "new_total",
}  # fmt: skip
