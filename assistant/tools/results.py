"""What tools return: plain values with all the facts that cards and answers may state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from assistant.catalog.products import Product
from assistant.orders.cart import Cart, cart_of
from assistant.recommend.explain import Why
from assistant.recommend.scenarios import Objective
from assistant.retrieval.results import Relaxation

PriceOrder = Literal["cheapest", "dearest"]


@dataclass(frozen=True, slots=True)
class Session:
    """Who asks: taken from the sign-in, never from a message.

    `agent` names the shop's employee who acts for the shopper at the desk.
    """

    store: str
    conversation_id: str
    shopper_id: str | None
    agent: str | None = None

    @property
    def actor(self) -> str:
        """Who acts, for the trail of changes: `shopper` or `agent:NAME`."""
        return "shopper" if self.agent is None else f"agent:{self.agent}"

    @property
    def cart_owner(self) -> str:
        """The cart's owner: the shopper, or this conversation's guest."""
        if self.shopper_id is None:
            return f"guest:{self.conversation_id}"
        return cart_of(self.shopper_id)


@dataclass(frozen=True, slots=True)
class Card:
    """A product with the facts why it is shown; `scores` maps objectives to probabilities."""

    product: Product
    why: tuple[Why, ...] = ()
    scores: Mapping[Objective, float] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Search results.

    `carried` False says that the shop does not carry or record what was asked, `missing` names
    the words it lacks and `cards` are the nearest alternatives.
    """

    query: str
    cards: tuple[Card, ...]
    carried: bool
    missing: tuple[str, ...]
    relaxations: tuple[Relaxation, ...]


@dataclass(frozen=True, slots=True)
class ListedItem:
    """One item of a shopping list and the card for it, None where nothing fits."""

    query: str
    quantity: int
    card: Card | None
    carried: bool


@dataclass(frozen=True, slots=True)
class CartChange:
    """The cart after a change, and what changed."""

    cart: Cart
    product: Product
    quantity: int


@dataclass(frozen=True, slots=True)
class PurchaseFact:
    """One past purchase of a product, straight from an order line."""

    title: str
    product_id: str
    family_id: str
    order_id: str
    placed_at: datetime
    quantity: int
    total: int
    currency: str


@dataclass(frozen=True, slots=True)
class Purchases:
    """Past purchases that match a query, newest first; `times` counts all of them."""

    query: str
    facts: tuple[PurchaseFact, ...]
    times: int


@dataclass(frozen=True, slots=True)
class PolicySection:
    """One section of the shop's policy, word for word."""

    title: str
    text: str
    score: float
