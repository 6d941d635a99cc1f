"""Families: products that read the same to a shopper, put together under one readable id."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.catalog.completejourney.measures import shared_spelling
from assistant.catalog.completejourney.shelf import shelf_size
from assistant.catalog.completejourney.source import Sold
from assistant.catalog.completejourney.vocabulary import Label, Vocabulary
from assistant.catalog.products import Restriction

# The strictest first: a family takes the first that any of its products has.
_STRICTNESS = (
    Restriction.WEAPON,
    Restriction.TOBACCO,
    Restriction.ALCOHOL,
    Restriction.MEDICINE,
    Restriction.INTIMATE,
)


@dataclass(frozen=True, slots=True)
class Named:
    """A product on offer under its shopper's label; `size` is the shelf's, often empty."""

    sold: Sold
    label: Label
    size: str
    department: str
    category: str


@dataclass(frozen=True, slots=True)
class GroupedFamily:
    """A family as it goes into the database; `products` best-selling first."""

    id: str
    name: str
    size: str
    own_label: bool
    aisle: str
    department: str
    category: str
    keywords: tuple[str, ...]
    restriction: Restriction | None
    products: tuple[Sold, ...]

    @property
    def lines_sold(self) -> int:
        """Order lines of all its products."""
        return sum(product.lines for product in self.products)


def name_products(sold: Iterable[Sold], vocabulary: Vocabulary) -> Iterator[Named]:
    """Yield the products that a shopper can take from a shelf, under their labels."""
    for product in sold:
        label = vocabulary.label(product.department, product.category, product.kind)
        if label is None:
            continue
        by_category = vocabulary.categories.get(product.category or "")
        yield Named(
            sold=product,
            label=label,
            size=shelf_size(product, label),
            department=vocabulary.departments[product.department] or "",
            category=by_category.name if by_category else "",
        )


def group_families(named: Iterable[Named]) -> tuple[GroupedFamily, ...]:
    """Put products of the same name, size and label together, by family id."""
    products = tuple(named)
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for product in products:
        spellings[product.label.name].add(product.size)
    groups: defaultdict[tuple[str, str, bool], list[Named]] = defaultdict(list)
    for product in products:
        name = product.label.name
        size = shared_spelling(product.size, spellings[name], product.label.aisle)
        groups[name, size, product.sold.own_label].append(product)
    taken: Counter[str] = Counter()
    families = []
    for key in sorted(groups):
        slug = family_slug(*key)
        taken[slug] += 1
        family_id = slug if taken[slug] == 1 else f"{slug}-{taken[slug]}"
        families.append(_family(family_id, key, groups[key]))
    return tuple(sorted(families, key=lambda family: family.id))


def family_slug(name: str, size: str, own_label: bool) -> str:
    """Write a family's title as an id, such as `milk-1-gal-own` or `yogurt-1.5-oz`."""
    words = re.sub(r"[^a-z0-9.]+", "-", f"{name} {size}".lower().replace("'", ""))
    slug = re.sub(r"(?<!\d)\.|\.(?!\d)", "", words).strip("-")
    return f"{slug}-own" if own_label else slug


def _family(family_id: str, key: tuple[str, str, bool], products: Sequence[Named]) -> GroupedFamily:
    ranked = sorted(products, key=lambda p: (-p.sold.lines, int(p.sold.product_id)))
    restrictions = {product.label.restriction for product in products}
    return GroupedFamily(
        id=family_id,
        name=key[0],
        size=key[1],
        own_label=key[2],
        aisle=_most_sold((p.label.aisle, p.sold.lines) for p in ranked),
        department=_most_sold((p.department, p.sold.lines) for p in ranked),
        category=_most_sold((p.category, p.sold.lines) for p in ranked),
        keywords=tuple(dict.fromkeys(word for p in ranked for word in p.label.keywords)),
        restriction=next((r for r in _STRICTNESS if r in restrictions), None),
        products=tuple(product.sold for product in ranked),
    )


def _most_sold(weighted: Iterable[tuple[str, int]]) -> str:
    lines: Counter[str] = Counter()
    for value, sold in weighted:
        lines[value] += sold
    return min(lines, key=lambda value: (-lines[value], value))
