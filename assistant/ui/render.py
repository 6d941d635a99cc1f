"""From logged events to HTML: the one renderer for history and for what is arriving.

Everything goes through Jinja with autoescaping on, so titles, messages and model text are text
and never markup.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.catalog.products import Option, Product, Restriction, money
from assistant.catalog.showcase import PLAIN, Showcase
from assistant.catalog.stores import Store
from assistant.desk.handoffs import Entry, Handoff
from assistant.dialogue.conversations import Turn, TurnState
from assistant.dialogue.events import (
    CartEvent,
    DoneEvent,
    HandoffEvent,
    OrdersEvent,
    ProductItem,
    ProductsEvent,
    ProposalEvent,
    Reason,
    TextEvent,
    ToolEvent,
    TurnEvent,
)
from assistant.dialogue.orders.telling import summary
from assistant.orders.cart import Cart
from assistant.orders.proposals import Proposal
from assistant.ui.aisles import aisle_look

Part = TextEvent | ProductsEvent | OrdersEvent | CartEvent | ProposalEvent | HandoffEvent

_CHANGING_TOOLS = frozenset(
    {"cart_add", "cart_set_quantity", "cart_remove", "cart_clear", "confirm"}
)
_TOOL_WORDS = {
    "find_products": "Searched the shelves",
    "shopping_list": "Searched the shelves",
    "product_details": "Read the product’s details",
    "recommend": "Ranked products for you",
    "discover": "Ranked products for you",
    "promotions": "Read this week’s promotions",
    "cart_pairs": "Ranked products for your cart",
    "usual_products": "Looked through your purchases",
    "last_bought": "Looked through your purchases",
    "what_paid": "Looked through your purchases",
    "cart_show": "Read your cart",
    "cart_add": "Changed your cart",
    "cart_set_quantity": "Changed your cart",
    "cart_remove": "Changed your cart",
    "cart_clear": "Changed your cart",
    "list_orders": "Read your orders",
    "order_status": "Read your order",
    "propose": "Worked out a change, not made yet",
    "confirm": "Made the change",
    "gift_card_balance": "Read your gift cards",
    "refund_status": "Read your refunds",
    "shop_policy": "Read the shop’s policy",
    "contact_staff": "Looked for a person",
}
_RESTRICTION_WORDS = {
    Restriction.TOBACCO: "Age-restricted",
    Restriction.ALCOHOL: "Age-restricted",
    Restriction.WEAPON: "Age-restricted",
}
_ORDERS_NAMED = 2


@dataclass(frozen=True, slots=True)
class StoreLink:
    """Another store of this server, and where its page is."""

    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Card:
    """A product as its card shows it; `product` is None when the shop no longer offers it."""

    item: ProductItem
    position: int
    product: Product | None

    @property
    def look(self) -> tuple[str, str]:
        """Icon and tint."""
        return aisle_look(self.product.aisle if self.product else "", self.name)

    @property
    def name(self) -> str:
        """The name without size and mark, which the card shows apart."""
        return self.product.name if self.product else self.item.title

    @property
    def price(self) -> str:
        """Today's price; that of the answer for what is no longer offered."""
        if self.product:
            return self.product.price_text
        return money(self.item.price, self.item.currency)

    @property
    def regular_price(self) -> str | None:
        """The regular price where today's is lower."""
        product = self.product
        if product is None or product.regular_price <= product.price:
            return None
        return money(product.regular_price, product.currency)

    @property
    def options(self) -> tuple[Option, ...]:
        """What sets the product apart from others of its family."""
        return self.product.options if self.product else ()

    @property
    def description(self) -> str:
        """What the store tells of it; empty where it tells nothing."""
        return self.product.description if self.product else ""

    @property
    def sold_out(self) -> bool:
        """Whether the shop offers it but has none."""
        return self.product is not None and not self.product.available

    @property
    def restriction(self) -> str | None:
        """What to say about who may buy it."""
        found = self.product.restriction if self.product else None
        return _RESTRICTION_WORDS.get(found) if found else None


class Renderer:
    """Renders one store's pages; pure, apart from reading its templates once.

    `assets` is where the page finds its files; `acts` False leaves out the shopper's own buttons.
    `others` are the stores that the page links to.
    """

    def __init__(
        self,
        store: Store,
        showcase: Showcase = PLAIN,
        others: Sequence[StoreLink] = (),
        *,
        assets: str = "page",
        acts: bool = True,
    ) -> None:
        self._store = store
        self._showcase = showcase
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["money"] = money
        self._templates.filters["day"] = self._day
        self._templates.filters["evidence"] = evidence
        self._templates.filters["clock"] = self._clock
        self._templates.globals |= {"store": store, "assets": assets, "acts": acts}
        self._templates.globals["others"] = tuple(others)
        self._acts = acts

    def welcome(self, signed_in: bool) -> str:
        """Render the first message: what this is, what it does, who can be reached."""
        offered = self._showcase.personal if signed_in else self._showcase.guest
        return self._render("welcome.html", examples=(*self._showcase.examples, *offered))

    def turn(
        self,
        turn: Turn,
        events: Sequence[TurnEvent],
        products: Mapping[str, Product],
        *,
        last: bool,
        pending: str | None = None,
    ) -> str:
        """Render a message and what has arrived of its answer; only the last offers a retry.

        `pending` is the id of the proposal that can be confirmed. A message to a person has no
        answer of ours.
        """
        ended = turn.state is not TurnState.RUNNING
        shown, said = parts(events), note(turn, events)
        answered = bool(said) or any(not isinstance(event, DoneEvent) for event in events)
        retry = last and ended and answered and not changed_cart(events)
        return self._render(
            "turn.html",
            turn=turn,
            ended=ended,
            answered=answered,
            parts=shown,
            cards=lambda event: cards(event, products),
            tools=tools_used(events),
            note=said,
            retry=retry and self._acts,
            pending=pending,
        )

    def deed(self, entry: Entry) -> str:
        """Render what a person did or wrote."""
        return self._render("deed.html", entry=entry)

    def proposal(self, proposal: Proposal) -> str:
        """Render a change that a person prepared and that waits for the shopper's yes."""
        return self._render("proposed.html", proposal=proposal, words=self.words(proposal))

    def words(self, proposal: Proposal) -> str:
        """Say in plain text what a proposal changes."""
        return summary(proposal.action, proposal.effects, self._money)

    def person(self, handoff: Handoff | None, place: int) -> str:
        """Render the line above the composer: how to reach a person, or who is there."""
        return self._render("person.html", handoff=handoff, place=place)

    def cart(self, cart: Cart, announcement: str = "") -> str:
        """Render the cart panel; `announcement` is read out and shown for a moment."""
        return self._render("cart.html", cart=cart, announcement=announcement)

    def topbar(self, shopper: str | None, demo: bool, complaint: str = "") -> str:
        """Render the header with the sign-in."""
        personas = self._showcase.personas
        return self._render(
            "topbar.html", shopper=shopper, personas=personas, demo=demo, complaint=complaint
        )

    def about(self, demo: bool) -> str:
        """Render the whole page that says what this is and where its data comes from."""
        return self._render("about.html", demo=demo)

    def page(self, template: str, **values: object) -> str:
        """Render a template of the desk or the memory panel."""
        return self._render(template, **values)

    def _render(self, template: str, **values: object) -> str:
        return self._templates.get_template(template).render(**values)

    def _money(self, minor: int) -> str:
        return money(minor, self._store.currency)

    def _clock(self, moment: datetime) -> str:
        return str(
            format_time(moment, "short", tzinfo=ZoneInfo(self._store.timezone), locale="en_US")
        )

    def _day(self, timestamp: str) -> str:
        local = datetime.fromisoformat(timestamp).astimezone(ZoneInfo(self._store.timezone))
        return str(format_date(local, "d MMM y", locale="en_US"))


def request_like(name: str) -> str:
    """Word the message that asks for products like one, such as `Show me white bread`.

    What follows a comma is left out, since a message with commas reads as a shopping list.
    """
    kind = name.split(",")[0]
    return f"Show me {kind if kind[1:2].isupper() else kind[:1].lower() + kind[1:]}"


def parts(events: Iterable[TurnEvent]) -> tuple[Part, ...]:
    """Return what an answer shows: its whole text, then the cards, so that no card hides it."""
    text = ""
    shown: list[Part] = []
    for event in events:
        if isinstance(event, TextEvent):
            text += event.delta
        elif not isinstance(event, ToolEvent | DoneEvent):
            shown.append(event)
    return (TextEvent(delta=text), *shown) if text else tuple(shown)


def cards(event: ProductsEvent, products: Mapping[str, Product]) -> tuple[Card, ...]:
    """Pair shown ids with today's products; positions count from 1."""
    return tuple(
        Card(item, position, products.get(item.id))
        for position, item in enumerate(event.items, start=1)
    )


def product_ids(events: Iterable[TurnEvent]) -> tuple[str, ...]:
    """Return the ids on product cards, each once."""
    shown = (event.items for event in events if isinstance(event, ProductsEvent))
    return tuple(dict.fromkeys(item.id for item in chain.from_iterable(shown)))


def tools_used(events: Iterable[TurnEvent]) -> tuple[str, ...]:
    """Say in words which tools did their work, each once."""
    names = (event.name for event in events if isinstance(event, ToolEvent) and event.ok)
    words = (_TOOL_WORDS.get(name, name.replace("_", " ").capitalize()) for name in names)
    return tuple(dict.fromkeys(words))


def changed_cart(events: Iterable[TurnEvent]) -> bool:
    """Tell whether a turn changed the cart or proposed a change; such a turn is not retried."""
    return any(
        isinstance(event, ProposalEvent)
        or (isinstance(event, ToolEvent) and event.ok and event.name in _CHANGING_TOOLS)
        for event in events
    )


def note(turn: Turn, events: Sequence[TurnEvent]) -> str | None:
    """Say what was not as it should be; None for an ordinary answer."""
    if turn.state is TurnState.STOPPED:
        return "Stopped at your request."
    if turn.state is TurnState.INTERRUPTED:
        return "This answer could not be finished. Ask again."
    done = events[-1] if events else None
    if isinstance(done, DoneEvent) and done.degraded:
        return "The language model was unavailable: these are the plain facts."
    return None


def evidence(reasons: Sequence[Reason]) -> str:
    """Name the orders that prove a card's reasons, the first few by number; empty without any."""
    orders = tuple(dict.fromkeys(chain.from_iterable(r.order_ids for r in reasons)))
    if not orders:
        return ""
    named = ", ".join(orders[:_ORDERS_NAMED])
    word = "Order" if len(orders) == 1 else "Orders"
    return f"{word} {named} and more" if len(orders) > _ORDERS_NAMED else f"{word} {named}"
