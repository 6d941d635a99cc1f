"""Deterministic examples of shoppers' phrasings with gold intents and slots."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import repeat
from random import Random

from assistant.dialogue.requests import Intent, Slots
from assistant.errors import ConfigurationError
from finetune.phrasing.fillers import Fill, Piece, Tag, fillers
from finetune.phrasing.grammar import (
    Choice,
    Groups,
    Node,
    Ref,
    Template,
    load_groups,
    load_templates,
    sequences,
    spread,
)
from finetune.phrasing.noise import Noise, disturb
from finetune.phrasing.vocabulary import Vocabulary

# Fillers around these change what they mean: "and then it", "please hi".
_UNDRESSED = frozenset({Intent.UNCLEAR, Intent.SMALL_TALK, Intent.CONFIRM, Intent.DECLINE})


@dataclass(frozen=True, slots=True)
class Example:
    """One segment of a message with its gold reading.

    Text values in `slots` are spelled as they stand in `text`. `plain` is the segment before noise.
    """

    text: str
    intent: Intent
    slots: Slots
    template_id: str
    plain: str


class Generator:
    """Examples from the grammar, its product slots filled from a vocabulary."""

    def __init__(self, words: Vocabulary, noise: Noise | None = None) -> None:
        self._groups: Groups = load_groups()
        self._fillers: Mapping[str, Fill] = fillers(words)
        self._noise = noise or Noise()
        self.templates: tuple[Template, ...] = load_templates()

    def examples(
        self, per_intent: int, seed: int, weights: Mapping[Intent, float] | None = None
    ) -> tuple[Example, ...]:
        """Return `per_intent` times its weight different examples an intent, all templates alike.

        An intent whose templates cannot make so many different texts gets fewer.
        """
        shares = weights or {}
        return tuple(
            example
            for intent in Intent
            for example in self._of_intent(
                intent, round(per_intent * shares.get(intent, 1.0)), Random(f"{seed}/{intent}")
            )
        )

    def _of_intent(self, intent: Intent, count: int, rng: Random) -> Iterator[Example]:
        templates = [
            template
            for template in self.templates
            if template.intent is intent
            for _ in range(template.weight)
        ]
        seen: set[str] = set()
        for attempt in range(4 * count):
            if len(seen) == count:
                return
            example = self.render(templates[attempt % len(templates)], rng)
            if example.text not in seen:
                seen.add(example.text)
                yield example

    def render(self, template: Template, rng: Random) -> Example:
        """Return one example of a template."""
        pieces, slots = self._expand(template.node, rng, Slots())
        plain = _text(pieces)
        noisy = disturb(pieces, rng, self._noise, dress=template.intent not in _UNDRESSED)
        text = _text(noisy)
        return Example(text, template.intent, _settled(slots, noisy), template.id, plain)

    def sentences(self, template: Template, limit: int, rng: Random) -> Iterator[str]:
        """Yield every wording of a template, or `limit` random ones where there are more.

        Slots are filled at random, and there is no noise.
        """
        if spread(template.node, self._groups) <= limit:
            nodes: Iterable[Node] = sequences(template.node, self._groups)
        else:
            nodes = repeat(template.node, limit)
        for node in nodes:
            yield _text(self._expand(node, rng, Slots())[0])

    def _expand(self, node: Node, rng: Random, slots: Slots) -> tuple[tuple[Piece, ...], Slots]:
        pieces: list[Piece] = []
        for part in node:
            if isinstance(part, str):
                pieces.append(Piece(part))
                continue
            found, slots = self._expand_part(part, rng, slots)
            pieces += found
        return tuple(pieces), slots

    def _expand_part(
        self, part: Ref | Choice, rng: Random, slots: Slots
    ) -> tuple[tuple[Piece, ...], Slots]:
        if isinstance(part, Choice):
            return self._expand(rng.choice(part.options), rng, slots)
        if part.name in self._groups:
            return self._expand(self._groups[part.name], rng, slots)
        if part.name not in self._fillers:
            raise ConfigurationError(
                f"templates use {{{part.name}}}, which is neither a slot nor in words.txt; add it"
            )
        return self._fillers[part.name](rng, slots)


def _text(pieces: Sequence[Piece]) -> str:
    """Join pieces; blanks that absent parts left over are dropped."""
    joined = re.sub(r"[ \t]+", " ", "".join(piece.text for piece in pieces))
    return re.sub(r" +(?=[,?!.](?:\s|$))", "", joined).strip()


def _settled(slots: Slots, pieces: Sequence[Piece]) -> Slots:
    """Give the text slots the spelling that noise left."""
    query = _tagged(pieces, "query") if slots.query else None
    items = tuple(
        replace(item, query=_tagged(pieces, "item", index))
        for index, item in enumerate(slots.items)
    )
    reference = slots.reference
    if reference is not None and reference.words:
        reference = replace(reference, words=_tagged(pieces, "words"))
    return replace(slots, query=query, items=items, reference=reference)


def _tagged(pieces: Sequence[Piece], tag: Tag, item: int = 0) -> str:
    return next(_text((piece,)) for piece in pieces if piece.tag == tag and piece.item == item)


def as_json(example: Example) -> str:
    """Return an example as one line of JSON, absent slots left out."""
    slots = {name: value for name, value in asdict(example.slots).items() if value}
    if example.slots.own_label is not None:
        slots["own_label"] = example.slots.own_label
    record = {
        "text": example.text,
        "intent": example.intent,
        "slots": slots,
        "template_id": example.template_id,
        "plain": example.plain,
    }
    return json.dumps(record, ensure_ascii=False)


def digest(examples: Iterable[Example]) -> str:
    """Return the SHA-256 of the examples as JSON lines: the identity of a training set."""
    found = hashlib.sha256()
    for example in examples:
        found.update(as_json(example).encode())
        found.update(b"\n")
    return found.hexdigest()
