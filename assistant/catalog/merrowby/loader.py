"""Loads Merrowby, the invented demonstration store, from the tables beside this module."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from inspect import getfile
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from assistant.catalog import customers, order_rows, order_schema, schema
from assistant.catalog.customers import PastOrder
from assistant.catalog.database import Database
from assistant.catalog.merrowby.assortment import (
    FOLDER,
    Article,
    Variant,
    read_assortment,
    read_companions,
)
from assistant.catalog.merrowby.people import LOCATION, Person, read_people
from assistant.catalog.merrowby.year import draw_orders
from assistant.catalog.stores import Store, replace_store, store_digest

STORE_NAME = "merrowby"
TITLE = "Merrowby (an invented demonstration store)"
CLOCK = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Chicago")

PROVENANCE = """\
Merrowby does not exist. This is a demonstration store: its products, brands, descriptions, prices \
and stock were written for it, and no shop sells them. Its sixty customers, their addresses, \
e-mail addresses and payment methods are invented too; the postcodes begin with digits that are \
assigned to no place, and nothing can be charged or delivered.

The year of orders was drawn by a program with fixed seeds from habits that were written down for \
each customer: things that are used up and bought again, wishes that follow the seasons, \
companions of what was just bought, presents, and a sale in the last days. The same tables always \
give the same orders. An order of the last 36 hours before the shop's clock is pending, one of the \
last six days is shipped and an older one is delivered, unless it was cancelled or sent back."""

CONTACT = (
    "Merrowby is an invented demonstration store without a phone line; messages left here are kept"
    " for its staff."
)

Row = Mapping[str, object]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done and how many there are in all."""


def load(database: Database, progress: Progress, *, folder: Path = FOLDER) -> bool:
    """Load the store unless it is there already, whole or not at all; return whether it was loaded.

    `folder` holds the tables. Raises ConfigurationError where a table is broken, the disk is full
    or the database is in use.
    """
    digest = content_digest(folder)
    database.create_all()
    with database.read() as connection:
        if store_digest(connection, STORE_NAME) == digest:
            return False
    progress("Reading the demonstration store", 0, 1)
    articles, people = read_assortment(folder), read_people(folder)
    orders = draw_orders(people, articles, read_companions(folder), CLOCK, ZONE)
    progress("Reading the demonstration store", 1, 1)
    with database.write() as connection:
        replace_store(connection, _store(), digest)
        _write(connection, articles, people, orders)
    progress("Writing the demonstration store", 1, 1)
    return True


def content_digest(folder: Path) -> str:
    """Digest all that decides what a load writes: the tables, this package and the schemas."""
    modules = (schema, order_schema, order_rows, customers)
    code = [*FOLDER.glob("*.py"), *(Path(getfile(module)) for module in modules)]
    hashed = hashlib.sha256()
    for path in sorted({*folder.rglob("*.yaml"), *code}):
        hashed.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return hashed.hexdigest()


def _store() -> Store:
    return Store(
        name=STORE_NAME,
        title=TITLE,
        currency="USD",
        clock=CLOCK,
        timezone=ZONE.key,
        provenance=PROVENANCE,
        invented=True,
        policy=STORE_NAME,
        contact=CONTACT,
    )


def _write(
    connection: Connection,
    articles: Sequence[Article],
    people: Sequence[Person],
    orders: Sequence[PastOrder],
) -> None:
    sales = Sales(orders)
    connection.execute(insert(schema.families), [_family_row(a, sales) for a in articles])
    connection.execute(
        insert(schema.products),
        [_product_row(a, v, sales) for a in articles for v in a.variants],
    )
    connection.execute(insert(schema.promotions), [_promotion_row(v) for v in _promoted(articles)])
    order_rows.write_customers(connection, STORE_NAME, (person.customer for person in people))
    order_rows.write_orders(connection, STORE_NAME, orders)


class Sales:
    """How many lines and units of each product were sold."""

    def __init__(self, orders: Iterable[PastOrder]) -> None:
        self.lines: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        for order in orders:
            for line in order.lines:
                self.lines[line.product_id] += 1
                self.units[line.product_id] += line.quantity

    def best_seller(self, article: Article) -> Variant:
        """Return the variant sold most, of those in stock where there are any."""
        in_stock = [variant for variant in article.variants if variant.stock]
        return max(in_stock or article.variants, key=lambda variant: self.units[variant.id])


def _family_row(article: Article, sales: Sales) -> Row:
    return {
        "store": STORE_NAME,
        "id": article.id,
        "name": article.name,
        "size": "",
        "own_label": article.own_label,
        "aisle": article.aisle,
        "department": article.department,
        "category": article.kind,
        "keywords": list(article.keywords),
        "restriction": None,
        "best_seller": sales.best_seller(article).id,
        "lines_sold": sum(sales.lines[variant.id] for variant in article.variants),
        "brand": article.brand,
        "description": article.description,
    }


def _product_row(article: Article, variant: Variant, sales: Sales) -> Row:
    options = [[option.name, option.value] for option in variant.options]
    return {
        "store": STORE_NAME,
        "id": variant.id,
        "family_id": article.id,
        "price": variant.price,
        "regular_price": variant.regular_price,
        "promoted": variant.promoted,
        "units_sold": sales.units[variant.id],
        "options": options or None,
        "stock": variant.stock,
    }


def _promoted(articles: Iterable[Article]) -> list[Variant]:
    return [variant for article in articles for variant in article.variants if variant.promoted]


def _promotion_row(variant: Variant) -> Row:
    return {
        "store": STORE_NAME,
        "location": LOCATION,
        "product_id": variant.id,
        "placement": "mailer",
    }
