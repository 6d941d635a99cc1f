"""The grounding check: a sentence of the model holds only if the facts say it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from assistant.dialogue.glue import COUNTED, GLUE, NEGATIONS, QUESTION_GLUE

_TOKEN = re.compile(r"[$£€]?\d+(?:[.,:]\d+)*%?|[a-z]+(?:'[a-z]+)?|[.,;:!?()\-–—&/]")
_MARKUP = re.compile(r"[<>{}\[\]|`#*_\\]|https?:|www\.|[^\x00-\x7f’‘“”–—…é£€]")
_MONTHS = frozenset("jan feb mar apr may jun jul aug sep oct nov dec".split())
_LONGEST = 45


@dataclass(frozen=True, slots=True)
class Facts:
    """All that an answer may state.

    `lines` hold one statement each, such as a card's title and price; words that stand together
    in a sentence must stand together in one line. `names` are the products' names, `offers` the
    products with their prices as the model is asked to offer them. `negative`
    says that something was refused, absent or empty, so that a "no" is true. `reasons` tell why
    each of the offers is made, "" where nothing is known, and `occasions` what they are for.
    """

    lines: tuple[str, ...]
    names: tuple[str, ...] = ()
    negative: bool = False
    counts: tuple[int, ...] = ()
    offers: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    occasions: tuple[str, ...] = ()

    def __add__(self, other: "Facts") -> "Facts":
        return Facts(
            self.lines + other.lines,
            self.names + other.names,
            self.negative or other.negative,
            self.counts + other.counts,
            self.offers + other.offers,
            self.reasons + other.reasons,
            self.occasions + other.occasions,
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
        tokens = _tokens(sentence)
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
        held = self._products_hold(tokens, glue)
        return self._prices_hold(tokens) if held.kept else held

    def _prices_hold(self, tokens: list[str]) -> Verdict:
        """Check that a product's price follows its whole title.

        "Soft drinks at $4.19" would sell a twelve-pack as one can.
        """
        offers = [offer.rsplit(" at ", 1) for offer in self.facts.offers if " at " in offer]
        prices = {price for _, price in offers}
        titles = [(price, frozenset(_words(title))) for title, price in offers]
        said: set[str] = set()
        for token in filter(_is_word, tokens):
            if token not in prices:
                said.add(_stem(token))
            elif any(price == token and title <= said for price, title in titles):
                said.clear()
            else:
                return Verdict(False, f"{token} is not that of a whole title")
        return Verdict(True)

    def _products_hold(self, tokens: list[str], glue: frozenset[str]) -> Verdict:
        """Check that what follows a product's name, up to the next one, is said of that product.

        Words of lines that name no product, such as a price limit, may follow any.
        """
        words = _stated(tokens, glue)
        # As in the sentence, without glue: "Choice beef cuts" is found by "beef cuts".
        names = {tuple(_stated(_tokens(name), glue)) for name in self.facts.names}
        starts = [at for at in range(len(words)) if _name_at(words, at, names)]
        general = frozenset().union(
            *(line for line in self._lines if not any(line.issuperset(name) for name in names))
        )
        for start, end in pairwise([*starts, len(words)]):
            name = _name_at(words, start, names)
            told = frozenset(words[start:end])
            if not any(line.issuperset(name) and told <= line | general for line in self._lines):
                return Verdict(False, f"that is not true of {' '.join(name)!r}")
        return Verdict(True)


def _name_at(words: list[str], at: int, names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the longest product's name that begins at a word, or nothing."""
    found = [name for name in names if name and tuple(words[at : at + len(name)]) == name]
    return max(found, key=len, default=())


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
    return _stated(_tokens(text), frozenset())


def _stated(tokens: Iterable[str], glue: frozenset[str]) -> list[str]:
    return [_stem(token) for token in tokens if _is_word(token) and token not in glue]


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.lower().replace("’", "'"))


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
