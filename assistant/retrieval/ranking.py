"""How well one listing answers one query: by its words, its meaning and how much it sells."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from assistant.retrieval.embedder import Vectors
from assistant.retrieval.lexical import Lexicon, name_match
from assistant.retrieval.listings import Listing
from assistant.retrieval.query import Query

_WORDS, _MEANING, _SOLD = 0.6, 0.4, 0.08


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listing (its row) with what speaks for it.

    `words` and `cosine`, 0 to 1, are those of the reading that it answers best (`reading`).
    """

    row: int
    reading: int
    words: float
    cosine: float
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A query's readings and their vectors, of shape (readings, 384).

    `scored` keeps the candidates of every listing looked at, with and without filters.
    """

    queries: tuple[Query, ...]
    vectors: Vectors
    scored: dict[tuple[int, bool], Candidate] = field(default_factory=dict)


class Ranker:
    """Scores listings; `texts` are the rows of `vectors`."""

    def __init__(
        self,
        listings: Sequence[Listing],
        texts: Sequence[str],
        vectors: Vectors,
        lexicon: Lexicon,
    ) -> None:
        rows = {text: row for row, text in enumerate(texts)}
        self.texts_of: list[npt.NDArray[np.int64]] = [
            np.array([rows[text] for text in listing.texts]) for listing in listings
        ]
        self.listings_of: list[list[int]] = [[] for _ in texts]
        for row, found in enumerate(self.texts_of):
            for text in found:
                self.listings_of[text].append(row)
        self._listings = listings
        self._vectors = vectors
        self._lexicon = lexicon
        most = max((listing.lines_sold for listing in listings), default=0)
        self._most_sold = math.log1p(most) or 1.0

    def rank(
        self, reading: Reading, rows: Iterable[int], *, exact: bool = False
    ) -> list[Candidate]:
        """Rank listings, best first; `exact` ignores readings that widen what was asked."""
        ranked = [self._candidate(reading, row, exact) for row in rows]
        return sorted(ranked, key=lambda each: (-each.score, each.row))

    def cosine(self, row: int, vector: Vectors) -> float:
        """The cosine between a unit vector and the nearest text of a listing."""
        return float((self._vectors[self.texts_of[row]] @ vector).max())

    def _candidate(self, reading: Reading, row: int, exact: bool) -> Candidate:
        key = (row, exact)
        if key not in reading.scored:
            reading.scored[key] = max(
                (self._score(reading, row, at) for at, query in enumerate(reading.queries)
                 if query.exact or not exact),
                key=lambda each: each.score,
            )  # fmt: skip
        return reading.scored[key]

    def _score(self, reading: Reading, row: int, at: int) -> Candidate:
        listing = self._listings[row]
        words = name_match(reading.queries[at], listing, self._lexicon)
        cosine = self.cosine(row, reading.vectors[at])
        sold = math.log1p(listing.lines_sold) / self._most_sold
        score = _WORDS * words + _MEANING * cosine + _SOLD * sold
        return Candidate(row, at, words, cosine, score)
