"""The task `understand`: a shopper's message, with what the page shows -> its requests as JSON.

Text comes from the project's own grammar of phrasings, split by template: no way of asking of the
test occurs in training. Some messages ask for several things, in several segments.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from assistant.dialogue.requests import Intent, Pointer, Reference, Slots
from assistant.llm.chat import Message
from assistant.prompting import PROMPTS, Prompt, load_prompt
from finetune.phrasing import Example, default_vocabulary
from finetune.phrasing.generator import Generator
from finetune.samples import Sample, Samples, samples

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")

# Shares of the templates that validation and test get, in hundredths.
_VALIDATION, _TEST = 10, 15
_CONNECTORS = (". ", ", and ", " and ", " and also ", ", then ", "? ", " plus ", "! ")
_ALONE = frozenset({Intent.UNCLEAR, Intent.CONFIRM, Intent.DECLINE, Intent.UNSAFE})
_SHOWN = (2, 6)


class UnderstandRecipe(BaseModel):
    """The `examples` section of a configuration; `several` is the share with two requests."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 7
    per_intent: int = Field(default=260, gt=0)
    validation: int = Field(default=200, gt=0)
    test: int = Field(default=400, gt=0)
    several: float = Field(default=0.15, ge=0, le=1)


def understand_samples(examples: Mapping[str, JsonValue], home: Path) -> Samples:
    """Return the samples of a recipe; the data home is not needed."""
    del home
    recipe = UnderstandRecipe.model_validate(examples)
    words = default_vocabulary()
    generated = list(Generator(words).examples(recipe.per_intent, recipe.seed))
    rng = Random(recipe.seed)
    rng.shuffle(generated)
    prompt = load_prompt("understand", PROMPTS / "tuned")
    made: dict[Split, list[Sample]] = {}
    for split in SPLITS:
        own = [example for example in generated if split_of(example.template_id) == split]
        made[split] = list(_messages(own, recipe.several, prompt, words.catalogue, rng))
    return samples(
        made["train"],
        made["validation"][: recipe.validation],
        made["test"][: recipe.test],
        f"{prompt.name}@{prompt.version}",
    )


def split_of(template_id: str) -> Split:
    """Return the split that a template belongs to, whatever else the grammar holds."""
    place = int(hashlib.sha256(template_id.encode()).hexdigest(), 16) % 100
    if place < _VALIDATION:
        return "validation"
    return "test" if place < _VALIDATION + _TEST else "train"


def _messages(
    examples: Sequence[Example], several: float, prompt: Prompt, things: Sequence[str], rng: Random
) -> Iterator[Sample]:
    """Yield a sample for each example; a share takes the next example along."""
    waiting = list(examples)
    while waiting:
        first = waiting.pop()
        parts = [first]
        joins = waiting and first.intent not in _ALONE and waiting[-1].intent not in _ALONE
        if joins and rng.random() < several:
            parts.append(waiting.pop())
        text = rng.choice(_CONNECTORS).join(part.text.rstrip(".!? ") for part in parts)
        shown = _shown(parts, things, rng)
        rendered = prompt.render(message=text if len(parts) > 1 else first.text, shown=shown)
        yield Sample(
            tuple(Message(role, content) for role, content in rendered),
            answer([(part.intent, part.slots) for part in parts]),
        )


def _shown(parts: Sequence[Example], things: Sequence[str], rng: Random) -> list[str]:
    """Return what the page shows: names that a reference by name picks from, or any."""
    named = [part.slots.reference.words for part in parts if part.slots.reference is not None]
    if not named and rng.random() < 0.7:
        return []
    others = rng.sample(list(things), rng.randint(*_SHOWN))
    shown = [*filter(None, named), *others]
    rng.shuffle(shown)
    return shown


def answer(requests: Sequence[tuple[Intent, Slots]]) -> str:
    """Return requests as compact JSON, absent slots left out: what the model learns to say."""
    return json.dumps(
        [{"intent": intent.value, **plain(slots)} for intent, slots in requests],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def plain(slots: Slots) -> dict[str, JsonValue]:
    """Return what was said as plain values; a reference is "2", "it", "all" or its words."""
    items: list[JsonValue] = [
        {"query": item.query, "quantity": item.quantity}
        if item.quantity != 1
        else {"query": item.query}
        for item in slots.items
    ]
    values: dict[str, JsonValue] = {
        "query": slots.query,
        "items": items or None,
        "quantity": slots.quantity,
        "max_price": slots.max_price,
        "min_price": slots.min_price,
        "own_label": slots.own_label,
        "aisle": slots.aisle,
        "cheapest_first": slots.cheapest_first or None,
        "reference": _reference(slots.reference),
        "order_id": slots.order_id,
    }
    return {name: value for name, value in values.items() if value is not None}


def _reference(reference: Reference | None) -> str | None:
    if reference is None:
        return None
    if reference.pointer is Pointer.ORDINAL:
        return str(reference.index)
    return reference.words if reference.pointer is Pointer.NAMED else reference.pointer.value
