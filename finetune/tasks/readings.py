"""The short JSON in which the model says what a message asks for, and back."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.dialogue.requests import Intent, ListItem, Pointer, Reference, Slots

_COUNTED = re.compile(r"\s*(\d{1,3}) x (.+)")
_POINTERS: Mapping[str, Pointer] = {
    "it": Pointer.IT,
    "all": Pointer.ALL,
    "cheapest": Pointer.CHEAPEST,
}
_AMOUNTS = ("quantity", "max_price", "min_price")
_TEXTS = ("query", "aisle", "order_id")
_FLAGS = ("own_label", "cheapest_first")


@dataclass(frozen=True, slots=True)
class Reading:
    """One request as the model reads it: an intent and its slots."""

    intent: Intent
    slots: Slots


def readings_json(readings: Sequence[Reading]) -> str:
    """Write readings compactly: `[{"find":{"query":" oat milk"}}]`.

    The intent comes first, as what the message is taken for. Words that come from the message
    begin with a blank: so they are the same tokens as there, and copying them is easily learned.
    """
    records = [{r.intent.value: dict(_written(r.slots))} for r in readings]
    return json.dumps(records, ensure_ascii=False, separators=(",", ":"))


def _written(slots: Slots) -> Iterator[tuple[str, object]]:
    for name in slots.filled():
        value = getattr(slots, name)
        if name in _TEXTS:
            yield name, f" {value}"
        elif name == "items":
            yield name, [_item_text(item) for item in value]
        elif name == "reference":
            yield name, _reference_value(value)
        else:
            yield name, value


def _item_text(item: ListItem) -> str:
    return f" {item.query}" if item.quantity == 1 else f" {item.quantity} x {item.query}"


def _reference_value(reference: Reference) -> str | int:
    if reference.pointer is Pointer.ORDINAL:
        return reference.index or 1
    if reference.pointer is Pointer.NAMED:
        return f" {reference.words}"
    return reference.pointer.value


def parse_readings(output: str) -> tuple[Reading, ...] | None:
    """Read the model's answer; None where it is no list of requests.

    Slots of a wrong kind are left out.
    """
    try:
        records = json.loads(output)
        read = (Reading(Intent(name), _slots(s)) for r in records for name, s in r.items())
        return tuple(read) or None
    except (ValueError, AttributeError, TypeError):
        return None


def _slots(record: Mapping[str, object]) -> Slots:
    texts = {n: v.strip() for n in _TEXTS if isinstance(v := record.get(n), str) and v.strip()}
    amounts = {n: v for n in _AMOUNTS if isinstance(v := record.get(n), int) and v >= 0}
    flags = {n: v for n in _FLAGS if isinstance(v := record.get(n), bool)}
    items = record.get("items")
    listed = items if isinstance(items, list) else []
    return Slots(
        query=texts.get("query"),
        items=tuple(_item(text) for text in listed if isinstance(text, str) and text.strip()),
        quantity=amounts.get("quantity"),
        max_price=amounts.get("max_price"),
        min_price=amounts.get("min_price"),
        own_label=flags.get("own_label"),
        aisle=texts.get("aisle"),
        cheapest_first=flags.get("cheapest_first", False),
        reference=_reference(record.get("reference")),
        order_id=texts.get("order_id"),
    )


def _item(text: str) -> ListItem:
    counted = _COUNTED.fullmatch(text)
    if counted:
        return ListItem(counted[2].strip(), int(counted[1]))
    return ListItem(text.strip())


def _reference(value: object) -> Reference | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return Reference(Pointer.ORDINAL, index=value)
    if not isinstance(value, str) or not value.strip():
        return None
    if value in _POINTERS:
        return Reference(_POINTERS[value])
    return Reference(Pointer.NAMED, words=value.strip())


def slot_pairs(slots: Slots) -> frozenset[tuple[str, str]]:
    """Return slots as comparable pairs, each item of a list its own; case does not count."""
    pairs: set[tuple[str, str]] = set()
    for name, value in _written(slots):
        values = value if isinstance(value, list) else [value]
        pairs |= {(name, " ".join(str(one).lower().split())) for one in values}
    return frozenset(pairs)
