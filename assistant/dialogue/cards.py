"""Tool results as events, straight from what the database said."""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from assistant.dialogue.context import ShownProduct
from assistant.dialogue.events import (
    CartEvent,
    Line,
    OrderItem,
    OrdersEvent,
    ProductItem,
    ProductsEvent,
    ProposalEvent,
    Reason,
    ToolEvent,
)
from assistant.dialogue.grounding import Facts
from assistant.orders.cart import Cart
from assistant.orders.orders import Order
from assistant.orders.proposals import Proposal
from assistant.tools.results import Card


def tool_event(name: str, *, ok: bool = True, **arguments: JsonValue) -> ToolEvent:
    """Build the event of a tool call; arguments that were not given are left out."""
    given: dict[str, JsonValue] = {}
    given.update((key, value) for key, value in arguments.items() if value is not None)
    return ToolEvent(name=name, arguments=given, ok=ok)


def products_event(cards: Iterable[Card]) -> ProductsEvent:
    """Build the event that shows product cards."""
    return ProductsEvent(items=tuple(_item(card) for card in cards))


def cart_event(cart: Cart) -> CartEvent:
    """Build the event that shows the cart."""
    return CartEvent(
        items=tuple(
            Line(
                product_id=line.product_id,
                title=line.title,
                quantity=line.quantity,
                total=line.total,
            )
            for line in cart.lines
        ),
        total=cart.total,
        currency=cart.currency,
    )


def orders_event(orders: Sequence[Order], timezone: str) -> OrdersEvent:
    """Build the event that shows orders, times in the store's zone."""
    return OrdersEvent(items=tuple(_order(order, timezone) for order in orders))


def proposal_event(proposal: Proposal, summary: str, timezone: str) -> ProposalEvent:
    """Build the event that shows what waits for the shopper's yes."""
    return ProposalEvent(
        id=proposal.id,
        action=proposal.action,
        summary=summary,
        parameters=proposal.request.model_dump(mode="json", exclude={"action"}),
        expires=proposal.expires_at.astimezone(ZoneInfo(timezone)).isoformat(),
    )


def shown(cards: Iterable[Card], quantities: Iterable[int] = ()) -> tuple[ShownProduct, ...]:
    """Note what is on the page, for later references."""
    wanted = list(quantities)
    return tuple(
        ShownProduct(
            product_id=card.product.id,
            family_id=card.product.family_id,
            name=card.product.name,
            title=card.product.title,
            price=card.product.price,
            quantity=wanted[index] if index < len(wanted) else 1,
        )
        for index, card in enumerate(cards)
    )


def card_facts(cards: Sequence[Card]) -> Facts:
    """State each card in one line: title, price, aisle and why it is shown."""
    reasons = tuple(". ".join(why.text for why in card.why) for card in cards)
    lines = tuple(
        f"{card.product.title} {card.product.price_text} {card.product.aisle}. {reason}"
        for card, reason in zip(cards, reasons, strict=True)
    )
    return Facts(
        lines,
        tuple(card.product.name for card in cards),
        counts=(len(cards),),
        offers=tuple(f"{card.product.title} at {card.product.price_text}" for card in cards),
        reasons=reasons,
    )


def offer_facts(heading: str, cards: Sequence[Card]) -> Facts:
    """State cards that are offered under a heading, which says what for."""
    return card_facts(cards) + Facts((heading,), occasions=(heading,))


def _item(card: Card) -> ProductItem:
    return ProductItem.model_validate(
        {
            "id": card.product.id,
            "title": card.product.title,
            "price": card.product.price,
            "currency": card.product.currency,
            "scores": dict(card.scores or {}),
            "why": [Reason(text=why.text, order_ids=why.order_ids) for why in card.why],
        }
    )


def _order(order: Order, timezone: str) -> OrderItem:
    return OrderItem(
        id=order.id,
        status=order.status,
        placed_at=order.placed_at.astimezone(ZoneInfo(timezone)).isoformat(),
        total=order.total,
        currency=order.currency,
        lines=tuple(
            Line(
                product_id=line.product_id,
                title=line.title,
                quantity=line.quantity,
                total=line.total,
            )
            for line in order.lines
        ),
    )
