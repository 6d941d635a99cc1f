"""The grounding check: a sentence of the model holds only if the facts say it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from assistant.dialogue.glue import COUNTED, GLUE, NEGATIONS, QUESTION_GLUE

_TOKEN = re.compile(r"[$£€]?\d+(?:[.,:]\d+)*%?|[a-z]+(?:'[a-z]+)?|[.,;:!?()\-–—&/]")
_MONEY = re.compile(r"[$£€]\d+(?:\.\d{2})?")
_MARKUP = re.compile(r"[<>{}\[\]|`#*_\\]|https?:|www\.|[^\x00-\x7f’‘“”–—…é£€]")
_MONTHS = frozenset("jan feb mar apr may jun jul aug sep oct nov dec".split())
_LONGEST = 45


@dataclass(frozen=True, slots=True)
class Facts:
    """All that an answer may state.

    `lines` hold one statement each, such as a card's title and price; words that stand together
    in a sentence must stand together in one line. `names` are the products' names. `negative`
    says that something was refused, absent or empty, so that a "no" is true.
    """

    lines: tuple[str, ...]
    names: tuple[str, ...] = ()
    negative: bool = False
    counts: tuple[int, ...] = ()

    def __add__(self, other: "Facts") -> "Facts":
        return Facts(
            self.lines + other.lines,
            self.names + other.names,
            self.negative or other.negative,
            self.counts + other.counts,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence holds, and what does not."""

    kept: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroundingCheck:
    """Compares sentences with the facts of one answer."""

    facts: Facts
    _lines: tuple[frozenset[str], ...] = field(init=False)
    _known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        lines = [frozenset(_words(line)) for line in self.facts.lines]
        lines += [frozenset({str(count), *map(_stem, COUNTED)}) for count in self.facts.counts]
        object.__setattr__(self, "_lines", tuple(lines))
        object.__setattr__(self, "_known", frozenset().union(*lines))

    def check(self, sentence: str) -> Verdict:
        """Return whether every claim of the sentence stands in the facts."""
        if _MARKUP.search(sentence):
            return Verdict(False, "markup")
        tokens = _TOKEN.findall(sentence.lower().replace("’", "'"))
        if len(tokens) > _LONGEST:
            return Verdict(False, "too long")
        if not self.facts.negative and (said := NEGATIONS.intersection(tokens)):
            return Verdict(False, f"says {min(said)!r}, the facts do not")
        glue = (
            GLUE | NEGATIONS | (QUESTION_GLUE if sentence.rstrip().endswith("?") else frozenset())
        )
        for run in _runs(tokens, glue):
            if unknown := [word for word in run if word not in self._known]:
                return Verdict(False, f"{unknown[0]!r} is not in the facts")
            if not any(line.issuperset(run) for line in self._lines):
                return Verdict(False, f"{' '.join(run)!r} do not belong together")
        return self._prices_belong(sentence.lower())

    def _prices_belong(self, sentence: str) -> Verdict:
        """Check that a price stands in a line with the product named beside it."""
        for clause in re.split(r",|;|\band\b|\bor\b|\bwhile\b|\bbut\b", sentence):
            named = [
                words
                for name in self.facts.names
                if (words := frozenset(_words(name))) and words <= frozenset(_words(clause))
            ]
            for price in _MONEY.findall(clause):
                if named and not any(
                    price in line and words <= line for line in self._lines for words in named
                ):
                    return Verdict(False, f"{price} is not the price of that")
        return Verdict(True)


def _runs(tokens: Iterable[str], glue: frozenset[str]) -> list[tuple[str, ...]]:
    """Return the maximal runs of words that may state something.

    A counted noun behind a number ("5 options") states a count, elsewhere it is glue.
    """
    runs: list[tuple[str, ...]] = []
    run: list[str] = []
    for token in tokens:
        counts = bool(run) and run[-1].isdigit() and token in COUNTED
        if _is_word(token) and (token not in glue or counts):
            run.append(_stem(token))
            continue
        if run:
            runs.append(tuple(run))
        run = []
    return [*runs, tuple(run)] if run else runs


def _is_word(token: str) -> bool:
    return token[0].isalnum() or token[0] in "$£€"


def _words(text: str) -> list[str]:
    tokens = _TOKEN.findall(text.lower().replace("’", "'"))
    return [_stem(token) for token in tokens if _is_word(token)]


def _stem(word: str) -> str:
    """Fold plural and possessive forms, and months to their first three letters."""
    bare = word.removesuffix("'s")
    if bare[:3] in _MONTHS and bare in _MONTH_NAMES:
        return bare[:3]
    if len(bare) > 4 and bare.endswith("ies"):
        return bare[:-3] + "y"
    if len(bare) > 4 and bare.endswith(("ches", "shes", "xes", "sses", "oes")):
        return bare[:-2]
    if len(bare) > 3 and bare.endswith("s") and not bare.endswith("ss"):
        return bare[:-1]
    return bare


_MONTH_NAMES = frozenset(
    """january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec""".split()
)
