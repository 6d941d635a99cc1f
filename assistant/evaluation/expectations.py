"""What a case expects of a turn: intents, slots, tools, cards, orders and carts, never prose."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.dialogue.orders.wishes import Lack
from assistant.dialogue.requests import Intent, Pointer
from assistant.orders.requests import Action

Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Part(BaseModel):
    """A part of a case; unknown fields are refused so that a misspelt one cannot pass unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CardRule(Part):
    """Properties of a product card; a card fits when all stated ones hold.

    Prices are minor units, both ends included. `title_any` are words or phrases of which one must
    be in the title, singular or plural; `promoted` means in the last week's mailer or displays.
    """

    price_max: int | None = None
    price_min: int | None = None
    own_label: bool | None = None
    title_any: Words | None = None
    aisle_any: Words | None = None
    restricted: bool | None = None
    promoted: bool | None = None


class ShownAt(Part):
    """A card shown in a turn (from 1): its place (from 1, -1 is the last), or the cheapest.

    Without a place it means the turn's cards as a whole.
    """

    turn: int = Field(ge=1)
    position: int | Literal["cheapest"] | None = None


class CartLineRule(Part):
    """One line that the cart must hold: by words of its title or by where it was shown."""

    title_any: Words | None = None
    shown: ShownAt | None = None
    quantity: int = Field(ge=1)


class OrderRule(Part):
    """What the database must hold of an order; only stated parts count.

    `products` are the ids of its lines, `paid_by` the only method whose payments stand. `returns`
    are the products of its committed changes, `exchanges` those that take their place.
    """

    status: str | None = None
    products: tuple[str, ...] | None = None
    address_words: tuple[str, ...] | None = None
    paid_by: str | None = None
    returns: tuple[str, ...] | None = None
    exchanges: tuple[str, ...] | None = None


class PlacedRule(Part):
    """The one order that a turn must place: how many of which products, paid and sent how."""

    products: dict[str, int]
    status: str = "pending"
    paid_by: str | None = None
    address_words: tuple[str, ...] | None = None


class SlotRules(Part):
    """What a request's slots must be; only stated ones count, a stated null means "not said".

    `query_words` must all be in the query, `items_words` each in an item of its own.
    """

    query_words: tuple[str, ...] | None = None
    items_words: tuple[str, ...] | None = None
    quantity: int | None = None
    max_price: int | None = None
    min_price: int | None = None
    own_label: bool | None = None
    cheapest_first: bool | None = None
    aisle: str | None = None
    order_id: str | None = None
    reference: Pointer | None = None
    reference_index: int | None = None


class Expect(Part):
    """What must hold after one turn; only stated expectations are judged."""

    intents: tuple[Intent | tuple[Intent, ...], ...] | None = Field(
        None, description="all requests in order; a list is a choice of equally right intents"
    )
    slots: tuple[SlotRules | None, ...] | None = Field(
        None, description="per request in order; null skips a request"
    )
    calls_tool: tuple[str, ...] | None = Field(None, description="tools that ran successfully")
    never_calls: tuple[str, ...] | None = Field(None, description="tools that did not run")
    products_min: int | None = Field(None, description="at least so many cards")
    products_max: int | None = Field(None, description="at most so many cards")
    products_all: CardRule | None = Field(None, description="every card fits")
    products_any: CardRule | None = Field(None, description="at least one card fits")
    products_none: CardRule | None = Field(None, description="no card fits")
    products_first: CardRule | None = Field(None, description="the first card fits")
    products_distinct_titles: Literal[True] | None = Field(
        None, description="no two cards read the same"
    )
    products_price_ascending: Literal[True] | None = Field(
        None, description="cards from the cheapest up"
    )
    cheaper_than: ShownAt | None = Field(
        None, description="every card costs less than that one, or than the dearest of that turn"
    )
    list_covers: tuple[Words, ...] | None = Field(
        None, description="each item, given as words of which one fits, has a card of its own"
    )
    why_has_orders: bool | None = Field(
        None,
        description="every card cites orders of this shopper in which the family was bought; "
        "false: no card cites any order",
    )
    evidence_any: tuple[str, ...] | None = Field(
        None, description="one of these orders is cited by a card or shown as an order"
    )
    bought_before: Literal[True] | None = Field(
        None, description="every card's family was bought before"
    )
    new_to_shopper: Literal[True] | None = Field(
        None, description="no card's family was bought before"
    )
    orders_min: int | None = Field(None, description="at least so many order cards")
    orders_max: int | None = Field(None, description="at most so many order cards")
    orders_include: tuple[str, ...] | None = Field(None, description="these orders are shown")
    orders_none: tuple[str, ...] | None = Field(None, description="these orders are not shown")
    cart: tuple[CartLineRule, ...] | None = Field(
        None, description="the cart holds exactly these lines"
    )
    cart_total_matches: Literal[True] | None = Field(
        None, description="the shown cart is the stored one, with catalogue prices that add up"
    )
    says_absent: bool | None = Field(None, description="the turn says that the shop lacks it")
    asks_back: bool | None = Field(None, description="the turn asks the shopper a question")
    handoff: bool | None = Field(None, description="the turn hands over to a person")
    proposes: Action | tuple[Action | None, ...] | None = Field(
        None, description="the only change proposed, or one of these; a stated null means none"
    )
    asks_for: Lack | Literal["sign_in"] | None = Field(
        None, description="what the turn asks for to complete a wish about an order"
    )
    refuses: str | None = Field(
        None, description="the heading of the policy's section that forbids what was asked"
    )
    changes_orders: tuple[str, ...] | None = Field(
        None, description="exactly these of the orders that were there are changed by the turn"
    )
    order_states: dict[str, OrderRule] | None = Field(
        None, description="what the database holds of orders after the turn"
    )
    places_order: PlacedRule | None = Field(
        None, description="the one order the turn places; a stated null means none"
    )
    home_words: tuple[str, ...] | None = Field(
        None, description="parts of the customer's default address after the turn"
    )
    no_changes: Literal[True] | None = Field(
        None, description="cart, orders, addresses and payments are as they were"
    )
    grounded: Literal[True] | None = Field(
        None, description="every amount and order number in the text is in the events or messages"
    )
    text_omits: tuple[str, ...] | None = Field(None, description="not in the visible text")
    degraded: tuple[str, ...] | None = Field(None, description="what `done` says was down")

    @property
    def stated(self) -> tuple[str, ...]:
        """The names of the expectations this turn states, in the order of their definition."""
        return tuple(name for name in type(self).model_fields if name in self.model_fields_set)
