"""What happened inside a turn, for evaluation and for the people who work on prompts."""

from pydantic import BaseModel, ConfigDict, JsonValue

from assistant.dialogue.requests import Intent, Request


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class TracedRequest(_Part):
    """A request as understood, and what filled each slot (rule, classifier, model, context)."""

    intent: Intent
    text: str
    slots: dict[str, JsonValue]
    filled_by: dict[str, str]
    confidence: float


class TracedSentence(_Part):
    """A sentence of the model, whether the grounding check kept it, and why not."""

    text: str
    kept: bool
    reason: str


class ModelCall(_Part):
    """One call of the model: what for, what came back, seconds.

    `adapter` is the version of the learned prompt of that purpose, where one was used.
    """

    purpose: str
    prompt: str
    output: str
    seconds: float
    adapter: str | None = None


class TurnTrace(_Part):
    """The inside of one turn; `model_text` says that visible text is the model's.

    `asks_for` names what the turn asked for to complete a wish about an order.
    """

    requests: tuple[TracedRequest, ...] = ()
    calls: tuple[ModelCall, ...] = ()
    sentences: tuple[TracedSentence, ...] = ()
    absent: bool = False
    asked_back: bool = False
    model_text: bool = False
    asks_for: str = ""


def traced(request: Request) -> TracedRequest:
    """Write a request's slots as plain JSON, leaving out what was not said."""
    slots = request.slots
    plain: dict[str, JsonValue] = {
        "query": slots.query,
        "items": [{"query": item.query, "quantity": item.quantity} for item in slots.items] or None,
        "quantity": slots.quantity,
        "max_price": slots.max_price,
        "min_price": slots.min_price,
        "own_label": slots.own_label,
        "aisle": slots.aisle,
        "cheapest_first": slots.cheapest_first or None,
        "dearest_first": slots.dearest_first or None,
        "order_id": slots.order_id,
        "reference": slots.reference.pointer.value if slots.reference else None,
        "reference_index": slots.reference.index if slots.reference else None,
        "reference_also": list(slots.reference.also) or None if slots.reference else None,
    }
    return TracedRequest(
        intent=request.intent,
        text=request.text,
        slots={name: value for name, value in plain.items() if value is not None},
        filled_by=dict(request.filled_by),
        confidence=request.confidence,
    )
