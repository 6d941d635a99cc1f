"""A little shop for tests, written row by row, with whatever orders a test needs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Table, insert

from assistant.catalog import schema
from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.catalog.stores import Store, replace_store

STORE = Store(
    name="corner",
    title="Corner shop",
    currency="USD",
    clock=datetime(2020, 5, 1, 16, tzinfo=UTC),
    timezone="America/New_York",
    provenance="Made up for a test.",
    invented=True,
    policy="corner",
    contact="Knock.",
)


@dataclass(frozen=True, slots=True)
class Item:
    """A family and its products by id: price, regular price, units sold; the first sells best."""

    family_id: str
    name: str
    products: dict[str, tuple[int, int, int]]
    size: str = ""
    category: str = ""
    restriction: str | None = None
    lines_sold: int = 1


@dataclass(frozen=True, slots=True)
class Bought:
    """An order; each product costs 100 minor units."""

    order_id: str
    shopper_id: str
    placed_at: datetime
    product_ids: Sequence[str]
    status: str = "delivered"


ITEMS = (
    Item("milk", "Milk", {"m1": (249, 299, 9), "m2": (279, 279, 5)}, "1 gal", lines_sold=90),
    Item("milk-half", "Milk", {"h1": (189, 189, 4)}, "1/2 gal", lines_sold=40),
    Item("bread", "Bread", {"b1": (150, 150, 8)}, lines_sold=80),
    Item("pasta", "Spaghetti", {"p1": (100, 100, 7)}, "1 lb", "pasta", lines_sold=30),
    Item("sauce", "Pasta sauce", {"s1": (199, 250, 6), "s2": (299, 299, 2)}, lines_sold=20),
    Item("noodles", "Noodles", {"n1": (120, 120, 3)}, "1 lb", "pasta", lines_sold=10),
    Item("beer", "Beer", {"z1": (899, 999, 50)}, restriction="alcohol", lines_sold=200),
)


def day(number: int, hour: int = 16, month: int = 4) -> datetime:
    """A time in 2020, UTC; by default noon in April in the shop's zone."""
    return datetime(2020, month, number, hour, tzinfo=UTC)


def write_shop(
    database: Database,
    orders: Sequence[Bought] = (),
    promotions: Sequence[tuple[str, str, str]] = (),
    *,
    items: Sequence[Item] = ITEMS,
    digest: str = "digest-1",
    locations: dict[str, str] | None = None,
) -> None:
    """Write the shop anew; `promotions` are location, product id and placement."""
    shoppers = {order.shopper_id: "north" for order in orders} | (locations or {})
    rows: dict[Table, list[dict[str, object]]] = {
        schema.families: [_family(item) for item in items],
        schema.products: [row for item in items for row in _products(item)],
        schema.shoppers: [{"id": name, "location": place} for name, place in shoppers.items()],
        schema.orders: [_order(order) for order in orders],
        schema.order_lines: [row for order in orders for row in _lines(order)],
        schema.promotions: [
            {"location": location, "product_id": product_id, "placement": placement}
            for location, product_id, placement in promotions
        ],
    }
    with database.write() as connection:
        replace_store(connection, STORE, digest)
        for table, values in rows.items():
            if values:
                connection.execute(insert(table), [{"store": STORE.name} | row for row in values])


@contextmanager
def little_shop(
    folder: Path, orders: Sequence[Bought] = (), promotions: Sequence[tuple[str, str, str]] = ()
) -> Iterator[tuple[Database, Catalogue]]:
    """Open a database file with the shop in it."""
    database = Database(f"sqlite:///{folder / 'shop.db'}")
    database.create_all()
    write_shop(database, orders, promotions)
    yield database, Catalogue(database, STORE.name)
    database.dispose()


def _family(item: Item) -> dict[str, object]:
    return {
        "id": item.family_id,
        "name": item.name,
        "size": item.size,
        "own_label": False,
        "aisle": "Food",
        "department": "Grocery",
        "category": item.category or item.name,
        "keywords": [],
        "restriction": item.restriction,
        "best_seller": next(iter(item.products)),
        "lines_sold": item.lines_sold,
    }


def _products(item: Item) -> list[dict[str, object]]:
    return [
        {
            "id": product_id,
            "family_id": item.family_id,
            "price": price,
            "regular_price": regular,
            "promoted": price < regular,
            "units_sold": sold,
        }
        for product_id, (price, regular, sold) in item.products.items()
    ]


def _order(order: Bought) -> dict[str, object]:
    return {
        "id": order.order_id,
        "shopper_id": order.shopper_id,
        "placed_at": order.placed_at,
        "status": order.status,
        "total": 100 * len(order.product_ids),
    }


def _lines(order: Bought) -> list[dict[str, object]]:
    return [
        {
            "order_id": order.order_id,
            "line": at,
            "product_id": product_id,
            "quantity": 1,
            "total": 100,
        }
        for at, product_id in enumerate(order.product_ids)
    ]
