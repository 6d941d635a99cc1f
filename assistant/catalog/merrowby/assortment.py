"""What the store sells, read from its tables: articles, their options, prices and stock."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product as combinations
from pathlib import Path
from random import Random

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.catalog.products import Option
from assistant.errors import ConfigurationError

FOLDER = Path(__file__).parent
DEPARTMENTS = {"home": "Home", "outdoor": "Outdoor", "electronics": "Electronics"}
OWN_LABEL = "Merrowby"
# One article in so many is promoted, one variant in so many is sold out.
_PROMOTED_IN = 12
_SOLD_OUT_IN = 18
_REDUCTION = 15
_DEEPEST_SHELF = 60


class Entry(BaseModel):
    """One article as its table tells it.

    An option's values are a list where they cost the same, else a mapping from value to price;
    `lasts` is for how many days a household uses one up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    brand: str
    name: str
    kind: str
    words: tuple[str, ...]
    text: str
    options: dict[str, tuple[str, ...] | dict[str, int]] = {}
    price: int | None = None
    lasts: int | None = None


class AisleTable(BaseModel):
    """One file: an aisle and its articles."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    aisle: str
    products: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One purchasable product of an article; prices in minor units."""

    id: str
    options: tuple[Option, ...]
    price: int
    regular_price: int
    stock: int

    @property
    def promoted(self) -> bool:
        """Whether it costs less than usual now."""
        return self.price < self.regular_price


@dataclass(frozen=True, slots=True)
class Article:
    """One thing the store sells; `aisle_key` names its table, `lasts` is None unless used up."""

    number: int
    id: str
    brand: str
    name: str
    kind: str
    keywords: tuple[str, ...]
    description: str
    aisle: str
    aisle_key: str
    department: str
    lasts: int | None
    variants: tuple[Variant, ...]

    @property
    def own_label(self) -> bool:
        """Whether it is sold under the store's own name."""
        return self.brand == OWN_LABEL


def read_assortment(folder: Path = FOLDER) -> tuple[Article, ...]:
    """Read every article of the store, by number; raises ConfigurationError."""
    articles = [
        _article(entry, table, path.stem, department)
        for key, department in DEPARTMENTS.items()
        for path in sorted((folder / key).glob("*.yaml"))
        for table in (_table(path),)
        for entry in table.products
    ]
    return tuple(sorted(articles, key=lambda article: article.number))


def read_companions(folder: Path = FOLDER) -> Mapping[int, tuple[int, ...]]:
    """Read which articles are mostly bought beside another, by number."""
    read = yaml.safe_load((folder / "together.yaml").read_text(encoding="utf-8"))
    return {number: tuple(others) for number, others in read.items()}


def reduced(price: int) -> int:
    """Return a price lowered as the store lowers prices, in whole currency units."""
    return price * (100 - _REDUCTION) // 10_000 * 100


def _table(path: Path) -> AisleTable:
    try:
        return AisleTable.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(
            f"{path.name} of the demonstration store is broken; restore it."
        ) from error


def _article(entry: Entry, table: AisleTable, aisle_key: str, department: str) -> Article:
    promoted = Random(f"promoted {entry.id}").randrange(_PROMOTED_IN) == 0
    return Article(
        number=entry.id,
        id=re.sub(r"[^a-z0-9]+", "-", entry.name.lower().replace("'", "")).strip("-"),
        brand=entry.brand,
        name=f"{entry.brand} {entry.name}",
        kind=entry.kind,
        keywords=(entry.kind, *entry.words),
        description=entry.text,
        aisle=table.aisle,
        aisle_key=aisle_key,
        department=department,
        lasts=entry.lasts,
        variants=tuple(_variants(entry, promoted=promoted)),
    )


def _variants(entry: Entry, *, promoted: bool) -> Iterator[Variant]:
    for at, (options, price) in enumerate(_choices(entry), start=1):
        product_id = f"MB{entry.id}-{at}"
        yield Variant(
            id=product_id,
            options=options,
            price=reduced(price) if promoted else price,
            regular_price=price,
            stock=_stock(product_id),
        )


def _choices(entry: Entry) -> Iterator[tuple[tuple[Option, ...], int]]:
    """Yield every combination of options with its price."""
    values = [tuple(offered) for offered in entry.options.values()]
    for chosen in combinations(*values):
        options = tuple(map(Option, entry.options, chosen))
        priced = [
            offered[value]
            for value, offered in zip(chosen, entry.options.values(), strict=True)
            if isinstance(offered, dict)
        ]
        yield options, priced[0] if priced else entry.price or 0


def _stock(product_id: str) -> int:
    shelf = Random(f"stock {product_id}")
    return 0 if shelf.randrange(_SOLD_OUT_IN) == 0 else shelf.randint(1, _DEEPEST_SHELF)
