"""The cart by chat: add, take out, set, show, empty."""

import re
from dataclasses import replace

from assistant.dialogue.actions.find import ask_what, filters_of, price_order
from assistant.dialogue.actions.scope import Scope, named, pointed_at
from assistant.dialogue.cards import cart_event, tool_event
from assistant.dialogue.context import Context, PendingRequest, ShownProduct
from assistant.dialogue.events import TurnEvent
from assistant.dialogue.grounding import Facts
from assistant.dialogue.outcome import Outcome, Statement
from assistant.dialogue.requests import Intent, ListItem, Pointer, Reference, Request
from assistant.dialogue.wording import counted, joined
from assistant.errors import ToolError
from assistant.orders.cart import Cart

_THEM = re.compile(r"\b(?:them|those|these)\b", re.IGNORECASE)
_ORDERING = re.compile(
    r"\bcheck\s*out\b|\bplace\b.*\border\b|\bpay\b|\b(?:buy|order|purchase)\s+(?:it|this|that|them|these|"
    r"everything|now)\b",
    re.IGNORECASE,
)
_NO_ORDERS = "Orders cannot be placed in this chat yet; the cart only adds up prices."
# Minus, nothing, halves and thousands; a price says dollars.
_NO_COUNT = re.compile(
    r"(?:^|\s)-\s?\d|(?<![$.,\d])\b0+\b(?![.,]\d)|"
    r"(?<![$.,\d])\b\d+[.,]\d+\b(?!\s*(?:dollars?|bucks?|oz|gal|l|ml))|"
    r"(?<![$.,\d#])\b\d{3,5}\b(?!\s*(?:dollars?|bucks?|oz|ml|g|ct|count|grams?))|\bzero\b",
    re.IGNORECASE,
)


def add(scope: Scope, request: Request, context: Context) -> Outcome:
    """Put shown, named or listed products into the cart."""
    if _NO_COUNT.search(request.text):
        text = "A cart takes a whole number from 1 to 99 of one product, so nothing was added."
        return Outcome(
            context=context.model_copy(update={"pending": None}),
            statements=(Statement(text, first=True),),
            events=(tool_event("cart_add", ok=False),),
            talk=False,
        )
    targets, missing = _to_add(scope, request, context)
    if not targets:
        return _nothing_to_add(request, context, missing)
    events: list[TurnEvent] = []
    done: list[str] = []
    refused: list[str] = []
    for target in targets:
        try:
            scope.toolkit.cart_add(scope.session, target.product_id, target.quantity)
            done.append(f"{target.quantity} × {target.title}")
        except ToolError as error:
            refused.append(str(error))
        events.append(
            tool_event(
                "cart_add",
                ok=not refused,
                product_id=target.product_id,
                quantity=target.quantity,
            )
        )
    statements = [Statement(f"Added {joined(done)} to your cart.", first=True)] if done else []
    statements += [Statement(text, first=True) for text in refused]
    if missing:
        words = joined([f"“{word}”" for word in missing])
        statements.append(Statement(f"I could not find {words}, so it is not in.", first=True))
    after = context.model_copy(update={"touched": targets[-1].product_id, "pending": None})
    return _changed(scope, after, statements, events)


def remove(scope: Scope, request: Request, context: Context) -> Outcome:
    """Take a product out of the cart."""
    slots = request.slots
    if slots.reference is not None and slots.reference.pointer is Pointer.ALL:
        return clear(scope, request, context)
    if len(slots.items) > 1:
        return _remove_several(scope, request, context)
    target = _in_cart(scope, request, context)
    if target is None:
        return _not_in_cart(scope, request, context, "Which product should I take out?")
    if slots.quantity is not None and 0 < slots.quantity < target.quantity:
        return _reduce(scope, context, target, slots.quantity)
    scope.toolkit.cart_remove(scope.session, target.product_id)
    return _changed(
        scope,
        context.model_copy(update={"pending": None}),
        [Statement(f"Took {target.title} out of your cart.", first=True)],
        [tool_event("cart_remove", product_id=target.product_id)],
    )


def _reduce(scope: Scope, context: Context, target: ShownProduct, fewer: int) -> Outcome:
    """Take a few of several out: "one banana fewer"."""
    left = target.quantity - fewer
    scope.toolkit.cart_set_quantity(scope.session, target.product_id, left)
    after = context.model_copy(update={"touched": target.product_id, "pending": None})
    text = f"Took {fewer} × {target.title} out of your cart; {left} left."
    event = tool_event("cart_set_quantity", product_id=target.product_id, quantity=left)
    return _changed(scope, after, [Statement(text, first=True)], [event])


def _remove_several(scope: Scope, request: Request, context: Context) -> Outcome:
    statements: list[Statement] = []
    events: list[TurnEvent] = []
    for item in request.slots.items:
        found = named(item.query, _lines(scope.toolkit.cart(scope.session)))
        if found:
            scope.toolkit.cart_remove(scope.session, found[0].product_id)
            statements.append(Statement(f"Took {found[0].title} out of your cart.", first=True))
            events.append(tool_event("cart_remove", product_id=found[0].product_id))
        else:
            statements.append(Statement(f"There is no “{item.query}” in your cart.", first=True))
            events.append(tool_event("cart_remove", ok=False))
    return _changed(scope, context.model_copy(update={"pending": None}), statements, events)


def set_quantity(scope: Scope, request: Request, context: Context) -> Outcome:
    """Set how many of a product are in the cart; 0 takes it out."""
    quantity = request.slots.quantity
    if quantity == 0:
        return remove(scope, request, context)
    target = _in_cart(scope, request, context)
    if target is None:
        return _not_in_cart(scope, request, context, "Which product do you mean?")
    if quantity is None:
        pending = PendingRequest(
            intent=request.intent, slots=request.slots, text=request.text, lacks="quantity"
        )
        return Outcome(
            context=context.model_copy(update={"pending": pending, "touched": target.product_id}),
            statements=(Statement(f"How many of {target.title} would you like?", first=True),),
            talk=False,
            asked_back=True,
        )
    event = tool_event("cart_set_quantity", product_id=target.product_id, quantity=quantity)
    try:
        scope.toolkit.cart_set_quantity(scope.session, target.product_id, quantity)
    except ToolError as error:
        return _changed(
            scope,
            context,
            [Statement(str(error), first=True)],
            [event.model_copy(update={"ok": False})],
        )
    after = context.model_copy(update={"touched": target.product_id, "pending": None})
    text = f"Your cart now has {quantity} × {target.title}."
    return _changed(scope, after, [Statement(text, first=True)], [event])


def show(scope: Scope, request: Request, context: Context) -> Outcome:
    """Show the cart and its total."""
    cart = scope.toolkit.cart(scope.session)
    after = context.model_copy(update={"shown": _lines(cart), "search": None, "pending": None})
    closed = [Statement(_NO_ORDERS, first=True)] if _ORDERING.search(request.text) else []
    return _changed(scope, after, closed, [tool_event("cart_show")])


def clear(scope: Scope, request: Request, context: Context) -> Outcome:
    """Empty the cart, but for what "all except the milk" leaves in."""
    reference = request.slots.reference
    if reference is not None and reference.without:
        return _clear_others(scope, reference, context)
    scope.toolkit.cart_clear(scope.session)
    return _changed(
        scope, context.model_copy(update={"pending": None}), [], [tool_event("cart_clear")]
    )


def _clear_others(scope: Scope, reference: Reference, context: Context) -> Outcome:
    lines = _lines(scope.toolkit.cart(scope.session))
    if not named(reference.without, lines):
        text = f"There is no “{reference.without}” in your cart, so I left it as it is."
        return _changed(scope, context, [Statement(text, first=True)], [])
    events: list[TurnEvent] = []
    for line in pointed_at(reference, context.model_copy(update={"shown": lines})):
        scope.toolkit.cart_remove(scope.session, line.product_id)
        events.append(tool_event("cart_remove", product_id=line.product_id))
    return _changed(scope, context.model_copy(update={"pending": None}), [], events)


def _changed(
    scope: Scope, context: Context, statements: list[Statement], events: list[TurnEvent]
) -> Outcome:
    """Close with the cart as the database now has it."""
    cart = scope.toolkit.cart(scope.session)
    if cart.lines:
        count = sum(line.quantity for line in cart.lines)
        total = f"Your cart holds {counted(count, 'item')} and comes to {scope.money(cart.total)}."
    else:
        total = "Your cart is empty."
    lines = tuple(f"{line.quantity} {line.title} {scope.money(line.total)}" for line in cart.lines)
    return Outcome(
        context=context,
        statements=(*statements, Statement(total, first=True)),
        events=(*events, cart_event(cart)),
        facts=Facts((*(s.text for s in statements), total, *lines), negative=not cart.lines),
        talk=False,
    )


def _to_add(
    scope: Scope, request: Request, context: Context
) -> tuple[list[ShownProduct], list[str]]:
    slots = request.slots
    if slots.reference is not None or (slots.query is None and not slots.items):
        targets = _meant(scope, request, context)
        return [_with_quantity(target, slots.quantity) for target in targets], []
    if slots.query is not None and (on_page := named(slots.query, context.shown)):
        return [_with_quantity(on_page[0], slots.quantity)], []
    items = slots.items or (ListItem(slots.query or "", slots.quantity or 1),)
    listed = scope.toolkit.shopping_list(
        scope.session,
        [(item.query, item.quantity) for item in items],
        filters_of(slots),
        order=price_order(slots),
    )
    found = [
        ShownProduct(
            product_id=item.card.product.id,
            family_id=item.card.product.family_id,
            name=item.card.product.name,
            title=item.card.product.title,
            price=item.card.product.price,
            quantity=item.quantity,
        )
        for item in listed
        if item.card is not None
    ]
    return found, [item.query for item in listed if item.card is None]


def _meant(scope: Scope, request: Request, context: Context) -> tuple[ShownProduct, ...]:
    """Return what "it", "the third" or, with no word for it, "two more" means."""
    reference = request.slots.reference
    if reference is not None and reference.pointer is not Pointer.IT:
        return pointed_at(reference, context)
    if request.slots.cheapest_first:
        return pointed_at(Reference(Pointer.CHEAPEST), context)
    if context.asked is Intent.SHOPPING_LIST and _THEM.search(request.text):
        return context.shown
    touched = tuple(
        product
        for product in (*context.shown, *_lines(scope.toolkit.cart(scope.session)))
        if product.product_id == context.touched
    )
    if touched:
        return (touched[0].model_copy(update={"quantity": 1}),)
    if reference is not None:
        return pointed_at(reference, context)
    return context.shown if len(context.shown) == 1 else ()


def _with_quantity(product: ShownProduct, quantity: int | None) -> ShownProduct:
    return product if quantity is None else product.model_copy(update={"quantity": quantity})


def _nothing_to_add(request: Request, context: Context, missing: list[str]) -> Outcome:
    if missing:
        words = joined([f"“{word}”" for word in missing])
        return Outcome(
            context=context.model_copy(update={"pending": None}),
            statements=(
                Statement(f"This shop does not carry {words}, so nothing was added.", first=True),
            ),
            events=(tool_event("cart_add", ok=False, query=missing[0]),),
            talk=False,
            absent=True,
        )
    lacking = replace(request, slots=replace(request.slots, reference=None))
    return ask_what(lacking, context, "Which product should I add?")


def _in_cart(scope: Scope, request: Request, context: Context) -> ShownProduct | None:
    """Find the product in the cart that a request means."""
    lines = _lines(scope.toolkit.cart(scope.session))
    held = {line.product_id: line for line in lines}
    slots = request.slots
    if slots.query is not None:
        by_name = named(slots.query, lines)
        return by_name[0] if by_name else None
    if slots.reference is None or slots.reference.pointer is Pointer.IT:
        touched = held.get(context.touched or "")
        return touched or (lines[-1] if len(lines) == 1 else None)
    on_page = pointed_at(slots.reference, context)
    if on_page and on_page[0].product_id in held:
        return held[on_page[0].product_id]
    in_cart = pointed_at(slots.reference, context.model_copy(update={"shown": lines}))
    return in_cart[0] if in_cart else None


def _not_in_cart(scope: Scope, request: Request, context: Context, question: str) -> Outcome:
    if request.slots.query is None:
        return ask_what(request, context, question)
    text = f"There is no “{request.slots.query}” in your cart."
    return _changed(
        scope,
        context.model_copy(update={"pending": None}),
        [Statement(text, first=True)],
        [tool_event(f"cart_{'remove' if 'take' in question else 'set_quantity'}", ok=False)],
    )


def _lines(cart: Cart) -> tuple[ShownProduct, ...]:
    return tuple(
        ShownProduct(
            product_id=line.product_id,
            family_id=line.family_id,
            name=line.title.split(",")[0],
            title=line.title,
            price=line.price,
            quantity=line.quantity,
        )
        for line in cart.lines
    )
