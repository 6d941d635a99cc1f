"""Sentence shapes of the project's own replies, and how offers and reasons are put into words.

Written in the template language of `finetune.phrasing`: `(a|b)` chooses, `[a]` may be absent.
`{offers}` stands for titles with prices, `{name}` for one product's name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from random import Random

from assistant.recommend.explain import PROPOSED
from finetune.phrasing.grammar import Choice, Node, Ref, parse


@dataclass(frozen=True, slots=True)
class Shape:
    """One sentence of a kind; `id` is its place in the file."""

    id: str
    kind: str
    node: Node

    def fill(self, rng: Random, values: Mapping[str, str]) -> str:
        """Draw one wording with its values in place."""
        return re.sub(r"\s+", " ", "".join(_drawn(self.node, rng, values))).strip()


@dataclass(frozen=True, slots=True)
class Told:
    """A reason as values for the shapes of a kind."""

    kind: str
    values: Mapping[str, str]


_BOUGHT = re.compile(r"Bought (?:(once), (.+)|(twice|\d+ times), last (.+))$")
_EVERY = re.compile(r"Usually (every .+)$")
_WAS = re.compile(r"Was (\S+)$")
_BESIDE = re.compile(r"Often bought with (.+)$")
_PLACED = {
    PROPOSED: "proposed",
    "In this week's mailer": "mailer",
    "In this week's mailer at most of our locations": "mailer",
    "On display this week": "display",
    "Among the most bought in this shop": "popular",
    "Popular with shoppers who buy what you buy": "like_minded",
}


def shapes() -> tuple[Shape, ...]:
    """Return every shape of `shapes.txt`; a line `== kind` begins a kind."""
    text = files(__package__).joinpath("shapes.txt").read_text(encoding="utf-8")
    found: list[Shape] = []
    kind = ""
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("== "):
            kind = line.removeprefix("== ")
        elif line and not line.startswith("#"):
            place = 1 + sum(shape.kind == kind for shape in found)
            found.append(Shape(f"{kind}/{place}", kind, parse(line)))
    return tuple(found)


def told(name: str, reason: str) -> tuple[Told, ...]:
    """Read the reasons of one product, as the recommender writes them."""
    return tuple(found for part in reason.split(". ") for found in _read(name, part))


def said_offers(offers: Sequence[str], rng: Random) -> str:
    """Join offers such as "Milk, 1 gal at $2.49" the way people do."""
    said = [offer.replace(" at ", rng.choice((" at ", " for ")), 1) for offer in offers]
    if len(said) == 1:
        return said[0]
    joint = rng.choice((" and ", " and ", ", and ", " or ", ", or ", " and also "))
    return f"{', '.join(said[:-1])}{joint}{said[-1]}"


def _read(name: str, part: str) -> Iterator[Told]:
    if bought := _BOUGHT.match(part):
        times = bought[1] or bought[3]
        yield Told("bought", {"name": name, "times": times, "when": bought[2] or bought[4]})
    elif every := _EVERY.match(part):
        yield Told("rhythm", {"name": name, "every": every[1]})
    elif was := _WAS.match(part):
        yield Told("was", {"name": name, "was": was[1]})
    elif beside := _BESIDE.match(part):
        yield Told("beside", {"name": name, "with": beside[1]})
    elif part in _PLACED:
        yield Told(_PLACED[part], {"name": name})


def _drawn(node: Node, rng: Random, values: Mapping[str, str]) -> Iterator[str]:
    for part in node:
        if isinstance(part, Choice):
            yield from _drawn(rng.choice(part.options), rng, values)
        elif isinstance(part, Ref):
            yield values[part.name]
        else:
            yield part
