"""What words alone tell: BM25 over the listings, and how well a name answers a query."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import bm25s
import numpy as np
import numpy.typing as npt

from assistant.retrieval.listings import Listing, Mask, Phrase
from assistant.retrieval.query import Query
from assistant.retrieval.words import stems

# What words are worth that a listing says in no one phrase, and those only its description says.
_LABELLED, _DESCRIBED = 0.6, 0.4

Scores = npt.NDArray[np.float32]


class Lexicon:
    """How many listings hold each stem, so how much it tells, and which stems stand together."""

    def __init__(self, listings: Sequence[Listing]) -> None:
        self.counts = Counter(word for listing in listings for word in listing.stems)
        self.stems = frozenset(self.counts)
        self.pairs = frozenset(
            pair
            for listing in listings
            for text in (listing.name, *listing.keywords)
            for pair in pairwise(stems(text))
        )
        self._total = len(listings)

    def weight(self, stem: str) -> float:
        """Inverse document frequency, at its largest for stems no listing holds."""
        return math.log(1 + self._total / (1 + self.counts[stem]))


class LexicalIndex:
    """BM25 over the listings' words; a listing's row is its place on the shelf."""

    def __init__(self, listings: Sequence[Listing]) -> None:
        # Quicker to make than to load, and never older than the rules words are compared by.
        self._ranker = bm25s.BM25()
        self._ranker.index([listing.document for listing in listings], show_progress=False)
        self._known = frozenset(self._ranker.vocab_dict)

    def best(self, words: Iterable[str], allowed: Mask, count: int) -> list[int]:
        """Rank allowed listings by BM25; rows with a score above 0, at most `count`."""
        known = sorted(set(words) & self._known)
        if not known:
            return []
        scores = self._ranker.get_scores(known) * allowed
        rows = np.argsort(-scores, kind="stable")[:count]
        return [int(row) for row in rows if scores[row] > 0]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for, weighed: the weight of each binding stem, all stems, the last word.

    The last binding word of an English query is mostly its head noun.
    """

    weights: Mapping[str, float]
    stems: frozenset[str]
    last: str

    def coverage(self, said: frozenset[str]) -> float:
        """The share of the weight that a set of stems accounts for."""
        return sum(self.weights[stem] for stem in self.weights.keys() & said) / self.total

    @property
    def total(self) -> float:
        """The weight of all binding words."""
        return sum(self.weights.values())


def asked(query: Query, lexicon: Lexicon) -> Asked:
    """Weigh the words of a query."""
    weights = {word.stem: lexicon.weight(word.stem) for word in query.binding}
    return Asked(weights, query.stems, query.binding[-1].stem)


def name_match(wanted: Asked, listing: Listing) -> float:
    """How well the listing's best phrase answers the query by its words, 0 to 1.

    1 is a name that says exactly what was asked. A phrase that says more scores lower, least so
    where what was asked is its head noun: milk chocolate is no milk, chocolate milk nearly is.
    """
    covered = wanted.coverage(listing.stems)
    if not covered:
        return 0.0
    labelled = wanted.coverage(listing.labelled)
    said = max(_LABELLED * labelled, _DESCRIBED * covered)
    return max(said, *(_phrase_match(phrase, wanted, listing.varied) for phrase in listing.phrases))


def _phrase_match(phrase: Phrase, wanted: Asked, varied: frozenset[str]) -> float:
    """How well one phrase answers; `varied`, such as a color, may be asked for beside any of it."""
    if wanted.weights.keys().isdisjoint(phrase.stems):
        return 0.0
    said_beside = phrase.stems | varied if phrase.varies else phrase.stems
    covered = wanted.coverage(said_beside)
    said = len(phrase.stems & wanted.stems) / len(phrase.stems)
    head = wanted.last in phrase.heads
    if said == 1 and wanted.weights.keys() <= said_beside:
        return phrase.weight * (1.0 if head else 0.92)
    return phrase.weight * covered * (0.4 + 0.25 * said + (0.3 if head else 0.0))
