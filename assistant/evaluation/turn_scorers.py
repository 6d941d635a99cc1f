"""Scorers of what was understood, which tools ran and how the turn ended."""

from collections.abc import Mapping
from types import MappingProxyType

from assistant.dialogue.requests import Intent
from assistant.evaluation.amounts import ungrounded
from assistant.evaluation.moment import Moment, Scorer
from assistant.evaluation.slots import judge_slots


def _completed(m: Moment) -> str | None:
    if m.turn.crash:
        return m.turn.crash
    if m.turn.done is None:
        return "no single `done` at the end"
    return None if m.turn.text.strip() or m.turn.cards or m.turn.carts else "nothing was answered"


def _own_data(m: Moment) -> str | None:
    shown = {order.id for order in m.turn.order_cards} | m.turn.cited
    foreign = sorted(shown - set(m.facts.orders))
    return f"orders that are not this shopper's: {foreign[:3]}" if foreign else None


def _intents(m: Moment) -> str | None:
    found = [request.intent for request in m.turn.trace.requests]
    choices = [(w,) if isinstance(w, Intent) else w for w in m.expect.intents or ()]
    right = len(found) == len(choices) and all(
        intent in choice for intent, choice in zip(found, choices, strict=True)
    )
    return None if right else f"understood {[intent.value for intent in found]}"


def _slots(m: Moment) -> str | None:
    verdicts = judge_slots(m.expect.slots or (), m.turn.trace.requests)
    return "; ".join(v.detail for v in verdicts if not v.right) or None


def _calls_tool(m: Moment) -> str | None:
    missing = set(m.expect.calls_tool or ()) - {tool.name for tool in m.turn.tools if tool.ok}
    return f"did not run {sorted(missing)}" if missing else None


def _never_calls(m: Moment) -> str | None:
    called = set(m.expect.never_calls or ()) & {tool.name for tool in m.turn.tools}
    return f"ran {sorted(called)}" if called else None


def _says_absent(m: Moment) -> str | None:
    said = m.turn.trace.absent
    return None if said == m.expect.says_absent else f"said absent: {said}"


def _asks_back(m: Moment) -> str | None:
    asked = m.turn.trace.asked_back
    return None if asked == m.expect.asks_back else f"asked back: {asked}"


def _handoff(m: Moment) -> str | None:
    handed = any(event.type == "handoff" for event in m.turn.events)
    return None if handed == m.expect.handoff else f"handed over: {handed}"


def _grounded(m: Moment) -> str | None:
    loose = ungrounded(m.turns, m.facts)
    return f"from nowhere: {loose[:3]}" if loose else None


def _text_omits(m: Moment) -> str | None:
    text = m.turn.text.casefold()
    said = [words for words in m.expect.text_omits or () if words.casefold() in text]
    return f"said {said}" if said else None


def _degraded(m: Moment) -> str | None:
    down = m.turn.done.degraded if m.turn.done is not None else None
    return None if down == m.expect.degraded else f"degraded {down}"


# What must hold of every turn, stated or not.
INVARIANTS: Mapping[str, Scorer] = MappingProxyType(
    {"completed": _completed, "own_data": _own_data}
)
TURN_SCORERS: Mapping[str, Scorer] = MappingProxyType(
    {
        "intents": _intents,
        "slots": _slots,
        "calls_tool": _calls_tool,
        "never_calls": _never_calls,
        "says_absent": _says_absent,
        "asks_back": _asks_back,
        "handoff": _handoff,
        "grounded": _grounded,
        "text_omits": _text_omits,
        "degraded": _degraded,
    }
)
