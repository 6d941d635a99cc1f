"""What an agent sees of the customer behind a conversation, read under the customer's identity."""

from dataclasses import dataclass

from assistant.catalog.customers import Customer
from assistant.errors import NotFound
from assistant.orders.orders import Order
from assistant.orders.policy import OrderPolicy
from assistant.orders.proposals import Proposal
from assistant.orders.records import Offer, OrderRecord
from assistant.orders.requests import Action
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Card, Session
from assistant.tools.toolkit import Toolkit

_ORDERS = 6
_HABITS = 6
_ON_ORDERS: tuple[Action, ...] = (
    "cancel_order",
    "change_items",
    "change_address",
    "change_payment",
    "return_items",
    "exchange_items",
)


@dataclass(frozen=True, slots=True)
class OrderFile:
    """One order; `record` has its money and parcels, None where the shop keeps neither.

    `actions` are what the policy allows in the order's status; `offers` are the options of its
    products by family id.
    """

    order: Order
    record: OrderRecord | None
    actions: tuple[Action, ...]
    offers: dict[str, tuple[Offer, ...]]


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """A customer's record, newest orders, waiting proposal and habits; a guest's is empty."""

    customer: Customer | None = None
    orders: tuple[OrderFile, ...] = ()
    pending: Proposal | None = None
    habits: tuple[Card, ...] = ()


class CustomerFiles:
    """Reads files for the desk; `desk` is None in a shop whose policy has no rules on orders."""

    def __init__(self, toolkit: Toolkit, desk: OrderDesk | None) -> None:
        self._toolkit = toolkit
        self._desk = desk

    def of(self, session: Session) -> CustomerFile:
        """Read the file of the session's customer."""
        if session.shopper_id is None:
            return CustomerFile()
        orders = self._toolkit.list_orders(session, limit=_ORDERS)
        return CustomerFile(
            customer=self._customer(session),
            orders=tuple(self._order(session, order) for order in orders),
            pending=None if self._desk is None else self._desk.pending(session),
            habits=self._toolkit.usual(session, k=_HABITS),
        )

    def _customer(self, session: Session) -> Customer | None:
        if self._desk is None:
            return None
        try:
            return self._desk.profile(session)
        except NotFound:
            return None

    def _order(self, session: Session, order: Order) -> OrderFile:
        if self._desk is None:
            return OrderFile(order, None, (), {})
        record = self._desk.order(session, order.id)
        actions = allowed_actions(self._desk.policy, record)
        return OrderFile(order, record, actions, self._offers(record, actions))

    def _offers(
        self, record: OrderRecord, actions: tuple[Action, ...]
    ) -> dict[str, tuple[Offer, ...]]:
        if self._desk is None or not {"change_items", "exchange_items"}.intersection(actions):
            return {}
        families = dict.fromkeys(line.family_id for line in record.lines if line.family_id)
        return {family: self._desk.product_options(family) for family in families}


def allowed_actions(policy: OrderPolicy, order: OrderRecord) -> tuple[Action, ...]:
    """Return what the policy allows on an order in its status; the rest is told when proposed."""
    rules = {
        "cancel_order": policy.cancel,
        "change_items": policy.change_items,
        "change_address": policy.change_address,
        "change_payment": policy.change_payment,
        "return_items": policy.return_items,
        "exchange_items": policy.exchange_items,
    }
    return tuple(
        action
        for action in _ON_ORDERS
        if (rule := rules[action]) is not None
        and order.status in rule.when
        and not (rule.once and order.has_had(action))
    )
