"""Requests of one message beside each other, and beside what waited for an answer."""

import re
from dataclasses import replace
from types import MappingProxyType

from assistant.dialogue.context import Context
from assistant.dialogue.requests import Intent, Pointer, Request, Slots, SlotSource

_ASIDE = frozenset({Intent.SMALL_TALK, Intent.UNCLEAR, Intent.CONFIRM, Intent.DECLINE})
_TAKES_QUERY = frozenset(
    {Intent.LAST_BOUGHT, Intent.PAID, Intent.CART_ADD, Intent.CART_REMOVE, Intent.CART_SET}
)
_SLOTLESS = frozenset(
    {Intent.RECOMMEND, Intent.DISCOVER, Intent.USUAL, Intent.POLICY, Intent.HUMAN, Intent.ORDERS,
     Intent.CART_SHOW, Intent.CART_CLEAR, Intent.CART_PAIRS, Intent.SMALL_TALK}
)  # fmt: skip
_ASKED_AGAIN = frozenset({Intent.LAST_BOUGHT, Intent.PAID, Intent.USUAL, Intent.PROMOTIONS})
_GOES_ON = re.compile(r"\W*(?:and|what\s+about|how\s+about|or)\b", re.IGNORECASE)
_FILLS_PENDING = frozenset(
    {Intent.FIND, Intent.REFINE, Intent.UNCLEAR, Intent.DETAILS, Intent.SHOPPING_LIST,
     Intent.CART_ADD, Intent.CART_SET, Intent.SMALL_TALK}
)  # fmt: skip


def merge(requests: list[Request]) -> list[Request]:
    """Drop asides and repetitions, and let a bare name or pointer belong to what follows it.

    "bagels: last purchased?" and "the last one, add it" each ask one thing. A message that asks for
    something unsafe asks for nothing else.
    """
    unsafe = [request for request in requests if request.intent is Intent.UNSAFE]
    if unsafe:
        # Whatever else such a message asks for, nothing of it is done.
        return unsafe[:1]
    real = [request for request in requests if request.intent not in _ASIDE] or requests[:1]
    merged: list[Request] = []
    for request in real:
        before = merged[-1] if merged else None
        if before is None:
            merged.append(request)
        elif _names_for(before, request):
            merged[-1] = _with_slots_of(before, request)
        elif _narrows(before, request):
            merged[-1] = _narrowed(before, request)
        elif not _repeats(before, request):
            merged.append(request)
    return merged


def _names_for(before: Request, request: Request) -> bool:
    slots = request.slots
    if request.intent not in _TAKES_QUERY or slots.query or slots.items:
        return False
    pointed = slots.reference is not None
    if pointed and slots.reference is not None and slots.reference.pointer is not Pointer.IT:
        return False
    named = before.slots.query
    bare = named is not None and len(before.text.split()) <= len(named.split()) + 1
    points = pointed and before.slots.reference is not None and named is None
    return (bare and before.intent is Intent.FIND) or points


def _with_slots_of(before: Request, request: Request) -> Request:
    slots = replace(request.slots, query=before.slots.query, reference=before.slots.reference)
    sources = {
        name: source for name, source in before.filled_by.items() if name in {"query", "reference"}
    }
    return replace(
        request, slots=slots, filled_by=MappingProxyType({**request.filled_by, **sources})
    )


def _narrows(before: Request, request: Request) -> bool:
    """Tell whether "milk, but only own label" was cut in two."""
    return (
        before.intent is Intent.FIND
        and request.intent is Intent.REFINE
        and request.slots.query is None
    )


def _narrowed(before: Request, request: Request) -> Request:
    said = {
        name: getattr(request.slots, name) for name in request.slots.filled() if name != "reference"
    }
    sources = {name: request.filled_by[name] for name in said if name in request.filled_by}
    return replace(
        before,
        slots=replace(before.slots, **said),
        filled_by=MappingProxyType({**before.filled_by, **sources}),
    )


def _repeats(before: Request, request: Request) -> bool:
    told_already = before.intent is Intent.LAST_BOUGHT and request.intent is Intent.PAID
    if request.intent is not before.intent and not told_already:
        return False
    reference = request.slots.reference
    # "The third one looks nice, how much is it?" asks once.
    points_back = reference is not None and reference.pointer is Pointer.IT
    named = before.slots.reference is not None or (told_already and before.slots.query is not None)
    return (
        request.intent in _SLOTLESS
        or request.slots == before.slots
        or not request.slots.filled()
        or (points_back and named and request.slots.query is None)
    )


def complete(requests: list[Request], context: Context) -> list[Request]:
    """Complete the request that waited for this message, if this message answers it."""
    requests = [_asked_again(_about_order(request, context), context) for request in requests]
    pending = context.pending
    if pending is None or not requests:
        return requests
    answer = requests[0]
    if pending.lacks is None:
        if answer.intent is not Intent.CONFIRM:
            return requests
        return [_resumed(answer, pending.intent, pending.slots), *requests[1:]]
    if answer.intent not in _FILLS_PENDING:
        return requests
    slots = answer.slots
    if pending.lacks == "quantity" and slots.quantity is not None:
        merged = replace(pending.slots, quantity=slots.quantity)
        return [_resumed(answer, pending.intent, merged), *requests[1:]]
    if pending.lacks == "product" and (slots.query or slots.reference or slots.items):
        merged = replace(
            pending.slots,
            query=slots.query,
            reference=slots.reference,
            items=slots.items,
            quantity=slots.quantity or pending.slots.quantity,
        )
        return [_resumed(answer, pending.intent, merged), *requests[1:]]
    return requests


def _asked_again(request: Request, context: Context) -> Request:
    """Take "and tea?", after "when did I last buy coffee?", for the same question."""
    names = request.slots.query is not None and request.slots.reference is None
    if (
        not names
        or context.asked not in _ASKED_AGAIN
        or request.intent not in {Intent.FIND, Intent.REFINE, Intent.UNCLEAR}
        or _GOES_ON.match(request.text) is None
    ):
        return request
    sources: dict[str, SlotSource] = {**request.filled_by, "intent": "context"}
    return replace(request, intent=context.asked, filled_by=MappingProxyType(sources))


def _about_order(request: Request, context: Context) -> Request:
    """Take "what's in the second of those?" for an order, where only orders are on the page."""
    orders_shown = context.orders and not context.shown
    points = request.slots.reference is not None and request.slots.query is None
    if request.intent not in {Intent.DETAILS, Intent.CART_ADD} or not orders_shown or not points:
        return request
    sources: dict[str, SlotSource] = {**request.filled_by, "intent": "context"}
    return replace(request, intent=Intent.ORDER_STATUS, filled_by=MappingProxyType(sources))


def _resumed(answer: Request, intent: Intent, slots: Slots) -> Request:
    sources: dict[str, SlotSource] = dict.fromkeys(slots.filled(), "context")
    return replace(
        answer,
        intent=intent,
        slots=slots,
        filled_by=MappingProxyType({**sources, **answer.filled_by, "intent": "context"}),
    )
