"""A store's baskets by shopper, in the words of the catalogue, with what was on offer when."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import select

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.catalog.schema import order_lines, orders, products

# A line counts as reduced below this share of the product's latest typical unit price.
REDUCED_BELOW = 0.9
_PRICES = 15


@dataclass(frozen=True, slots=True)
class Line:
    """One order line; `unit_price` in minor units, 0 where nothing was counted."""

    shopper: str
    order: str
    at: datetime
    product: str
    name: str
    quantity: int
    unit_price: float


@dataclass(frozen=True, slots=True)
class Basket:
    """One order: how many of each name."""

    order: str
    at: datetime
    names: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Household:
    """One shopper's baskets, oldest first."""

    shopper: str
    baskets: tuple[Basket, ...]


@dataclass(slots=True)
class OfferDiary:
    """How many lines of each name were sold, and sold reduced, on each local day."""

    sold: defaultdict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reduced: defaultdict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


@dataclass(frozen=True, slots=True)
class Purchases:
    """Everything that was bought in a store, of what it volunteers."""

    households: tuple[Household, ...]
    diary: OfferDiary
    zone: ZoneInfo


def read_purchases(database: Database, catalogue: Catalogue) -> Purchases:
    """Read a store's purchases; restricted families are left out."""
    zone = ZoneInfo(catalogue.store.timezone)
    return purchases_of(read_lines(database, catalogue), zone)


def purchases_of(lines: Iterable[Line], zone: ZoneInfo) -> Purchases:
    """Sort lines, in order of time, into households and the diary of offers."""
    diary = OfferDiary()
    by_shopper: defaultdict[str, list[Line]] = defaultdict(list)
    prices: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_PRICES))
    for line in lines:
        by_shopper[line.shopper].append(line)
        day = line.at.astimezone(zone).date()
        diary.sold[day][line.name] += 1
        before = prices[line.product]
        if len(before) > 1 and 0 < line.unit_price < REDUCED_BELOW * median(before):
            diary.reduced[day][line.name] += 1
        if line.unit_price > 0:
            before.append(line.unit_price)
    households = (Household(name, tuple(_baskets(own))) for name, own in sorted(by_shopper.items()))
    return Purchases(tuple(households), diary, zone)


def read_lines(database: Database, catalogue: Catalogue) -> Iterator[Line]:
    """Yield the order lines of what the shop volunteers, in order of time."""
    store = catalogue.store.name
    query = (
        select(
            orders.c.shopper_id,
            orders.c.id,
            orders.c.placed_at,
            order_lines.c.product_id,
            products.c.family_id,
            order_lines.c.quantity,
            order_lines.c.total,
        )
        .join(
            order_lines,
            (order_lines.c.store == orders.c.store) & (order_lines.c.order_id == orders.c.id),
        )
        .join(
            products,
            (products.c.store == order_lines.c.store) & (products.c.id == order_lines.c.product_id),
        )
        .where(orders.c.store == store)
        .order_by(orders.c.placed_at, orders.c.id, order_lines.c.line)
    )
    with database.read() as connection:
        for shopper, order, at, product, family_id, quantity, total in connection.execute(query):
            family = catalogue.families[family_id]
            if family.restriction is None:
                unit = total / quantity if quantity else 0.0
                yield Line(shopper, order, at, product, family.name, quantity, unit)


def _baskets(lines: Sequence[Line]) -> Iterator[Basket]:
    for order, held in groupby(lines, key=lambda line: line.order):
        names: Counter[str] = Counter()
        at = lines[0].at
        for line in held:
            names[line.name] += max(line.quantity, 1)
            at = line.at
        yield Basket(order, at, dict(names))
