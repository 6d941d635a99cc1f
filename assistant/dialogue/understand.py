"""Understand a message: intents by the classifier, slots by rules, the rest by the model."""

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from assistant.dialogue.classifier import IntentClassifier, Scored
from assistant.dialogue.context import Context
from assistant.dialogue.cues import clear_sign, is_filler
from assistant.dialogue.merging import complete, merge
from assistant.dialogue.phrases import (
    candidate_spans,
    is_plain,
    product_phrase,
    split_items,
    strip_carrier,
)
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
# These may name a product; a phrase counts only where it ends like one of the catalogue.
_MAY_NAME = frozenset({Intent.PROMOTIONS, Intent.USUAL})
_ABOUT_ONE_ORDER = frozenset({Intent.ORDER_STATUS, Intent.ORDER_CHANGE, Intent.UNSAFE, Intent.PAID})
_POINTS = frozenset({Intent.CART_ADD, Intent.CART_REMOVE, Intent.CART_SET, Intent.DETAILS})
_COUNTS = frozenset({Intent.CART_SET, Intent.CART_ADD})
_AND = re.compile(r"\s(?:and|&|\+|plus)\s", re.IGNORECASE)
_SURELY_A_LIST = 2
_MAX_TOKENS = 24
_SURE = 0.6
_QUITE_SURE = 0.9
_TALK = frozenset(
    {Intent.SMALL_TALK, Intent.UNCLEAR, Intent.OUT_OF_SCOPE, Intent.CONFIRM, Intent.DECLINE}
)
_MAY_FILL = frozenset({Intent.FIND, Intent.SHOPPING_LIST, Intent.UNCLEAR, Intent.REFINE})
_INTO_CART = re.compile(
    r"\b(?:in|into|to)\s+(?:my\s+|the\s+)?(?:cart|basket|trolley)\b|^(?:throw|chuck|toss|pop)\s+in\b",
    re.IGNORECASE,
)
_SO_MANY_OF = re.compile(r"\W*(?:\d+|one|two|three|four|five|six)\s+of\b", re.IGNORECASE)
_TO_COUNT = re.compile(r"\b(?:down|up|back)\s+to\s*$", re.IGNORECASE)
_REFERS_BACK = re.compile(
    r"(?:ok(?:ay)?|hm+|and|or|what\s+about|how\s+about|same|but|any\s+(?:in|with|for)|no,?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a message asks for; `degraded` says that the model could not be asked."""

    requests: tuple[Request, ...]
    calls: tuple[ModelCall, ...] = ()
    usage: Usage = field(default_factory=Usage)
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the catalogue tells the rules: aisles, names with an "and" inside, words.

    `words` occur in products' names and keywords; `heads` end them, in either number.
    """

    aisles: tuple[str, ...]
    joined: tuple[str, ...]
    words: frozenset[str]
    heads: frozenset[str]

    def lists(self, text: str, items: tuple[ListItem, ...]) -> bool:
        """Tell a list from one product with an afterthought: "skyr yogurt, plain" is no list."""
        if len(items) > _SURELY_A_LIST or _AND.search(text):
            return all(is_plain(item.query) for item in items[1:])
        return all(self.ends(item.query) for item in items)

    def ends(self, phrase: str) -> bool:
        """Tell whether a phrase is of the catalogue's words and ends like a product's name."""
        return phrase.split()[-1].lower() in self.heads and self.names(phrase)

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
        segments = _meaningful(split_segments(text)) or (text,)
        scored = self._classifier.classify(segments)
        requests = [
            self._with_slots(segment, score)
            for segment, score in zip(segments, scored, strict=True)
        ]
        return await self._filled(complete(merge(requests), context))

    def _with_slots(self, segment: str, score: Scored) -> Request:
        """Fill what rules read; the query too when what is left can only be a product's name."""
        reading = read_segment(segment, self._vocabulary.aisles)
        items = split_items(reading.rest, self._vocabulary.joined)
        request = self._adjusted(segment, score, reading, items)
        slots = _read_slots(reading, request.intent, segment)
        if _is_list(request.intent, items):
            slots = replace(slots, items=_first_quantity(items, reading), quantity=None)
        elif request.intent in _NEEDS_QUERY:
            phrase = product_phrase(reading.rest)
            if phrase and reading.reference and request.intent in _POINTS:
                phrase = phrase if self._vocabulary.ends(phrase) else None
            slots = replace(slots, query=phrase)
        elif request.intent in _MAY_NAME:
            slots = replace(slots, query=self._named(reading))
        sources: dict[str, SlotSource] = dict.fromkeys(slots.filled(), "rule")
        return replace(
            request, slots=slots, filled_by=MappingProxyType({**request.filled_by, **sources})
        )

    def _adjusted(
        self, segment: str, score: Scored, reading: Reading, items: tuple[ListItem, ...]
    ) -> Request:
        intent = self._intent(segment, score, reading)
        if intent in {Intent.FIND, Intent.SHOPPING_LIST}:
            several = len(items) > 1 and self._vocabulary.lists(reading.rest, items)
            intent = Intent.SHOPPING_LIST if several else Intent.FIND
        source: SlotSource = "classifier" if intent is score.intent else "rule"
        return Request(
            intent=intent,
            slots=Slots(),
            text=segment,
            confidence=score.confidence,
            filled_by=MappingProxyType({"intent": source}),
        )

    def _intent(self, segment: str, score: Scored, reading: Reading) -> Intent:
        """Take the classifier's intent, unless clear signs overrule it.

        A bare product name ("coffee", "show me milk") says little to a classifier; where it is
        unsure, the catalogue's words decide that something is looked for.
        """
        sign = clear_sign(segment, score.intent)
        intent = sign or score.intent
        phrase = product_phrase(reading.rest)
        shaped = _shaped(intent, segment, reading)
        if shaped is not None:
            return shaped
        unsure = score.confidence < _SURE and phrase is not None and reading.reference is None
        looks = sign is None and (
            (unsure and phrase is not None and self._looked_for(phrase, score))
            or self._bare_name(phrase, score)
            or self._new_search(phrase, score, segment)
            or (intent is Intent.RECOMMEND and self._named(reading) is not None)
        )
        return Intent.FIND if looks else intent

    def _named(self, reading: Reading) -> str | None:
        """Return the product that a wish for offers or ideas names: "any deals on yogurt"."""
        phrase = product_phrase(reading.rest)
        return phrase if phrase is not None and self._vocabulary.ends(phrase) else None

    def _bare_name(self, phrase: str | None, score: Scored) -> bool:
        """Tell whether "gum" or "got eggs?" was taken for talk."""
        return (
            phrase is not None
            and score.intent in _TALK
            and score.confidence < _QUITE_SURE
            and self._vocabulary.ends(phrase)
        )

    def _new_search(self, phrase: str | None, score: Scored, segment: str) -> bool:
        """Tell whether "beer below $8" was taken for a change of the last search."""
        return (
            phrase is not None
            and score.intent is Intent.REFINE
            and not _REFERS_BACK.match(segment)
            and self._vocabulary.ends(phrase)
        )

    def _looked_for(self, phrase: str, score: Scored) -> bool:
        return self._vocabulary.names(phrase) or Intent.FIND in (score.intent, score.runner_up)

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


def _meaningful(segments: tuple[str, ...]) -> tuple[str, ...]:
    """Drop what only rounds off another segment."""
    return tuple(segment for segment in segments if not is_filler(segment)) or segments


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


def _read_slots(reading: Reading, intent: Intent, segment: str) -> Slots:
    quantity, ceiling = reading.quantity, reading.max_price
    if intent in _COUNTS and ceiling is not None and quantity is None and "$" not in segment:
        # "bump it up to 2" sets a count; a price says dollars.
        quantity, ceiling = ceiling // 100, None
    return Slots(
        quantity=quantity,
        max_price=ceiling,
        min_price=reading.min_price,
        own_label=reading.own_label,
        aisle=reading.aisle,
        cheapest_first=reading.cheapest_first,
        dearest_first=reading.dearest_first,
        reference=reading.reference,
        order_id=reading.order_id,
    )


def _shaped(intent: Intent, segment: str, reading: Reading) -> Intent | None:
    """Return the intent that a segment's form gives away: an order's number, "... to my cart"."""
    bounded = reading.max_price is not None or reading.min_price is not None
    if reading.order_id is not None and intent not in _ABOUT_ONE_ORDER:
        return Intent.ORDER_STATUS
    if intent in _MAY_FILL and _INTO_CART.search(segment):
        return Intent.CART_ADD
    if intent is Intent.DETAILS and _SO_MANY_OF.match(segment) and reading.reference:
        return Intent.CART_ADD
    if intent is Intent.UNCLEAR and bounded and product_phrase(reading.rest) is None:
        return Intent.REFINE
    if intent in _MAY_FILL and _TO_COUNT.search(reading.rest):
        return Intent.CART_SET
    return None


def _is_list(intent: Intent, items: tuple[ListItem, ...]) -> bool:
    return intent is Intent.SHOPPING_LIST or (
        intent in {Intent.CART_ADD, Intent.CART_REMOVE}
        and len(items) > 1
        and all(is_plain(i.query) for i in items)
    )


def _first_quantity(items: tuple[ListItem, ...], reading: Reading) -> tuple[ListItem, ...]:
    """Give the first item the quantity that was read before the list was split."""
    if reading.quantity is None or items[0].quantity != 1:
        return items
    return (replace(items[0], quantity=reading.quantity), *items[1:])


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
