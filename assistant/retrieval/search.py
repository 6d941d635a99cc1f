"""One search: candidates by meaning and by words, one ranking, the floor, then families."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from assistant.catalog.products import Restriction
from assistant.errors import CheckpointError
from assistant.retrieval.embedder import Embedder, Vectors
from assistant.retrieval.lexical import LexicalIndex, Lexicon
from assistant.retrieval.listings import Mask, Shelf
from assistant.retrieval.query import QueryReader, Word
from assistant.retrieval.ranking import Candidate, Ranker, Reading
from assistant.retrieval.relevance import Evidence, RelevanceModel, uncovered, weigh, without
from assistant.retrieval.results import FilterName, Filters, Hit, Relaxation, SearchResult
from assistant.retrieval.sizes import fit, sizes
from assistant.retrieval.vectors import VectorIndex

_CANDIDATES = 100
_LONGEST = 300  # characters; more is no search
_MOST = 0.8
# A listing this far below the best one is another thing.
_REACH = 0.35
# An alternative must share the head noun, or be at least this near in meaning.
_NEAR = 0.62
# Each further family of one listing gives way a little, so that others get a turn.
_TURN = 0.06
_SIZE = 0.25


class Searcher:
    """Searches a shelf with its indexes."""

    def __init__(
        self,
        shelf: Shelf,
        texts: Sequence[str],
        vectors: Vectors,
        lexical: LexicalIndex,
        nearest: VectorIndex | None,
        embedder: Embedder,
    ) -> None:
        self._shelf = shelf
        self._lexical = lexical
        self._nearest = nearest
        self._embedder = embedder
        self._lexicon = Lexicon(shelf.listings)
        self._ranker = Ranker(shelf.listings, texts, vectors, self._lexicon)
        self._reader = QueryReader(self._lexicon.counts, self._lexicon.pairs, embedder.words)
        self._model = RelevanceModel.load()
        self._everything = np.ones(len(shelf.families), dtype=np.bool_)
        self._read = lru_cache(maxsize=256)(self._read_uncached)

    def search(self, query: str, filters: Filters, k: int) -> SearchResult:
        """See ProductIndex.search."""
        reading = self._read(query)
        allowed = self._shelf.allowed(filters)
        if not reading.queries:
            return SearchResult(self._best_sellers(allowed, k) if filters.named() else (), True)
        rows, degraded = self._candidates(reading, self._everything)
        missing = self._missing(reading, rows)
        floor = self._reach(reading, rows)
        hits = self._hits(reading, allowed, floor, bool(missing))[:k]
        relaxations = () if hits else self._relaxations(reading, filters, floor, bool(missing))
        return SearchResult(hits, not missing, missing, relaxations, degraded)

    def restrictions_asked(self, query: str) -> frozenset[Restriction]:
        """See ProductIndex.restrictions_asked."""
        reading = self._read(query)
        if not reading.queries:
            return frozenset()
        rows, _ = self._candidates(reading, self._everything)
        ranked = self._ranker.rank(reading, rows)
        if not ranked or ranked[0].words < 0.55:
            return frozenset()
        kind = self._shelf.listings[ranked[0].row].restriction
        return frozenset() if kind is None else frozenset({kind})

    def evidence(self, query: str) -> Evidence | None:
        """What speaks for the best listing being what was asked; None without any candidate."""
        reading = self._read(query)
        if not reading.queries:
            return None
        rows, _ = self._candidates(reading, self._everything)
        ranked = self._ranker.rank(reading, rows, exact=True)
        return self._evidence(reading, ranked[0]) if ranked else None

    def _read_uncached(self, query: str) -> Reading:
        queries = self._reader.read(query[:_LONGEST])
        return self._ranker.read(queries, self._embedder.encode([each.text for each in queries]))

    def _candidates(self, reading: Reading, families: Mask) -> tuple[list[int], bool]:
        """Rows of listings near in meaning or sharing words; and whether Chroma failed."""
        listings = self._shelf.listings_with(families)
        rows = {row for query in reading.queries
                for row in self._lexical.best(query.stems, listings, _CANDIDATES)}  # fmt: skip
        try:
            return sorted(rows | self._near(reading, listings)), False
        except CheckpointError:
            return sorted(rows), True

    def _near(self, reading: Reading, listings: Mask) -> set[int]:
        if self._nearest is None:
            raise CheckpointError("The vector index is broken.")
        # Naming the allowed texts costs Chroma more than the search itself; where few are left
        # out, those are dropped afterwards.
        texts = self._ranker.texts_with(listings) if listings.mean() < _MOST else None
        if texts == []:
            return set()
        found = {text for vector in reading.vectors
                 for text in self._nearest.nearest(vector, _CANDIDATES, texts)}  # fmt: skip
        return {row for text in found for row in self._ranker.listings_of[text] if listings[row]}

    def _missing(self, reading: Reading, rows: Sequence[int]) -> tuple[str, ...]:
        """The words that the shop has no answer to; empty where it carries what was asked."""
        words = reading.queries[0].binding
        ranked = self._ranker.rank(reading, rows, exact=True)
        if not ranked:
            return _typed(words)
        if self._model.probability(self._evidence(reading, ranked[0])) >= 0.5:
            return ()
        # In "oat milk" it is the oat that is missing, though oatmeal may come nearest.
        nearest = next((each for each in ranked if self._has_head(reading, each)), ranked[0])
        lacking = uncovered(reading.queries[nearest.reading], self._shelf.listings[nearest.row])
        return _typed(lacking or words)

    def _is_near(self, reading: Reading, candidate: Candidate) -> bool:
        """Whether a listing may be shown in place of what the shop does not carry."""
        listing = self._shelf.listings[candidate.row]
        described = bool(listing.description) and not uncovered(reading.queries[0], listing)
        return candidate.cosine >= _NEAR or described or self._has_head(reading, candidate)

    def _has_head(self, reading: Reading, candidate: Candidate) -> bool:
        last = reading.asked[candidate.reading].last
        return last in self._shelf.listings[candidate.row].heads

    def _evidence(self, reading: Reading, best: Candidate) -> Evidence:
        query = reading.queries[best.reading]
        listing = self._shelf.listings[best.row]
        lacking = uncovered(query, listing)
        cosine = best.cosine
        if lacking:
            rest = without(query, lacking)
            cosine = self._ranker.cosine(best.row, self._embedder.encode([rest])[0]) if rest else 0
        wanted = reading.asked[best.reading]
        return weigh(query, wanted, listing, self._lexicon, (best.cosine, cosine))

    def _reach(self, reading: Reading, rows: Sequence[int]) -> float:
        ranked = self._ranker.rank(reading, rows)
        return max((each.relevance for each in ranked), default=1.0) - _REACH

    def _hits(
        self, reading: Reading, allowed: Mask, floor: float, alternatives: bool
    ) -> tuple[Hit, ...]:
        """All relevant allowed families, best first, one per title."""
        wanted = sizes(reading.queries[0].text)
        rows, _ = self._candidates(reading, allowed)
        scored: list[tuple[float, int]] = []
        for candidate in self._ranker.rank(reading, rows):
            if candidate.relevance < floor:
                continue
            if alternatives and not self._is_near(reading, candidate):
                continue
            families = [row for row in self._shelf.listings[candidate.row].families if allowed[row]]
            families.sort(key=lambda row: (-self._shelf.families[row].lines_sold, row))
            scored += [
                (candidate.score - _TURN * np.log1p(at)
                 + _SIZE * fit(wanted, sizes(self._shelf.sizes[row])), row)
                for at, row in enumerate(families)
            ]  # fmt: skip
        return self._distinct(sorted(scored, key=lambda pair: (-pair[0], pair[1])))

    def _distinct(self, scored: Sequence[tuple[float, int]]) -> tuple[Hit, ...]:
        hits: dict[str, Hit] = {}
        for score, row in scored:
            family = self._shelf.families[row]
            hits.setdefault(family.title, Hit(family.id, float(score)))
        return tuple(hits.values())

    def _best_sellers(self, allowed: Mask, k: int) -> tuple[Hit, ...]:
        rows = [(float(self._shelf.families[row].lines_sold), int(row))
                for row in np.flatnonzero(allowed)]  # fmt: skip
        return self._distinct(sorted(rows, key=lambda pair: (-pair[0], pair[1])))[:k]

    def _relaxations(
        self, reading: Reading, filters: Filters, floor: float, alternatives: bool
    ) -> tuple[Relaxation, ...]:
        counts = {
            name: len(self._hits(reading, self._shelf.allowed(without_filter), floor, alternatives))
            for name, without_filter in _dropping_each(filters)
        }
        return tuple(Relaxation(name, count) for name, count in counts.items() if count)


def _typed(words: Sequence[Word]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.typed for word in words))


def _dropping_each(filters: Filters) -> list[tuple[FilterName, Filters]]:
    return [(name, filters.without(name)) for name in filters.named()]
