"""How well one listing answers one query: by its words, its meaning and how much it sells."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from assistant.retrieval.embedder import Vectors
from assistant.retrieval.lexical import Asked, Lexicon, asked, name_match
from assistant.retrieval.listings import Listing, Mask
from assistant.retrieval.query import Query

_WORDS, _MEANING, _SOLD = 0.6, 0.4, 0.22


@dataclass(frozen=True, slots=True)
class Candidate:
    """A listing (its row) with what speaks for it.

    `words` and `cosine`, 0 to 1, are those of the reading that it answers best (`reading`);
    `relevance` is made of them, `score` also of how much it sells.
    """

    row: int
    reading: int
    words: float
    cosine: float
    relevance: float
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A query's readings, weighed, and their vectors, of shape (readings, 384).

    `scored` keeps, for every listing looked at, a candidate for each reading.
    """

    queries: tuple[Query, ...]
    asked: tuple[Asked, ...]
    vectors: Vectors
    scored: dict[int, tuple[Candidate, ...]] = field(default_factory=dict)


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
        self._pair_texts = np.concatenate([*self.texts_of, np.zeros(0, dtype=np.int64)])
        self._pair_listings = np.repeat(
            np.arange(len(listings)), [len(found) for found in self.texts_of]
        )
        self._listings = listings
        self._vectors = vectors
        self._lexicon = lexicon
        most = max((listing.lines_sold for listing in listings), default=0)
        self._most_sold = math.log1p(most) or 1.0

    def read(self, queries: tuple[Query, ...], vectors: Vectors) -> Reading:
        """Weigh a query's readings; `vectors` are theirs."""
        return Reading(queries, tuple(asked(query, self._lexicon) for query in queries), vectors)

    def texts_with(self, listings: Mask) -> list[int]:
        """Rows of the texts of these listings, each once."""
        found: list[int] = np.unique(self._pair_texts[listings[self._pair_listings]]).tolist()
        return found

    def rank(
        self, reading: Reading, rows: Iterable[int], *, exact: bool = False
    ) -> list[Candidate]:
        """Rank listings, best first; `exact` ignores readings that widen what was asked."""
        rows = tuple(rows)
        self._score(reading, [row for row in rows if row not in reading.scored])
        allowed = [at for at, query in enumerate(reading.queries) if query.exact or not exact]
        best = (max((reading.scored[row][at] for at in allowed), key=lambda each: each.score)
                for row in rows)  # fmt: skip
        return sorted(best, key=lambda each: (-each.score, each.row))

    def cosine(self, row: int, vector: Vectors) -> float:
        """The cosine between a unit vector and the nearest text of a listing."""
        return float((self._vectors[self.texts_of[row]] @ vector).max())

    def _score(self, reading: Reading, rows: Sequence[int]) -> None:
        if not rows:
            return
        texts = [self.texts_of[row] for row in rows]
        starts = np.cumsum([0, *(len(each) for each in texts[:-1])])
        each = self._vectors[np.concatenate(texts)] @ reading.vectors.T
        cosines = np.maximum.reduceat(each, starts, axis=0)
        for row, near in zip(rows, cosines.tolist(), strict=True):
            reading.scored[row] = tuple(
                self._candidate(row, at, name_match(wanted, self._listings[row]), near[at])
                for at, wanted in enumerate(reading.asked)
            )

    def _candidate(self, row: int, at: int, words: float, cosine: float) -> Candidate:
        sold = math.log1p(self._listings[row].lines_sold) / self._most_sold
        relevance = _WORDS * words + _MEANING * cosine
        return Candidate(row, at, words, cosine, relevance, relevance + _SOLD * sold)
