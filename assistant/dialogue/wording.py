"""Small pieces of English for plain renderings."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import inflect

from assistant.catalog.products import money
from assistant.dialogue.requests import Slots

_ENGLISH = inflect.engine()


def joined(parts: Sequence[str]) -> str:
    """Join with commas and a final "and"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def counted(count: int, noun: str) -> str:
    """Write "1 product" or "5 products"."""
    return f"{count} {_ENGLISH.plural_noun(noun, count)}"


def day(moment: datetime, timezone: str) -> str:
    """Write a date in the store's zone, such as "12 December 2017"."""
    local = moment.astimezone(ZoneInfo(timezone))
    return f"{local.day} {local:%B %Y}"


def bounds(slots: Slots, currency: str) -> str:
    """Write the filters of a search, such as " under $3.00 from the own label"."""
    parts = []
    if slots.min_price is not None and slots.max_price is not None:
        parts.append(
            f"between {money(slots.min_price, currency)} and {money(slots.max_price, currency)}"
        )
    elif slots.max_price is not None:
        parts.append(f"up to {money(slots.max_price, currency)}")
    elif slots.min_price is not None:
        parts.append(f"from {money(slots.min_price, currency)}")
    if slots.own_label is not None:
        parts.append("from the own label" if slots.own_label else "not from the own label")
    if slots.aisle is not None:
        parts.append(f"in the aisle {slots.aisle}")
    return "".join(f" {part}" for part in parts)
