"""What a run saw: the events and the inside of each turn, and the state around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from assistant.catalog.customers import Customer
from assistant.catalog.products import Product
from assistant.dialogue.events import (
    CartEvent,
    DoneEvent,
    OrderItem,
    OrdersEvent,
    ProductItem,
    ProductsEvent,
    TextEvent,
    ToolEvent,
    TurnEvent,
)
from assistant.dialogue.trace import TurnTrace
from assistant.evaluation.cases import Case
from assistant.orders.cart import Cart
from assistant.orders.orders import Order
from assistant.orders.records import OrderRecord


@dataclass(frozen=True, slots=True)
class State:
    """What a turn may change: the cart, the shopper's orders, addresses and payment methods.

    `records` are the orders with all that was done to them, `customer` is None where the store
    records none; both are empty without an order desk.
    """

    cart: Cart
    orders: tuple[Order, ...]
    records: tuple[OrderRecord, ...] = ()
    customer: Customer | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true in the store, read from its database and not from any answer.

    `products` holds every product on a card or in a cart, `orders` all of the case's shopper by
    id (empty for a guest), `promoted` the products of the last week's mailer and displays.
    """

    products: Mapping[str, Product]
    orders: Mapping[str, Order]
    promoted: frozenset[str]

    @property
    def bought_families(self) -> frozenset[str]:
        """Ids of the families in the shopper's orders."""
        return frozenset(
            line.family_id
            for order in self.orders.values()
            for line in order.lines
            if line.family_id is not None
        )


def cited(cards: tuple[ProductItem, ...]) -> frozenset[str]:
    """Return the orders that cards cite as evidence."""
    return frozenset(o for card in cards for why in card.why for o in why.order_ids)


@dataclass(frozen=True)
class TurnRecord:
    """One turn as it happened; `crash` holds the words of an error that ended it."""

    user: str
    events: tuple[TurnEvent, ...]
    trace: TurnTrace
    before: State
    after: State
    crash: str = ""

    @cached_property
    def card_groups(self) -> tuple[tuple[ProductItem, ...], ...]:
        """Product cards by the event that showed them."""
        return tuple(e.items for e in self.events if isinstance(e, ProductsEvent))

    @cached_property
    def cards(self) -> tuple[ProductItem, ...]:
        """All product cards, in the order they were shown."""
        return tuple(card for group in self.card_groups for card in group)

    @cached_property
    def order_cards(self) -> tuple[OrderItem, ...]:
        """All order cards, in the order they were shown."""
        return tuple(i for e in self.events if isinstance(e, OrdersEvent) for i in e.items)

    @cached_property
    def cited(self) -> frozenset[str]:
        """The orders that product cards cite as evidence."""
        return cited(self.cards)

    @cached_property
    def tools(self) -> tuple[ToolEvent, ...]:
        """The tools that ran."""
        return tuple(e for e in self.events if isinstance(e, ToolEvent))

    @cached_property
    def carts(self) -> tuple[CartEvent, ...]:
        """The carts that were shown."""
        return tuple(e for e in self.events if isinstance(e, CartEvent))

    @cached_property
    def text(self) -> str:
        """The visible answer."""
        return "".join(e.delta for e in self.events if isinstance(e, TextEvent))

    @cached_property
    def done(self) -> DoneEvent | None:
        """The closing event, if it came last and only once."""
        closing = [e for e in self.events if isinstance(e, DoneEvent)]
        last = self.events[-1] if self.events else None
        return last if isinstance(last, DoneEvent) and len(closing) == 1 else None


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One run of a case: its turns so far or in full, and the store's facts."""

    case: Case
    turns: tuple[TurnRecord, ...]
    facts: Facts
    repeat: int = field(default=0)
