"""Past purchases and orders, with order ids as evidence."""

import re
from collections.abc import Sequence

from assistant.dialogue.actions.scope import Scope, pointed_at
from assistant.dialogue.cards import orders_event, products_event, shown, tool_event
from assistant.dialogue.context import Context
from assistant.dialogue.grounding import Facts
from assistant.dialogue.outcome import Outcome, Statement
from assistant.dialogue.requests import Request
from assistant.dialogue.wording import counted, day, joined
from assistant.errors import ToolError
from assistant.orders.orders import Order
from assistant.recommend.explain import Why
from assistant.tools.results import Card, PurchaseFact, Purchases

_PAYMENTS = 3
_IT = re.compile(r"\b(?:it|that|this|they|them)\b", re.IGNORECASE)
_NEWEST = re.compile(r"\b(?:last|latest|newest|most\s+recent)\b", re.IGNORECASE)
_LINES_IN_TEXT = 3


def last_bought(scope: Scope, request: Request, context: Context) -> Outcome:
    """Say when the shopper last bought something."""
    if request.slots.query is None and request.slots.reference is None:
        return order_status(scope, request, context)
    return _purchases(scope, request, context, "last_bought")


def paid(scope: Scope, request: Request, context: Context) -> Outcome:
    """Say what the shopper paid for something."""
    if request.slots.query is None and request.slots.reference is None:
        return order_status(scope, request, context)
    return _purchases(scope, request, context, "what_paid")


def list_orders(scope: Scope, _request: Request, context: Context) -> Outcome:
    """Show the newest orders."""
    try:
        orders = scope.toolkit.list_orders(scope.session)
    except ToolError as error:
        return _refused("list_orders", str(error), context)
    if not orders:
        return _refused("list_orders", "You have no orders in this shop yet.", context)
    lines = tuple(_order_line(scope, order) for order in orders)
    return Outcome(
        context=context.model_copy(
            update={
                "orders": tuple(order.id for order in orders),
                "shown": (),
                "pending": None,
            }
        ),
        statements=(Statement(f"Here are your last {counted(len(orders), 'order')}.", first=True),),
        events=(tool_event("list_orders"), orders_event(orders, scope.store.timezone)),
        facts=Facts(lines, counts=(len(orders),)),
        talk=False,
    )


def order_status(scope: Scope, request: Request, context: Context) -> Outcome:
    """Say where one order stands, the newest when none is named."""
    order_id = _named_order(request, context)
    try:
        order = scope.toolkit.order_status(scope.session, order_id)
    except ToolError as error:
        return _refused("order_status", str(error), context)
    line = _order_line(scope, order)
    titles = [f"{item.quantity} × {item.title}" for item in order.lines[:_LINES_IN_TEXT]]
    more = len(order.lines) - len(titles)
    held = joined([*titles, counted(more, "more product")] if more > 0 else titles)
    return Outcome(
        context=context.model_copy(update={"orders": (order.id,), "pending": None}),
        statements=(Statement(line, first=True), Statement(f"It holds {held}.", first=True)),
        events=(
            tool_event("order_status", order_id=order.id),
            orders_event([order], scope.store.timezone),
        ),
        facts=Facts((line, held)),
        talk=False,
    )


def _purchases(scope: Scope, request: Request, context: Context, tool: str) -> Outcome:
    slots = request.slots
    targets = pointed_at(slots.reference, context) if slots.reference is not None else ()
    query = slots.query or (targets[0].name if targets else "")
    families = frozenset(target.family_id for target in targets[:1])
    try:
        purchases = scope.toolkit.purchases(scope.session, query, families=families)
    except ToolError as error:
        return _refused(tool, str(error), context)
    if not purchases.facts:
        text = f"Your orders hold no “{query}”." if query else "I do not know which one you mean."
        return _refused(tool, text, context, query=query)
    told = _told_facts(purchases, tool)
    sentences = _told(scope, purchases, told)
    cards = _evidence(scope, purchases)
    orders = scope.toolkit.orders_named(scope.session, [fact.order_id for fact in told])
    return Outcome(
        context=context.model_copy(
            update={
                "shown": shown(cards),
                "search": None,
                "touched": None,
                "orders": tuple(order.id for order in orders),
                "pending": None,
            }
        ),
        statements=tuple(Statement(text, first=True) for text in sentences),
        events=(
            tool_event(tool, query=query or targets[0].title),
            *((products_event(cards),) if cards else ()),
            orders_event(orders, scope.store.timezone),
        ),
        facts=Facts(tuple(sentences), tuple(fact.title for fact in purchases.facts)),
        talk=False,
    )


def _told_facts(purchases: Purchases, tool: str) -> tuple[PurchaseFact, ...]:
    return purchases.facts[: _PAYMENTS if tool == "what_paid" else 1]


def _told(scope: Scope, purchases: Purchases, told: tuple[PurchaseFact, ...]) -> list[str]:
    newest, *others = told
    sentences = [
        f"You last bought {newest.title} on {_day(scope, newest)}: {newest.quantity} for "
        f"{scope.money(newest.total)}, in order {newest.order_id}."
    ]
    if others:
        before = joined([f"{scope.money(f.total)} on {_day(scope, f)}" for f in others])
        sentences.append(f"Before that you paid {before}.")
    if purchases.times > 1:
        sentences.append(f"It is in {purchases.times} of your orders.")
    return sentences


def _evidence(scope: Scope, purchases: Purchases) -> tuple[Card, ...]:
    """Show each product bought once, with the orders that prove it."""
    orders: dict[str, list[str]] = {}
    for fact in purchases.facts:
        orders.setdefault(fact.product_id, []).append(fact.order_id)
    products = scope.toolkit.catalogue.products(orders)
    cards: dict[str, Card] = {}
    for product_id, product in products.items():
        ids = tuple(dict.fromkeys(orders[product_id]))
        newest = next(f for f in purchases.facts if f.product_id == product_id)
        text = f"Last bought on {_day(scope, newest)}"
        cards.setdefault(product.title, Card(product, (Why(text, ids),)))
    return tuple(cards.values())


def _day(scope: Scope, fact: PurchaseFact) -> str:
    return day(fact.placed_at, scope.store.timezone)


def _order_line(scope: Scope, order: Order) -> str:
    return (
        f"Order {order.id} of {day(order.placed_at, scope.store.timezone)} is {order.status} "
        f"and came to {scope.money(order.total)}."
    )


def _named_order(request: Request, context: Context) -> str | None:
    slots = request.slots
    if slots.order_id is not None:
        return slots.order_id
    one = len(context.orders) == 1 and not _NEWEST.search(request.text)
    if one and (slots.reference is not None or _IT.search(request.text)):
        return context.orders[0]
    if slots.reference is not None and slots.reference.index is not None and context.orders:
        orders: Sequence[str] = context.orders
        place = slots.reference.index - 1 if slots.reference.index > 0 else len(orders) - 1
        return orders[place] if place < len(orders) else None
    return None


def _refused(tool: str, text: str, context: Context, query: str | None = None) -> Outcome:
    return Outcome(
        context=context.model_copy(update={"pending": None}),
        statements=(Statement(text, first=True),),
        events=(tool_event(tool, ok=False, query=query or None),),
        talk=False,
    )
