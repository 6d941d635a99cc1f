"""An agent's wish about a customer's order, as a form sends it, and the proposal it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.catalog.customers import Address
from assistant.errors import InvalidArguments
from assistant.orders.proposals import Proposal
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Session


@dataclass(frozen=True, slots=True)
class OrderForm:
    """A form's fields; each may be there several times, once for each unit of an order."""

    action: str
    order_id: str
    fields: Mapping[str, Sequence[str]]

    def one(self, name: str) -> str:
        """Return a field's only value, empty where it is absent."""
        values = self.fields.get(name, ())
        return values[0].strip() if values else ""

    def chosen(self, name: str) -> tuple[str, ...]:
        """Return a field's values without the empty ones."""
        return tuple(value for value in self.fields.get(name, ()) if value)

    @property
    def address(self) -> Address:
        """The address in the form."""
        names = ("line1", "line2", "city", "region", "postcode", "country")
        return Address(*(self.one(name) for name in names))

    @property
    def changes(self) -> tuple[tuple[str, str], ...]:
        """Pairs of an ordered product and the one wanted instead."""
        pairs = (value.partition(">")[::2] for value in self.chosen("change"))
        return tuple((old, new) for old, new in pairs if old and new)


def propose(desk: OrderDesk, session: Session, form: OrderForm) -> Proposal:
    """Make the proposal that a form asks for, under the shop's rules.

    Raises InvalidArguments for a form that asks for nothing, and what `OrderDesk` raises.
    """
    order_id, method = form.order_id, form.one("payment_method_id")
    match form.action:
        case "cancel_order":
            return desk.cancel_order(session, order_id, form.one("reason"))
        case "change_address":
            return desk.change_address(session, order_id, form.address)
        case "change_payment":
            return desk.change_payment(session, order_id, method)
        case "return_items":
            return desk.return_items(session, order_id, form.chosen("product_id"), method)
        case "change_items":
            return desk.change_items(session, order_id, form.changes, method)
        case "exchange_items":
            return desk.exchange_items(session, order_id, form.changes, method)
        case "change_default_address":
            return desk.change_default_address(session, form.address)
    raise InvalidArguments("Choose what is to be done with the order.")
