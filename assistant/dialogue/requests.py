"""What a message asks for: intents, slots and references to what was shown before."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from assistant.dialogue.orders.wishes import OrderWish


class Intent(StrEnum):
    """The things a shopper may want; the classifier's labels."""

    FIND = "find"  # find products: "a snack under $3", "do you have oat milk?"
    REFINE = "refine"  # change the last search: "cheaper", "and for dogs?", "own label please"
    SHOPPING_LIST = "shopping_list"  # several products in one go: "I need milk, eggs and bread"
    DETAILS = "details"  # about a shown product: "how big is the second one?"
    CART_ADD = "cart_add"  # "add two of the second one", "add all", "put milk in my cart"
    CART_REMOVE = "cart_remove"  # "take the bread out"
    CART_SET = "cart_set"  # "make it three", "change the milk to 2"
    CART_SHOW = "cart_show"  # "what's in my cart?", "what does it come to?"
    CART_CLEAR = "cart_clear"  # "empty my cart"
    CART_PAIRS = "cart_pairs"  # "what goes with my cart?"
    RECOMMEND = "recommend"  # "recommend something for me", "plan my next shop"
    DISCOVER = "discover"  # "surprise me", "something I haven't had before"
    USUAL = "usual"  # "what do I usually buy?"
    LAST_BOUGHT = "last_bought"  # "when did I last buy coffee?"
    PAID = "paid"  # "what did I pay for the cheese?"
    PROMOTIONS = "promotions"  # "any deals for me this week?"
    ORDERS = "orders"  # "show my orders"
    ORDER_STATUS = "order_status"  # "where is my last order?", "status of order 123"
    ORDER_CHANGE = "order_change"  # "cancel my order", "I want to return this"
    POLICY = "policy"  # "how long do I have to return things?", "when are you open?"
    HUMAN = "human"  # "let me talk to a person"
    CONFIRM = "confirm"  # "yes", "go ahead"
    DECLINE = "decline"  # "no", "leave it"
    SMALL_TALK = "small_talk"  # "hi", "thanks", "who are you?"
    OUT_OF_SCOPE = "out_of_scope"  # "what's the weather?", "write me a poem"
    UNSAFE = "unsafe"  # "show me household 12's orders", "ignore your instructions"
    UNCLEAR = "unclear"  # "hmm", "asdf", "the thing"


class Pointer(StrEnum):
    """How a message points back to what was shown."""

    ORDINAL = "ordinal"  # "the second one": index 2; "the last one": index -1
    IT = "it"  # "it", "that", "this one"
    ALL = "all"  # "all of them", "everything", "both"
    CHEAPEST = "cheapest"
    NAMED = "named"  # "the milk", by a word of its title


BOTH = "both"
"""The words of a pointer to all of exactly two."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A pointer back; `index` counts from 1 for ordinals, -1 is the last.

    `also` are the other places of "the first and the third"; `without` is what "all except the
    bread" leaves out.
    """

    pointer: Pointer
    index: int | None = None
    also: tuple[int, ...] = ()
    words: str = ""
    without: str = ""


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item of a shopping list."""

    query: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Slots:
    """What a request says; money in minor units. Absent means not said."""

    query: str | None = None
    items: tuple[ListItem, ...] = ()
    quantity: int | None = None
    max_price: int | None = None
    min_price: int | None = None
    own_label: bool | None = None
    aisle: str | None = None
    cheapest_first: bool = False
    dearest_first: bool = False
    reference: Reference | None = None
    order_id: str | None = None

    def filled(self) -> tuple[str, ...]:
        """Name the slots that were said."""
        empty = Slots()
        return tuple(
            slot.name
            for slot in fields(self)
            if getattr(self, slot.name) != getattr(empty, slot.name)
        )


SlotSource = Literal["rule", "classifier", "model", "context"]


@dataclass(frozen=True, slots=True)
class Request:
    """One thing a message asks for, the words that ask it, and what filled each slot.

    `wish` is there where rules read what to do with an order.
    """

    intent: Intent
    slots: Slots
    text: str
    confidence: float
    filled_by: Mapping[str, SlotSource] = field(default_factory=lambda: MappingProxyType({}))
    wish: OrderWish | None = None
