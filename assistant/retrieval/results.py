"""What goes into a search and what comes out of it; money in minor units."""

from dataclasses import dataclass
from typing import Literal

from assistant.catalog.products import Restriction

FilterName = Literal["max_price", "min_price", "own_label", "aisle"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Hard limits on every hit; None leaves a property free.

    Families whose restriction is not in `allow_restricted` are never returned.
    """

    max_price: int | None = None
    min_price: int | None = None
    own_label: bool | None = None
    aisle: str | None = None
    allow_restricted: frozenset[Restriction] = frozenset()

    def named(self) -> tuple[FilterName, ...]:
        """List the filters that are set and could be dropped."""
        values: tuple[tuple[FilterName, object], ...] = (
            ("max_price", self.max_price),
            ("min_price", self.min_price),
            ("own_label", self.own_label),
            ("aisle", self.aisle),
        )
        return tuple(name for name, value in values if value is not None)

    def without(self, name: FilterName) -> "Filters":
        """Copy the filters with one of them dropped."""
        return Filters(
            max_price=None if name == "max_price" else self.max_price,
            min_price=None if name == "min_price" else self.min_price,
            own_label=None if name == "own_label" else self.own_label,
            aisle=None if name == "aisle" else self.aisle,
            allow_restricted=self.allow_restricted,
        )


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Hit:
    """One family found; `score` orders the hits of one search and means nothing across searches."""

    family_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Relaxation:
    """How many relevant families there would be if the filter `dropped` were not set."""

    dropped: FilterName
    families: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first.

    `carried` is False when the shop does not carry or record what was asked: `missing` holds the
    words nothing answers to, and `hits` are the nearest alternatives, possibly none. `relaxations`
    is filled only where filters leave no hit. `degraded` says the vector index did not answer.
    """

    hits: tuple[Hit, ...]
    carried: bool
    missing: tuple[str, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    degraded: bool = False
