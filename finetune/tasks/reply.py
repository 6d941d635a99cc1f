"""The task `reply`: what the tools found, with the shopper's history in view -> a short answer.

Facts come from the dialogue's own actions on a real store; answers from `shapes.txt`. Every one
survives the grounding check that guards the chat. Splits are by sentence shape: no sentence of
the test occurs in training, whatever it names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from assistant.dialogue.answer import reply_values
from assistant.dialogue.grounding import Facts, GroundingCheck
from assistant.dialogue.sentences import split_sentences
from assistant.dialogue.wording import joined
from assistant.prompting import PROMPTS, load_prompt
from finetune.tasks.reply_scores import MOST_WORDS, compared, kept_rules, surviving, visible
from finetune.tasks.scenes import Scene, read_scenes
from finetune.tasks.shapes import Shape, Told, said_offers, shapes, told
from finetune.tasks.task import Dataset, Runner, Sample, rendered

Part = Literal["train", "validation", "test"]

_TRIES = 40
_MAX_TOKENS = 90
_SCENE = TypeAdapter(Scene)
_OPENINGS: Mapping[str, tuple[str, ...]] = {
    "For your next shop": ("next",),
    "Things you have not bought here before": ("new",),
    "On promotion this week": ("offer",),
    "What you usually buy": ("usual",),
    "Often bought with what is in your cart": ("pairs",),
    "For your list": ("list",),
}
# A closing question where no reason is known, and how often there is none at all.
_CLOSING = 0.6
_ONE = {"be": "is", "these": "this", "them": "it"}
_SEVERAL = {"be": "are", "these": "these", "them": "them"}


class ReplyRecipe(BaseModel):
    """The `examples` section of a configuration; the same recipe makes the same examples."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 7
    store: str = "completejourney"
    scenes: int = Field(default=600, gt=0)
    train: int = Field(default=2800, gt=0)
    validation: int = Field(default=150, gt=0)
    test: int = Field(default=200, gt=0)


@dataclass(frozen=True, slots=True)
class ReplyExample:
    """A scene with one to three of its offers, and the answer to learn."""

    scene: Scene
    answer: str
    part: Part
    shape_ids: tuple[str, ...]

    @property
    def offers(self) -> tuple[str, ...]:
        """The offers that the answer is to name."""
        return self.scene.facts.offers


class ReplyTask:
    """Answers about real offers; scored by the check that guards the chat and by stated rules."""

    name = "reply"
    measure = "sentences_surviving"
    opening = (
        "You are the friendly assistant of a grocery shop. In one or two short warm sentences, "
        "offer the products with their prices exactly as they are given, and tell the shopper why, "
        "from what they bought before: You might like these, which you last bought on 3 May."
    )

    def __init__(self, recipe: ReplyRecipe) -> None:
        self.prompt = load_prompt("reply", PROMPTS / "tuned")
        self._recipe = recipe

    def prepare(self, home: Path) -> Dataset:
        """Make a prepared store's samples; groups are openings of sentences."""
        recipe = self._recipe
        scenes = read_scenes(home, recipe.store, recipe.scenes, recipe.seed)
        return self.samples(reply_examples(scenes, recipe))

    def samples(self, examples: Sequence[ReplyExample]) -> Dataset:
        """Turn examples into samples by part."""
        return Dataset(
            tuple(self._samples(examples, "train")),
            tuple(self._samples(examples, "validation")),
            tuple(self._samples(examples, "test")),
        )

    def evaluate(self, runner: Runner, samples: Sequence[Sample]) -> Mapping[str, float]:
        """Generate answers and score them; perplexity is that of the answers to learn."""
        from finetune.likelihood import perplexity

        outputs = runner.answers([sample.messages for sample in samples], _MAX_TOKENS)
        return {**scored(samples, outputs), "perplexity": perplexity(runner, samples)}

    def _samples(self, examples: Sequence[ReplyExample], part: Part) -> Iterator[Sample]:
        for example in examples:
            if example.part == part:
                messages = rendered(self.prompt, example_values(example))
                facts = "" if part == "train" else _SCENE.dump_json(example.scene).decode()
                yield Sample(messages, example.answer, example.shape_ids[0], facts)


def scored(samples: Sequence[Sample], outputs: Sequence[str]) -> dict[str, float]:
    """Score answers by the grounding check, and blindly against the plain rendering."""
    scenes = [_SCENE.validate_json(sample.facts) for sample in samples]
    facts = [scene.facts for scene in scenes]
    plain = [scene.plain for scene in scenes]
    shown = [visible(*each) for each in zip(outputs, facts, plain, strict=True)]
    blind = compared(shown, plain, facts)
    kept = [kept_rules(text, known) for text, known in zip(shown, facts, strict=True)]
    return {
        "sentences_surviving": surviving(outputs, facts),
        "blind_wins": blind.wins,
        "blind_ties": blind.ties,
        "blind_losses": blind.losses,
        "blind_margin": blind.margin.mean,
        "blind_margin low": blind.margin.low,
        "blind_margin high": blind.margin.high,
        **{f"keeps {rule}": _mean(rules[rule] for rules in kept) for rule in kept[0]},
    }


def reply_examples(scenes: Sequence[Scene], recipe: ReplyRecipe) -> tuple[ReplyExample, ...]:
    """Make the examples of all parts; a scene serves one part only.

    The test takes one example a scene, with the first two offers, as the chat does.
    """
    shares: Mapping[Part, int] = {
        "test": min(recipe.test, len(scenes) // 3),
        "validation": max(1, len(scenes) // 15),
        "train": len(scenes),
    }
    sizes: Mapping[Part, int] = {
        "test": recipe.test,
        "validation": recipe.validation,
        "train": recipe.train,
    }
    found: list[ReplyExample] = []
    start = 0
    for part, share in shares.items():
        own = scenes[start : start + share]
        start += share
        rng = Random(f"{recipe.seed} {part}")
        if part == "test":
            windows = [narrowed(scene, 0, 2) for scene in own]
        else:
            windows = list(_windows(own, rng))
        found += _part_examples(windows, part, sizes[part], rng)
    return tuple(found)


def part_of(shape: Shape) -> Part:
    """Return the split that a shape belongs to: of each five of a kind, one is for the test."""
    place = int(shape.id.rsplit("/", 1)[1])
    return "validation" if place % 5 == 4 else "test" if place % 5 == 3 else "train"


def narrowed(scene: Scene, first: int, count: int) -> Scene:
    """Keep `count` offers of a scene, from the one at `first` on; its facts stay whole."""
    facts = scene.facts
    kept = slice(first, first + count)
    offers = facts.offers[kept]
    heading = facts.occasions[0] if facts.occasions else "Found"
    return Scene(
        replace(facts, offers=offers, reasons=facts.reasons[kept]),
        f"{heading}: {joined(offers)}.",
    )


def worded(scene: Scene, part: Part, rng: Random) -> ReplyExample | None:
    """Word an answer for all offers of a scene; None where no wording survives the check."""
    check = GroundingCheck(scene.facts)
    known = [shape for shape in shapes() if part_of(shape) == part]
    for _ in range(_TRIES):
        chosen = _drawn(scene.facts, known, rng)
        text = " ".join(sentence for _, sentence in chosen)
        if len(text.split()) <= MOST_WORDS and all(
            check.check(s).kept for s in split_sentences(text)
        ):
            return ReplyExample(scene, text, part, tuple(shape.id for shape, _ in chosen))
    return None


def example_values(example: ReplyExample) -> dict[str, object]:
    """Return what the text prompt takes: the same as in the chat."""
    return reply_values([example.scene.facts], most=len(example.offers))


def _part_examples(windows: list[Scene], part: Part, size: int, rng: Random) -> list[ReplyExample]:
    found: dict[tuple[str, ...], ReplyExample] = {}
    rng.shuffle(windows)
    for round_ in range(_TRIES):
        for window in windows:
            example = worded(window, part, rng)
            if example is not None:
                found.setdefault((*example.offers, example.answer), example)
            if len(found) >= size:
                return list(found.values())
        if not found and round_:
            break
    return list(found.values())


def _windows(scenes: Sequence[Scene], rng: Random) -> Iterator[Scene]:
    """Yield one to three neighbouring offers of each scene, mostly two, as the chat takes."""
    for scene in scenes:
        at = 0
        while at < len(scene.facts.offers):
            count = rng.choice((1, 2, 2, 2, 3))
            yield narrowed(scene, at, count)
            at += count


def _drawn(facts: Facts, known: Sequence[Shape], rng: Random) -> list[tuple[Shape, str]]:
    """Draw an opening that names the offers, then what is known of one of them, or a closing."""
    occasion = facts.occasions[0] if facts.occasions else "Found"
    kinds, values = _opening(occasion)
    opening = rng.choice([shape for shape in known if shape.kind in kinds])
    number = _ONE if len(facts.offers) == 1 else _SEVERAL
    said = opening.fill(rng, {**values, **number, "offers": said_offers(facts.offers, rng)})
    chosen = [(opening, _capital(said))]
    reasons = _reasons(facts)
    by_kind = {kind: [s for s in known if s.kind == kind] for kind in {r.kind for r in reasons}}
    usable = [reason for reason in reasons if by_kind[reason.kind]]
    if usable:
        reason = rng.choice(usable)
        shape = rng.choice(by_kind[reason.kind])
        chosen.append((shape, _capital(shape.fill(rng, reason.values))))
    elif rng.random() < _CLOSING:
        shape = rng.choice([s for s in known if s.kind == "close"])
        chosen.append((shape, _capital(shape.fill(rng, number))))
    return chosen


def _opening(occasion: str) -> tuple[tuple[str, ...], Mapping[str, str]]:
    for heading, kinds in _OPENINGS.items():
        if occasion.startswith(heading):
            return kinds, {}
    if occasion.startswith("Found "):
        return ("limit",), {"limit": occasion.removeprefix("Found ")}
    return ("found",), {}


def _reasons(facts: Facts) -> tuple[Told, ...]:
    found: list[Told] = []
    for offer, reason in zip(facts.offers, facts.reasons, strict=True):
        name = max((n for n in facts.names if offer.startswith(n)), key=len, default="")
        for one in told(name, reason):
            once = one.kind == "bought" and one.values["times"] == "once"
            found.append(replace(one, kind="bought_once") if once else one)
    return tuple(found)


def _mean(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / len(values)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
