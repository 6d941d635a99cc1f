"""Amounts and order numbers in a text, and those that events and messages give it."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from pydantic import BaseModel

from assistant.dialogue.events import (
    CartEvent,
    OrderItem,
    OrdersEvent,
    ProductsEvent,
    TextEvent,
    ToolEvent,
    TurnEvent,
)
from assistant.evaluation.records import Facts, TurnRecord
from assistant.orders.orders import Order

_AMOUNT = re.compile(r"\$\s?(\d[\d,]*(?:\.\d{1,2})?)")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d{1,2})?")
_ORDER = re.compile(r"(?<!\d)\d{9,}(?!\d)")


def ungrounded(turns: Sequence[TurnRecord], facts: Facts) -> tuple[str, ...]:
    """Return the amounts and order numbers of the last turn's text that nothing accounts for.

    Accounted for are those in any message and event of the conversation so far, a filter that a
    tool ran with, an amount typed as a bare number, what was paid in an order that a card cites,
    and the price of one in an order or cart line.
    """
    text = turns[-1].text
    events = [event for turn in turns for event in turn.events if not isinstance(event, TextEvent)]
    said = " ".join(turn.user for turn in turns)
    amounts = _event_amounts(events) | {_minor(m) for m in _NUMBER.findall(said)}
    amounts |= {int(Decimal(m.replace(",", ""))) for m in _NUMBER.findall(said)}
    amounts |= _paid(facts.orders[o] for turn in turns for o in turn.cited if o in facts.orders)
    orders = set(_ORDER.findall(said)) | set(_ORDER.findall(_written(events)))
    loose = [f"${m}" for m in _AMOUNT.findall(text) if _minor(m) not in amounts]
    return tuple(loose + [m for m in _ORDER.findall(text) if m not in orders])


def _minor(written: str) -> int:
    return int(Decimal(written.replace(",", "")) * 100)


def _written(events: Iterable[BaseModel]) -> str:
    return " ".join(event.model_dump_json() for event in events)


def _event_amounts(events: Sequence[TurnEvent]) -> set[int]:
    found = {_minor(m) for m in _AMOUNT.findall(_written(events))}
    for event in events:
        if isinstance(event, ProductsEvent):
            found |= {item.price for item in event.items}
        elif isinstance(event, OrdersEvent):
            found |= {amount for item in event.items for amount in _lines(item)}
        elif isinstance(event, CartEvent):
            found |= _lines(event)
        elif isinstance(event, ToolEvent):
            found |= {value for value in event.arguments.values() if isinstance(value, int)}
    return found


def _paid(orders: Iterable[Order]) -> set[int]:
    lines = [line for order in orders for line in order.lines]
    return {n for line in lines for n in (line.total, line.total // line.quantity)}


def _lines(shown: OrderItem | CartEvent) -> set[int]:
    lines = shown.lines if isinstance(shown, OrderItem) else shown.items
    return {shown.total, *(n for line in lines for n in (line.total, line.total // line.quantity))}
