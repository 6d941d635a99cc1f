"""Understand a message: intents by the classifier, slots by rules, the rest by the model."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from assistant.dialogue.classifier import IntentClassifier, Scored
from assistant.dialogue.context import Context
from assistant.dialogue.phrases import candidate_spans, is_plain, split_items, strip_carrier
from assistant.dialogue.requests import Intent, ListItem, Request, Slots, SlotSource
from assistant.dialogue.rules import Reading, read_segment
from assistant.dialogue.segments import split_segments
from assistant.dialogue.trace import ModelCall
from assistant.errors import ModelUnavailable
from assistant.llm.chat import ChatModel, JsonSchema, Message, Usage
from assistant.prompting import Prompt

_NEEDS_QUERY = frozenset(
    {Intent.FIND, Intent.REFINE, Intent.LAST_BOUGHT, Intent.PAID, Intent.CART_ADD,
     Intent.CART_REMOVE, Intent.CART_SET, Intent.DETAILS}
)  # fmt: skip
_ASIDE = frozenset({Intent.SMALL_TALK, Intent.UNCLEAR})
_FILLS_PENDING = frozenset(
    {Intent.FIND, Intent.REFINE, Intent.UNCLEAR, Intent.DETAILS, Intent.SHOPPING_LIST,
     Intent.CART_ADD, Intent.CART_SET, Intent.SMALL_TALK}
)  # fmt: skip
_MAX_TOKENS = 24
_SURE = 0.6


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a message asks for; `degraded` says that the model could not be asked."""

    requests: tuple[Request, ...]
    calls: tuple[ModelCall, ...] = ()
    usage: Usage = field(default_factory=Usage)
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the catalogue tells the rules: aisles, names with an "and" inside, words of names."""

    aisles: tuple[str, ...]
    joined: tuple[str, ...]
    words: frozenset[str]

    def names(self, phrase: str) -> bool:
        """Tell whether every word of a phrase occurs in some product's name, in either number."""
        return all(
            bool({word, word.removesuffix("s"), word.removesuffix("es"), f"{word}s"} & self.words)
            for word in phrase.lower().split()
        )


class Understander:
    """Turns a message and the state before it into requests."""

    def __init__(
        self, classifier: IntentClassifier, model: ChatModel, prompt: Prompt, vocabulary: Vocabulary
    ) -> None:
        self._classifier = classifier
        self._model = model
        self.prompt = prompt
        self._vocabulary = vocabulary

    async def understand(self, text: str, context: Context) -> Understanding:
        """Return the message's requests in order, at least one."""
        segments = split_segments(text) or (text,)
        scored = self._classifier.classify(segments)
        requests = [
            self._with_slots(segment, score)
            for segment, score in zip(segments, scored, strict=True)
        ]
        return await self._filled(_pending_first(_without_asides(requests), context))

    def _with_slots(self, segment: str, score: Scored) -> Request:
        """Fill what rules read; the query too when what is left can only be a product's name."""
        reading = read_segment(segment, self._vocabulary.aisles)
        slots = _read_slots(reading)
        items = split_items(reading.rest, self._vocabulary.joined)
        request = self._adjusted(segment, score, reading, len(items))
        sources: dict[str, SlotSource] = dict(request.filled_by)
        if request.intent in {Intent.SHOPPING_LIST, Intent.CART_ADD} and len(items) > 1:
            slots = replace(slots, items=_first_quantity(items, reading), quantity=None)
        elif request.intent in _NEEDS_QUERY or request.intent is Intent.SHOPPING_LIST:
            phrase = strip_carrier(reading.rest)
            if is_plain(phrase):
                slots = replace(slots, query=phrase)
        sources |= dict.fromkeys(_filled_names(slots), "rule")
        return replace(request, slots=slots, filled_by=MappingProxyType(sources))

    def _adjusted(self, segment: str, score: Scored, reading: Reading, items: int) -> Request:
        """Take the classifier's intent, unless clear signs overrule it.

        A bare product name ("coffee", "show me milk") says little to a classifier; where it is
        unsure, the catalogue's words decide that something is looked for.
        """
        phrase = strip_carrier(reading.rest)
        intent = score.intent
        source: SlotSource = "classifier"
        unsure = score.confidence < _SURE and is_plain(phrase) and reading.reference is None
        if unsure and (self._vocabulary.names(phrase) or Intent.FIND in (intent, score.runner_up)):
            intent, source = Intent.FIND, "rule"
        if intent is Intent.FIND and items > 1 and is_plain(phrase.split(",")[0]):
            intent, source = Intent.SHOPPING_LIST, "rule"
        elif intent is Intent.SHOPPING_LIST and items == 1:
            intent, source = Intent.FIND, "rule"
        return Request(
            intent=intent,
            slots=Slots(),
            text=segment,
            confidence=score.confidence,
            filled_by=MappingProxyType({"intent": source}),
        )

    async def _filled(self, requests: Sequence[Request]) -> Understanding:
        """Let the model fill the queries that rules left open."""
        done: list[Request] = []
        calls: list[ModelCall] = []
        usage = Usage()
        degraded = False
        for request in requests:
            spans = _open_spans(request)
            if not spans:
                done.append(request)
                continue
            try:
                span, call, used = await self._choose(request.text, spans)
            except ModelUnavailable:
                degraded = True
                done.append(_with_query(request, " ".join(spans[-1:]), "rule"))
                continue
            calls.append(call)
            usage += used
            done.append(_with_query(request, span, "model"))
        return Understanding(tuple(done), tuple(calls), usage, degraded)

    async def _choose(
        self, text: str, spans: tuple[str, ...]
    ) -> tuple[str | None, ModelCall, Usage]:
        """Ask the model which words name the product; only words of the message count."""
        started = time.monotonic()
        completion = await self._model.complete(
            [Message(role, part) for role, part in self.prompt.render(message=text)],
            schema=_span_schema(spans),
            max_tokens=_MAX_TOKENS,
        )
        call = ModelCall(
            purpose="understand",
            prompt=self.prompt.version,
            output=completion.text,
            seconds=round(time.monotonic() - started, 3),
        )
        return _said_span(completion.text, spans), call, completion.usage


def _span_schema(spans: tuple[str, ...]) -> JsonSchema:
    return {
        "type": "object",
        "properties": {"product": {"type": "string", "enum": list(spans)}},
        "required": ["product"],
        "additionalProperties": False,
    }


def _said_span(output: str, spans: tuple[str, ...]) -> str | None:
    """Return the model's choice if it is one of the message's own phrases."""
    try:
        choice = json.loads(output)
    except json.JSONDecodeError:
        return None
    product = choice.get("product") if isinstance(choice, dict) else None
    return product if product in spans else None


def _read_slots(reading: Reading) -> Slots:
    return Slots(
        quantity=reading.quantity,
        max_price=reading.max_price,
        min_price=reading.min_price,
        own_label=reading.own_label,
        aisle=reading.aisle,
        cheapest_first=reading.cheapest_first,
        reference=reading.reference,
        order_id=reading.order_id,
    )


def _filled_names(slots: Slots) -> list[str]:
    empty = Slots()
    return [
        name for name in Slots.__dataclass_fields__ if getattr(slots, name) != getattr(empty, name)
    ]


def _first_quantity(items: tuple[ListItem, ...], reading: Reading) -> tuple[ListItem, ...]:
    """Give the first item the quantity that was read before the list was split."""
    if reading.quantity is None or items[0].quantity != 1:
        return items
    return (replace(items[0], quantity=reading.quantity), *items[1:])


def _without_asides(requests: list[Request]) -> list[Request]:
    """Drop greetings and fragments beside a real request."""
    real = [request for request in requests if request.intent not in _ASIDE]
    return real or requests[:1]


def _open_spans(request: Request) -> tuple[str, ...]:
    slots = request.slots
    if request.intent not in _NEEDS_QUERY or slots.query or slots.items or slots.reference:
        return ()
    rest = strip_carrier(read_segment(request.text).rest)
    return candidate_spans(rest)


def _with_query(request: Request, query: str | None, source: SlotSource) -> Request:
    if query is None:
        return request
    return replace(
        request,
        slots=replace(request.slots, query=query),
        filled_by=MappingProxyType({**request.filled_by, "query": source}),
    )


def _pending_first(requests: list[Request], context: Context) -> list[Request]:
    """Complete the request that waited for this message, if this message answers it."""
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


def _resumed(answer: Request, intent: Intent, slots: Slots) -> Request:
    sources: dict[str, SlotSource] = dict.fromkeys(_filled_names(slots), "context")
    return replace(
        answer,
        intent=intent,
        slots=slots,
        filled_by=MappingProxyType({**sources, **answer.filled_by, "intent": "context"}),
    )
