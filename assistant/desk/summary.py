"""A summary of a conversation for who takes it over, from what was understood and never guessed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from assistant.desk.handoffs import Handoff, HandoffState

_WANTS = 5


@dataclass(frozen=True, slots=True)
class Heard:
    """One message: its words, and the intents it was read as, such as `order_status`."""

    text: str
    intents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """Why a person is wanted, for how long, and what the shopper wanted so far, newest last."""

    reason: str
    waiting: str
    messages: int
    not_understood: int
    wants: tuple[str, ...]


def summarise(handoff: Handoff, heard: Sequence[Heard], now: datetime) -> Summary:
    """Sum a conversation up."""
    wants = [
        f"{' and '.join(intent.replace('_', ' ') for intent in message.intents)}: {message.text}"
        for message in heard
        if message.intents and message.intents != ("unclear",)
    ]
    return Summary(
        reason=handoff.reason,
        waiting=waited(handoff, now),
        messages=len(heard),
        not_understood=sum("unclear" in message.intents for message in heard),
        wants=tuple(wants[-_WANTS:]),
    )


def waited(handoff: Handoff, now: datetime) -> str:
    """Say how long a shopper has waited, or did until a person came or they left."""
    until = handoff.taken_at or handoff.closed_at or now
    said = in_words(until - handoff.requested_at)
    return f"waiting {said}" if handoff.state is HandoffState.WAITING else f"waited {said}"


def in_words(time: timedelta) -> str:
    """Write a stretch of time in its largest unit, such as "4 min"."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 1:
        return "under a minute"
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min" if hours < 24 else f"{hours // 24} d"
