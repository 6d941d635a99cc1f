"""The shop's people as a conversation meets them, and when it is time to offer one."""

from typing import Protocol

from assistant.dialogue.context import Context, PendingRequest
from assistant.dialogue.events import ToolEvent
from assistant.dialogue.outcome import Outcome
from assistant.dialogue.requests import Intent, Request, Slots

FAILURES = 2
OFFER = "I have not been much help so far. Shall a person of the shop take over?"


class Standing(Protocol):
    """Where a conversation stands: it waits for a person, has one, or had some before."""

    @property
    def waiting(self) -> bool:
        """Whether it is in the queue."""
        ...

    @property
    def taken(self) -> bool:
        """Whether a person has it; the assistant is silent then."""
        ...

    @property
    def ended(self) -> int:
        """How many hand-offs have come to their end."""
        ...


class Staff(Protocol):
    """The way from a conversation to a person."""

    def standing(self, conversation_id: str) -> Standing:
        """Tell where a conversation stands."""
        ...

    def call(self, conversation_id: str, shopper_id: str | None, reason: str) -> int | None:
        """Queue a conversation; return its place, from 1, or None with nobody on duty."""
        ...


def after_people(context: Context, standing: Standing) -> Context:
    """Forget what waited for an answer where a person has been in between.

    A "yes" to them is none to the assistant, and what they settled is not handed over again.
    """
    if not standing.taken and standing.ended == context.people:
        return context
    return context.model_copy(
        update={
            "pending": None,
            "awaits_message": False,
            "failures": 0,
            "people": standing.ended,
        }
    )


def failed(request: Request, outcome: Outcome) -> bool:
    """Tell whether an answer was of no use: not understood, or its tools could not do it."""
    events = [event for event in outcome.events if isinstance(event, ToolEvent)]
    return request.intent is Intent.UNCLEAR or (
        bool(events) and not any(event.ok for event in events)
    )


def counted(context: Context, failures: list[bool]) -> Context:
    """Count a turn that failed as a whole; any other begins the count anew."""
    return context.model_copy(
        update={"failures": context.failures + 1 if failures and all(failures) else 0}
    )


def offering(context: Context, standing: Standing) -> Context | None:
    """Return the context in which a "yes" calls a person; None while it is not time to offer."""
    if context.failures < FAILURES or context.pending is not None or standing.waiting:
        return None
    pending = PendingRequest(intent=Intent.HUMAN, slots=Slots(), text="answers that did not help")
    return context.model_copy(update={"pending": pending, "failures": 0})
