"""Slots against what a case says of them, with what filled each one."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from assistant.dialogue.trace import TracedRequest
from assistant.evaluation.expectations import SlotRules
from assistant.evaluation.words import assigned

# Two rules look at parts of one slot; all others are named as the slot is.
_SLOT_OF = {
    "query_words": "query",
    "items_words": "items",
    "reference_index": "reference",
}
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class SlotVerdict:
    """One judged slot; `source` is what filled it, `nothing` where it stayed empty."""

    slot: str
    source: str
    right: bool
    detail: str = ""


def judge_slots(
    rules: Sequence[SlotRules | None], requests: Sequence[TracedRequest]
) -> tuple[SlotVerdict, ...]:
    """Judge every stated slot, request by request; one for a request that is not there is wrong."""
    verdicts = []
    for index, rule in enumerate(rules):
        request = requests[index] if index < len(requests) else None
        for name in sorted(rule.model_fields_set) if rule is not None else ():
            verdicts.append(_judge(name, getattr(rule, name), request))
    return tuple(verdicts)


def _judge(name: str, wanted: object, request: TracedRequest | None) -> SlotVerdict:
    if request is None:
        return SlotVerdict(name, NOTHING, False, f"no such request for {name}={wanted!r}")
    slot = _SLOT_OF.get(name, name)
    found = request.slots.get(name) if name == "reference_index" else request.slots.get(slot)
    source = request.filled_by.get(slot, "unknown") if found is not None else NOTHING
    right = _fits(name, wanted, found)
    return SlotVerdict(name, source, right, "" if right else f"{name}={found!r}, not {wanted!r}")


def _fits(name: str, wanted: object, found: JsonValue) -> bool:
    if wanted is None or found is None:
        return wanted is None and found is None
    if name == "query_words" and isinstance(wanted, tuple):
        return all(word.casefold() in str(found).casefold() for word in wanted)
    if name == "items_words" and isinstance(wanted, tuple):
        return _items_fit(wanted, found)
    return found == wanted


def _items_fit(wanted: tuple[str, ...], found: JsonValue) -> bool:
    queries = (
        [str(i.get("query")).casefold() for i in found if isinstance(i, dict)]
        if isinstance(found, list)
        else []
    )
    options = [
        frozenset(n for n, query in enumerate(queries) if word.casefold() in query)
        for word in wanted
    ]
    return len(queries) == len(wanted) and assigned(options)
