"""Listings: families that read the same but for size and label, and what a query may match."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from assistant.catalog.products import Family, Restriction
from assistant.retrieval.results import Filters
from assistant.retrieval.words import split, stem, stems

Mask = npt.NDArray[np.bool_]

# Words that only say "the rest of": "Other milk" is milk, though never before plain "Milk".
_REST = frozenset({"other", "misc", "assorted", "various"})
_TAIL = re.compile(r"\b(with|for|in|without|under|over|by|made|not|up)\b")
_PARTS = re.compile(r",|&|\band\b")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that may stand for a listing, and how fully they do (`weight`, 0 to 1).

    `heads` are its nouns: of "Beef round & leg roast", round and roast. `varies` says that an
    option may be asked for beside it, which an aisle's label does not stand for.
    """

    stems: frozenset[str]
    heads: frozenset[str]
    weight: float
    varies: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """What one or more families say alike.

    `families` are rows of the shelf; `heads` are the nouns of its phrases, `varied` the stems of
    the values of its `options`, `named` those of name, keywords and options, `labelled` those and
    the aisle's, `stems` all that it says anywhere, its `description` included.
    """

    name: str
    keywords: tuple[str, ...]
    aisle: str
    restriction: Restriction | None
    families: tuple[int, ...]
    lines_sold: int
    phrases: tuple[Phrase, ...]
    heads: frozenset[str]
    varied: frozenset[str]
    named: frozenset[str]
    labelled: frozenset[str]
    stems: frozenset[str]
    description: str = ""
    options: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The distinct texts whose embeddings stand for it."""
        described = (self.description,) if self.description else ()
        texts = (self.name, *self.keywords, *described)
        return tuple(dict.fromkeys(text.lower() for text in texts))

    @property
    def document(self) -> list[str]:
        """Its words for BM25; the name counts twice."""
        further = (*self.keywords, self.aisle, self.description, *self.options)
        words = [word for text in further for word in stems(text)]
        return [*stems(self.name), *stems(self.name), *words]

    @property
    def content(self) -> tuple[object, ...]:
        """All of it that is indexed."""
        described = (self.description, self.options) if self.description or self.options else ()
        return (self.name, self.keywords, self.aisle, *described)


class Shelf:
    """A store's families and listings as arrays, so that a filter is one comparison."""

    def __init__(self, families: Iterable[Family]) -> None:
        self.families: tuple[Family, ...] = tuple(sorted(families, key=lambda each: each.id))
        self.listings: tuple[Listing, ...] = _listings(self.families)
        offers = [(row, price) for row, each in enumerate(self.families)
                  for price in _prices(each)]  # fmt: skip
        self._offering = np.array([row for row, _ in offers], dtype=np.int64)
        self._prices = np.array([price for _, price in offers], dtype=np.int64)
        # The sizes that a family comes in, as text.
        self.sizes = tuple(" ".join((each.size, *_options(each))) for each in self.families)
        self._own = np.array([each.own_label for each in self.families], dtype=np.bool_)
        self._aisles = np.array([each.aisle for each in self.families], dtype=np.str_)
        self._restrictions = np.array(
            [each.restriction or "" for each in self.families], dtype=np.str_
        )
        self._listing = np.zeros(len(self.families), dtype=np.int64)
        for row, listing in enumerate(self.listings):
            self._listing[list(listing.families)] = row

    @property
    def digest(self) -> str:
        """The first 12 hex digits of a hash of everything that is indexed."""
        hashed = hashlib.sha256()
        for listing in self.listings:
            hashed.update(repr(listing.content).encode())
        return hashed.hexdigest()[:12]

    def allowed(self, filters: Filters) -> Mask:
        """Which families satisfy every filter; shape (families,)."""
        kinds = ["", *filters.allow_restricted]
        mask: Mask = np.isin(self._restrictions, kinds)
        if filters.max_price is not None or filters.min_price is not None:
            mask &= self._priced(filters)
        if filters.own_label is not None:
            mask &= self._own == filters.own_label
        if filters.aisle is not None:
            mask &= self._aisles == filters.aisle
        return mask

    def _priced(self, filters: Filters) -> Mask:
        """Which families offer something between the price bounds; shape (families,)."""
        within = np.ones(len(self._prices), dtype=np.bool_)
        if filters.max_price is not None:
            within &= self._prices <= filters.max_price
        if filters.min_price is not None:
            within &= self._prices >= filters.min_price
        mask = np.zeros(len(self.families), dtype=np.bool_)
        mask[self._offering[within]] = True
        return mask

    def listings_with(self, families: Mask) -> Mask:
        """Which listings have any of the families; shape (listings,)."""
        result = np.zeros(len(self.listings), dtype=np.bool_)
        result[self._listing[families]] = True
        return result


def _prices(family: Family) -> list[int]:
    """The prices at which a family can be had; those of variants in stock, where there are any."""
    in_stock = [variant.price for variant in family.variants if variant.available]
    return in_stock or [family.best_seller.price]


def _options(family: Family) -> tuple[str, ...]:
    values = (option.value for variant in family.variants for option in variant.options)
    return tuple(dict.fromkeys(values))


def _listings(families: Sequence[Family]) -> tuple[Listing, ...]:
    rows: dict[tuple[str, tuple[str, ...], str, str, str, tuple[str, ...]], list[int]] = {}
    for row, each in enumerate(families):
        restriction = each.restriction or ""
        said = (each.name, each.keywords, each.aisle, restriction, each.description)
        rows.setdefault((*said, _options(each)), []).append(row)
    # Ordered by content, not by family ids, so that the digest depends on nothing else.
    return tuple(
        _listing([families[row] for row in found], found) for _, found in sorted(rows.items())
    )


def _listing(families: Sequence[Family], rows: Sequence[int]) -> Listing:
    """Make the listing of families that read alike, at these rows."""
    one, options = families[0], _options(families[0])
    varied = _stems_of(*options)
    named = _stems_of(one.name, *one.keywords) | varied
    labelled = named | _stems_of(one.aisle)
    phrases = _phrases(one.name, one.keywords, one.aisle)
    return Listing(
        one.name,
        one.keywords,
        one.aisle,
        one.restriction,
        tuple(rows),
        sum(family.lines_sold for family in families),
        phrases,
        frozenset(head for phrase in phrases for head in phrase.heads),
        varied,
        named,
        labelled,
        labelled | _stems_of(one.description),
        one.description,
        options,
    )


def _stems_of(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in stems(text))


def _phrases(name: str, keywords: tuple[str, ...], aisle: str) -> tuple[Phrase, ...]:
    found = [_phrase(name, 1.0), *_name_parts(name)]
    found += [_phrase(keyword, 0.96) for keyword in keywords]
    shelved = [_phrase(part, 0.72) for part in (aisle, *_parts(aisle))]
    return (
        *(phrase for phrase in found if phrase is not None),
        *(replace(phrase, varies=False) for phrase in shelved if phrase is not None),
    )


def _name_parts(name: str) -> list[Phrase | None]:
    """What a name's first segment lists, and its later segments, which mostly only modify it."""
    first, *later = name.split(",")
    parts = _parts(first) or ([first] if later else [])
    if _shares_head(parts):
        parts = parts[1:]
    modifying = [part for text in later for part in _parts(text) or [text]]
    return [
        *(_phrase(part, 0.96) for part in parts),
        *(_phrase(part, 0.72) for part in modifying),
    ]


def _shares_head(parts: list[str]) -> bool:
    """Whether the first part needs the last one's noun: steak & Worcestershire sauce."""
    return len(parts) > 1 and len(parts[0].split()) == 1 < len(parts[-1].split())


def _parts(text: str) -> list[str]:
    """The things a name lists: `Bath soaps & additives` -> `Bath soaps`, `additives`."""
    parts = [part for part in _PARTS.split(text) if part.strip()]
    return parts if len(parts) > 1 else []


def _phrase(text: str, weight: float) -> Phrase | None:
    words = stems(text)
    rest = [word for word in words if word not in _REST and word != "and"]
    if not rest:
        return None
    if len(rest) < len(words) and set(words) & _REST:
        weight *= 0.88
    first = text.split(",")[0]
    parts = _parts(first) or [first]
    heads = (split(_TAIL.split(part)[0]) for part in parts[_shares_head(parts) :])
    return Phrase(frozenset(rest), frozenset(stem(head[-1]) for head in heads if head), weight)
