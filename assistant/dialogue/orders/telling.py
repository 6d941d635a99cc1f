"""Words for proposals, and for what happened: the latter only from committed rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.catalog.customers import Customer, EntryKind, LedgerEntry
from assistant.dialogue.wording import counted, joined
from assistant.orders.effects import Effects, LineEffect, MoneyEffect
from assistant.orders.policy import OrderPolicy
from assistant.orders.records import OrderRecord, RecordedChange
from assistant.orders.requests import Action

Money = Callable[[int], str]
Titles = Callable[[str], str]


def summary(action: Action, effects: Effects, money: Money) -> str:
    """Say exactly what a proposal would change, in one to three sentences."""
    said = _SUMMARIES[action](effects, money)
    moved = [_moves(entry, money) for entry in effects.money if entry.amount]
    if action in {"change_items", "exchange_items"} and not moved:
        moved = ["The price stays the same."]
    if action == "place_order":
        moved = []
    return " ".join((said, *moved))


def _cancelling(effects: Effects, money: Money) -> str:
    total = sum(line.total for line in effects.lines)
    count = sum(line.quantity for line in effects.lines)
    named = _named(effects.lines)
    return (
        f"Cancel order {effects.order_id}, all of it: {named}"
        f" ({counted(count, 'item')}, {money(total)})."
    )


def _changing(effects: Effects, _money: Money) -> str:
    return f"In order {effects.order_id}, change {_swaps(effects.lines)}."


def _exchanging(effects: Effects, _money: Money) -> str:
    return f"Exchange items of order {effects.order_id}: {_swaps(effects.lines)}."


def _returning(effects: Effects, _money: Money) -> str:
    return f"Return {_named(effects.lines)} of order {effects.order_id}."


def _readdressing(effects: Effects, _money: Money) -> str:
    before = f" instead of {effects.address_before.text}" if effects.address_before else ""
    to = effects.address.text if effects.address else ""
    return f"Send order {effects.order_id} to {to}{before}."


def _repaying(effects: Effects, _money: Money) -> str:
    return f"Pay order {effects.order_id} another way."


def _moving_home(effects: Effects, _money: Money) -> str:
    before = f" instead of {effects.address_before.text}" if effects.address_before else ""
    to = effects.address.text if effects.address else ""
    return f"Send new orders to {to}{before}; orders placed already keep their address."


def _placing(effects: Effects, money: Money) -> str:
    total = sum(line.total for line in effects.lines)
    to = effects.address.text if effects.address else ""
    (paid,) = effects.money
    return (
        f"Order {_named(effects.lines)} for {money(total)}, sent to {to} and paid with your"
        f" {paid.method}."
    )


_SUMMARIES: dict[Action, Callable[[Effects, Money], str]] = {
    "cancel_order": _cancelling,
    "change_items": _changing,
    "change_address": _readdressing,
    "change_payment": _repaying,
    "return_items": _returning,
    "exchange_items": _exchanging,
    "change_default_address": _moving_home,
    "place_order": _placing,
}


def _named(lines: Sequence[LineEffect]) -> str:
    return joined([f"{line.quantity} × {line.title}" for line in lines])


def _swaps(lines: Sequence[LineEffect]) -> str:
    return joined([f"{line.quantity} × {line.title} to {line.new_title}" for line in lines])


def _moves(entry: MoneyEffect, money: Money) -> str:
    if entry.kind is EntryKind.PAYMENT:
        when = "" if entry.booked else f" {entry.timing}"
        return f"{money(entry.amount)} is charged to your {entry.method}{when}."
    return f"{money(entry.amount)} goes back to your {entry.method} {entry.timing}."


@dataclass(frozen=True, slots=True)
class Committed:
    """What stands in the database after a change of one order."""

    order: OrderRecord
    customer: Customer
    policy: OrderPolicy
    money: Money
    title: Titles

    def told(self, action: Action, proposal_id: str) -> tuple[str, ...]:
        """Say what happened, from the order's rows."""
        order = self.order
        change = next((c for c in order.changes if c.proposal_id == proposal_id), None)
        match action:
            case "cancel_order":
                return (f"Order {order.id} is now {order.status}.", *self._refunds())
            case "change_address":
                to = order.address.text if order.address else "its new address"
                return (f"Order {order.id} now goes to {to}.",)
            case "change_payment":
                return self._repaid()
            case "place_order":
                return (self._placed(),)
            case _:
                return self._items(change, action)

    def _refunds(self) -> tuple[str, ...]:
        entries = (e for e in self.order.ledger if e.kind is EntryKind.REFUND and e.amount)
        return tuple(self._moved(entry) for entry in entries)

    def _repaid(self) -> tuple[str, ...]:
        paid = [e for e in self.order.ledger if e.kind is EntryKind.PAYMENT][-1]
        method = self._method(paid.payment_method_id)
        first = f"Order {self.order.id} is now paid with your {method}: {self.money(paid.amount)}."
        return (first, *self._refunds())

    def _placed(self) -> str:
        order = self.order
        count = sum(line.quantity for line in order.lines)
        to = order.address.text if order.address else "your address"
        paid = self._method(order.original_payment or "")
        return (
            f"Order {order.id} is placed and {order.status}: {counted(count, 'item')} for"
            f" {self.money(order.total)}, paid with your {paid}, to be sent to {to}."
        )

    def _items(self, change: RecordedChange | None, action: Action) -> tuple[str, ...]:
        order = self.order
        if change is None:
            return (f"Order {order.id} is now {order.status}.",)
        parts = [
            f"{line.quantity} × {self.title(line.product_id)}"
            + (f" becomes {self.title(line.new_product_id)}" if line.new_product_id else "")
            for line in change.lines
        ]
        said = f"Order {order.id} is now {order.status}: {joined(parts)}."
        return (said, *self._settled(change, action))

    def _settled(self, change: RecordedChange, action: Action) -> tuple[str, ...]:
        method = self._method(change.payment_method_id or "")
        if action == "return_items":
            amount = -sum(line.total for line in change.lines)
        else:
            amount = change.difference or 0
        if not amount:
            return ("The price stays the same.",)
        back = "" if action == "change_items" else " after the items are back"
        if amount > 0:
            return (f"{self.money(amount)} is charged to your {method}{back}.",)
        when = self._timing(change.payment_method_id or "")
        return (f"{self.money(-amount)} goes back to your {method} {when}{back}.",)

    def _moved(self, entry: LedgerEntry) -> str:
        method = self._method(entry.payment_method_id)
        return f"{self.money(entry.amount)} goes back to your {method} {entry.timing}."

    def refunds_told(self) -> tuple[str, ...]:
        """Say which refunds of the order are on their way or will be."""
        asked = [c for c in self.order.changes if c.action in {"return_items", "exchange_items"}]
        later = tuple(text for change in asked for text in self._settled(change, _action(change)))
        return (*self._refunds(), *later)

    def _method(self, method_id: str) -> str:
        methods = self.customer.payment_methods
        return next((m.text for m in methods if m.id == method_id), "earlier payment method")

    def _timing(self, method_id: str) -> str:
        methods = self.customer.payment_methods
        kinds = [method.kind for method in methods if method.id == method_id]
        return self.policy.refunds.of(kinds[0]) if kinds else self.policy.refunds.other


def _action(change: RecordedChange) -> Action:
    return "return_items" if change.action == "return_items" else "exchange_items"
