"""The task `understand`: a message and its context -> a JSON list of requests.

The context is what was shown before and the intents that a plain classifier takes the message for.

Messages come from the grammar of phrasings: single requests, several in one message, pointers to
what was shown, out-of-scope and hostile ones, with typos. The parts are split by template, so no
phrasing of the test was trained on; a bare product name has no phrasing and is always trained.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from assistant.dialogue.requests import Intent, Pointer
from assistant.prompting import PROMPTS, Prompt, load_prompt
from finetune.phrasing import Example, Generator, default_vocabulary
from finetune.phrasing.grammar import Template
from finetune.tasks.guesses import Guess, Guesser, Labelled, guess_text
from finetune.tasks.readings import Reading, parse_readings, readings_json, slot_pairs
from finetune.tasks.task import Dataset, Runner, Sample, rendered

Readings = tuple[Reading, ...]
Floats = NDArray[np.float64]

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

    seed: int = 11
    train: int = Field(default=8000, gt=0)
    validation: int = Field(default=160, gt=0)
    test: int = Field(default=540, gt=0)
    weights: dict[Intent, float] = {}
    several: float = Field(default=0.15, ge=0, le=1)
    shown: float = Field(default=0.3, ge=0, le=1)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message, what was shown before it, what it asks for, and its first request's template."""

    message: str
    shown: tuple[str, ...] = ()
    readings: Readings = ()
    group: str = ""


class UnderstandTask:
    """Messages of the grammar and their readings."""

    name = "understand"
    measure = "quality"
    opening = (
        "You read messages to a shop and list their requests as JSON. Intents: "
        f"{', '.join(Intent)}. Slots: query, items, quantity, max_price, min_price, own_label, "
        "aisle, cheapest_first, reference, order_id."
    )

    def __init__(self, recipe: UnderstandRecipe, prompt: Prompt | None = None) -> None:
        self.recipe = recipe
        self.prompt = prompt or load_prompt(PROMPT, PROMPTS / "tuned")
        self._words = default_vocabulary()

    def prepare(self, home: Path) -> Dataset:  # noqa: ARG002 - needs nothing of the data home
        """Make the samples of all parts."""
        validation, test = (self._drawn(part) for part in _PARTS[1:])
        guessed = self._guesser.held_out([_labelled(drawn) for drawn in self._train])
        return Dataset(
            tuple(map(self._sample, self._train, guessed)),
            self.samples(validation),
            self.samples(test),
        )

    def evaluate(self, runner: Runner, samples: Sequence[Sample]) -> Mapping[str, float]:
        """Answer and score."""
        outputs = runner.answers([sample.messages for sample in samples], LONGEST_ANSWER)
        read = [parse_readings(output) for output in outputs]
        return score([gold_readings(sample) for sample in samples], read)

    def samples(self, drawn: Sequence[Drawn]) -> tuple[Sample, ...]:
        """Return samples of messages whose phrasings are not those of the training part."""
        guessed = self._guesser.guesses([one.message for one in drawn])
        return tuple(map(self._sample, drawn, guessed))

    @cached_property
    def _train(self) -> tuple[Drawn, ...]:
        return self._drawn("train")

    @cached_property
    def _guesser(self) -> Guesser:
        return Guesser([_labelled(drawn) for drawn in self._train])

    def _sample(self, drawn: Drawn, guessed: Sequence[Guess]) -> Sample:
        """Return one sample; its facts repeat message and shown names for baselines."""
        shown = [name.lower() for name in drawn.shown]
        values = {"shown": shown, "message": drawn.message, "guess": guess_text(guessed)}
        told = {"message": drawn.message, "shown": list(drawn.shown)}
        facts = json.dumps(told, ensure_ascii=False)
        answer = readings_json(drawn.readings)
        return Sample(rendered(self.prompt, values), answer, drawn.group, facts)

    def _drawn(self, part: str) -> tuple[Drawn, ...]:
        """Draw a part's messages, no message twice."""
        rng = Random(f"{self.recipe.seed}/{part}")
        size: int = getattr(self.recipe, part)
        found: dict[str, Drawn] = {}
        pool = self._examples(part, 2 * size)
        while len(found) < size:
            several = self._several(pool, rng)
            message = _joined(several, rng)
            if message in found or len(message) > _LONGEST_MESSAGE:
                continue
            readings = tuple(Reading(e.intent, e.slots) for e in several)
            shown = self._shown(several, rng)
            found[message] = Drawn(message, shown, readings, several[0].template_id)
        return tuple(found.values())

    def _several(self, pool: Iterator[Example], rng: Random) -> list[Example]:
        """Take one example, or two or three that are one message."""
        first = next(pool)
        if first.intent in _TALK or rng.random() >= self.recipe.several:
            return [first]
        count = rng.choice((1, 1, 1, 2))
        more = (next(pool) for _ in range(8 * count))
        return [first, *[e for e in more if e.intent not in _TALK][:count]]

    def _examples(self, part: str, count: int) -> Iterator[Example]:
        """Yield examples without end, of a part's templates; intents by weight."""
        generator = Generator(self._words)
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

    def _shown(self, asked: Sequence[Example], rng: Random) -> tuple[str, ...]:
        """Draw what was shown before; what a message points to by name is among it."""
        words = self._words
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
    gold: Sequence[Readings], read: Sequence[Readings | None], resamples: int = 1000
) -> dict[str, float]:
    """Return figures by name, those by which methods compare with their 95 % interval.

    Requests are compared place by place: a missing and a superfluous one are both wrong. A slot
    is right when name and value are. `quality` is the harmonic mean of intents and slots.
    """
    counts = np.array([_counts(w, g or ()) for w, g in zip(gold, read, strict=True)], np.float64)
    found = {name: float(value) for name, value in _figures(counts.sum(0)).items()}
    found["exact"] = float(counts[:, 5].mean())
    found["parsed"] = sum(got is not None for got in read) / len(read)
    weights = np.random.default_rng(0).multinomial(
        len(gold), [1 / len(gold)] * len(gold), resamples
    )
    for name, values in _figures((weights @ counts).T).items():
        low, high = np.percentile(values, (2.5, 97.5))
        found |= {f"{name}_low": float(low), f"{name}_high": float(high)}
    return {name: round(value, 4) for name, value in found.items()}


def _counts(wanted: Readings, said: Readings) -> tuple[int, ...]:
    """Count requests, right intents, right, wanted and said slots; then whether all is right."""
    places = max(len(wanted), len(said))
    intents = sum(w.intent is s.intent for w, s in zip(wanted, said, strict=False))
    wanted_slots, said_slots = _pairs(wanted), _pairs(said)
    exact = intents == places and wanted_slots == said_slots
    right = len(wanted_slots & said_slots)
    return places, intents, right, len(wanted_slots), len(said_slots), int(exact)


def _figures(counts: Floats) -> dict[str, Floats]:
    """Turn counts, on the first axis, into shares."""
    places, intents, right, wanted, said, _ = counts
    accuracy = intents / np.maximum(places, 1)
    f1 = 2 * right / np.maximum(wanted + said, 1)
    quality = 2 * accuracy * f1 / np.maximum(accuracy + f1, 1e-9)
    return {"intent_accuracy": accuracy, "slot_f1": f1, "quality": quality}


def gold_readings(sample: Sample) -> Readings:
    """Return what a sample's message asks for."""
    return parse_readings(sample.answer) or ()


def _pairs(readings: Readings) -> frozenset[tuple[int, str, str]]:
    return frozenset((at, *pair) for at, r in enumerate(readings) for pair in slot_pairs(r.slots))


def _labelled(drawn: Drawn) -> Labelled:
    single = drawn.readings[0].intent if len(drawn.readings) == 1 else None
    return Labelled(drawn.message, single, drawn.group)


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
