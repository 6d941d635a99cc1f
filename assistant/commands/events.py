"""Events on stdout: one JSON object a line, or text for a person."""

import sys
from collections.abc import Iterable

from pydantic import BaseModel

from assistant.catalog.products import money
from assistant.dialogue.events import (
    CartEvent,
    DoneEvent,
    OrdersEvent,
    ProductsEvent,
    TextEvent,
    TurnEvent,
)


def print_json(event: BaseModel) -> None:
    """Print one event as one line."""
    sys.stdout.write(event.model_dump_json() + "\n")
    sys.stdout.flush()


def print_plainly(event: TurnEvent) -> None:
    """Print what a person wants to read of an event."""
    for line in _lines(event):
        sys.stdout.write(line)
    sys.stdout.flush()


def _lines(event: TurnEvent) -> Iterable[str]:
    match event:
        case TextEvent():
            yield event.delta
        case ProductsEvent():
            for item in event.items:
                why = "; ".join(reason.text for reason in item.why)
                line = f"  {money(item.price, item.currency):>8}  {item.title}  {why}"
                yield f"{line.rstrip()}\n"
        case CartEvent():
            for held in event.items:
                yield f"  {held.quantity} × {held.title}  {money(held.total, event.currency)}\n"
        case OrdersEvent():
            for order in event.items:
                total = money(order.total, order.currency)
                yield f"  {order.id}  {order.placed_at[:10]}  {order.status}  {total}\n"
        case DoneEvent():
            yield "\n"
            if event.degraded:
                yield f"(without: {', '.join(event.degraded)})\n"
        case _:
            return
