"""The task `understand`: a message, with what was shown before it -> a JSON list of requests.

Messages come from the grammar of phrasings: single requests, several in one message, pointers to
what was shown, out-of-scope and hostile ones, with typos. The parts are split by template, so no
phrasing of the test was trained on; a bare product name has no phrasing and is always trained.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pydantic import BaseModel, ConfigDict, Field

from assistant.dialogue.requests import Intent, Pointer
from assistant.prompting import PROMPTS, load_prompt
from finetune.phrasing import Example, Generator, Vocabulary, default_vocabulary
from finetune.phrasing.grammar import Template
from finetune.tasks.readings import Reading, parse_readings, readings_json, slot_pairs
from finetune.tasks.task import Dataset, Runner, Sample, rendered

PROMPT = "understand"
LONGEST_ANSWER = 110
_PARTS = ("train", "validation", "test")
_JOINS = (". ", ", and ", " and ", ". Also ", ", also ", " then ", "; ", ", oh and ", " & ", "\n")
_TALK = frozenset({Intent.SMALL_TALK, Intent.UNCLEAR, Intent.CONFIRM, Intent.DECLINE})
_LONGEST_MESSAGE = 200


class UnderstandRecipe(BaseModel):
    """The `examples` section of a configuration; the same recipe makes the same examples.

    `several` is the share of messages with two or three requests, `shown` that of messages after
    products were shown; a tenth of the templates is for validation, a fifth for the test.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 7
    train: int = Field(default=8000, gt=0)
    validation: int = Field(default=160, gt=0)
    test: int = Field(default=540, gt=0)
    weights: dict[Intent, float] = {}
    several: float = Field(default=0.15, ge=0, le=1)
    shown: float = Field(default=0.3, ge=0, le=1)


@dataclass(frozen=True, slots=True)
class Scored:
    """The figures of a set of answers: shares of requests, slots and messages."""

    intent_accuracy: float
    slot_f1: float
    exact: float
    parsed: float

    def as_metrics(self) -> dict[str, float]:
        """Return the figures by name, and the one by which methods compare."""
        both = 2 * self.intent_accuracy * self.slot_f1
        quality = both / (self.intent_accuracy + self.slot_f1) if both else 0.0
        return {
            "intent_accuracy": round(self.intent_accuracy, 4),
            "slot_f1": round(self.slot_f1, 4),
            "exact": round(self.exact, 4),
            "parsed": round(self.parsed, 4),
            "quality": round(quality, 4),
        }


class UnderstandTask:
    """Messages of the grammar and their readings."""

    name = "understand"
    measure = "quality"
    opening = (
        "You read messages to a shop and list their requests as JSON. Intents: "
        f"{', '.join(Intent)}. Slots: query, items, quantity, max_price, min_price, own_label, "
        "aisle, cheapest_first, reference, order_id."
    )

    def __init__(self, recipe: UnderstandRecipe) -> None:
        self.recipe = recipe
        self.prompt = load_prompt(PROMPT, PROMPTS / "tuned")

    def prepare(self, home: Path) -> Dataset:  # noqa: ARG002 - needs nothing of the data home
        """Make the samples of all parts."""
        words = default_vocabulary()
        parts = {part: tuple(self._part(part, words)) for part in _PARTS}
        return Dataset(parts["train"], parts["validation"], parts["test"])

    def evaluate(self, runner: Runner, samples: Sequence[Sample]) -> Mapping[str, float]:
        """Answer and score."""
        outputs = runner.answers([sample.messages for sample in samples], LONGEST_ANSWER)
        read = [parse_readings(output) for output in outputs]
        return score([_gold(sample) for sample in samples], read).as_metrics()

    def sample(self, message: str, shown: Sequence[str], gold: Sequence[Reading]) -> Sample:
        """Return one sample; its facts repeat message and shown names for baselines."""
        values = {"shown": [name.lower() for name in shown], "message": message}
        facts = json.dumps({"message": message, "shown": list(shown)}, ensure_ascii=False)
        return Sample(rendered(self.prompt, values), readings_json(gold), "", facts)

    def _part(self, part: str, words: Vocabulary) -> Iterator[Sample]:
        """Yield a part's samples, in random order, no message twice."""
        rng = Random(f"{self.recipe.seed}/{part}")
        size: int = getattr(self.recipe, part)
        messages: set[str] = set()
        pool = self._examples(part, words, 2 * size)
        while len(messages) < size:
            example = next(pool)
            several = [example]
            if example.intent not in _TALK and rng.random() < self.recipe.several:
                count = rng.choice((1, 1, 1, 2))
                more = (next(pool) for _ in range(8 * count))
                several += [e for e in more if e.intent not in _TALK][:count]
            message = _joined(several, rng)
            if message in messages or len(message) > _LONGEST_MESSAGE:
                continue
            messages.add(message)
            made = self.sample(
                message, self._shown(several, words, rng), [_reading(e) for e in several]
            )
            yield Sample(made.messages, made.answer, example.template_id, made.facts)

    def _examples(self, part: str, words: Vocabulary, count: int) -> Iterator[Example]:
        """Yield examples without end, of a part's templates; intents by weight."""
        generator = Generator(words)
        templates: defaultdict[Intent, list[Template]] = defaultdict(list)
        for template in generator.templates:
            if part_of(template.id, template.weight) == part:
                templates[template.intent] += [template] * template.weight
        rng = Random(f"{self.recipe.seed}/{part}/examples")
        intents = [intent for intent in Intent if templates[intent]]
        shares = [self.recipe.weights.get(intent, 1.0) for intent in intents]
        for used in range(100 * count):
            intent = rng.choices(intents, shares)[0] if part == "train" else _turn(intents, used)
            yield generator.render(rng.choice(templates[intent]), rng)

    def _shown(self, asked: Sequence[Example], words: Vocabulary, rng: Random) -> tuple[str, ...]:
        """Draw what was shown before; what a message points to by name is among it."""
        references = [e.slots.reference for e in asked if e.slots.reference is not None]
        if rng.random() >= self.recipe.shown * (2 if references else 0.7):
            return ()
        names = [r.words for r in references if r.pointer is Pointer.NAMED and r.words]
        names += [rng.choice(words.catalogue or words.goods) for _ in range(rng.choice((2, 3, 4)))]
        rng.shuffle(names)
        return tuple(names[:5])


def part_of(template_id: str, weight: int) -> str:
    """Return the part whose templates include this one, whatever the seed."""
    if weight > 1:
        return "train"
    at = int(hashlib.sha256(template_id.encode()).hexdigest()[:8], 16) % 10
    return "validation" if at == 0 else "test" if at < 3 else "train"


def score(
    gold: Sequence[tuple[Reading, ...]], read: Sequence[tuple[Reading, ...] | None]
) -> Scored:
    """Compare requests place by place; a missing and a superfluous request are both wrong."""
    intents = places = right_slots = gold_slots = said_slots = exact = 0
    for wanted, got in zip(gold, read, strict=True):
        said = got or ()
        places += max(len(wanted), len(said))
        intents += sum(w.intent is s.intent for w, s in zip(wanted, said, strict=False))
        wanted_pairs, said_pairs = _pairs(wanted), _pairs(said)
        right_slots += len(wanted_pairs & said_pairs)
        gold_slots += len(wanted_pairs)
        said_slots += len(said_pairs)
        same = [w.intent for w in wanted] == [s.intent for s in said]
        exact += same and wanted_pairs == said_pairs
    return Scored(
        intent_accuracy=intents / max(places, 1),
        slot_f1=2 * right_slots / max(gold_slots + said_slots, 1),
        exact=exact / max(len(gold), 1),
        parsed=sum(got is not None for got in read) / max(len(read), 1),
    )


def gold_readings(sample: Sample) -> tuple[Reading, ...]:
    """Return what a sample's message asks for."""
    return _gold(sample)


def _gold(sample: Sample) -> tuple[Reading, ...]:
    readings = parse_readings(sample.answer)
    return readings or ()


def _pairs(readings: Sequence[Reading]) -> frozenset[tuple[int, str, str]]:
    return frozenset((at, *pair) for at, r in enumerate(readings) for pair in slot_pairs(r.slots))


def _reading(example: Example) -> Reading:
    return Reading(example.intent, example.slots)


def _turn(intents: Sequence[Intent], used: int) -> Intent:
    """Take intents in turn, so that a small set holds all of them."""
    return intents[used % len(intents)]


def _joined(examples: Sequence[Example], rng: Random) -> str:
    message = examples[0].text
    for example in examples[1:]:
        joint = rng.choice(_JOINS)
        message = (message.rstrip(" .!?,;") if joint[0] in ",;" else message.rstrip()) + joint
        message = message.replace("?. ", "? ").replace("!. ", "! ").replace(".. ", ". ")
        message += example.text
    return message
