import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.completejourney.demonstration import demonstration_customer
from assistant.catalog.completejourney.loader import (
    STORE_NAME,
    content_digest,
    load,
    order_status,
)
from assistant.catalog.completejourney.vocabulary import FOLDER, TABLES
from assistant.catalog.database import Database
from assistant.catalog.order_schema import customers, ledger, order_details
from assistant.catalog.products import Restriction
from assistant.catalog.schema import (
    STORE_TABLES,
    order_lines,
    orders,
    promotions,
    shoppers,
    stores,
)
from assistant.catalog.stores import store_digest, store_names
from tests.assistant.catalog.conftest import fill

CLOCK = datetime(2018, 1, 1, 4, tzinfo=UTC)


def silent(what: str, done: int, total: int) -> None:
    """Report nothing."""


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    for table in TABLES:
        shutil.copy(FOLDER / table, folder)
    return folder


def test_a_loaded_store_has_families_prices_and_orders(database: Database, data: Path) -> None:
    assert load(database, silent, data=data)
    catalogue = Catalogue(database, STORE_NAME)
    assert set(catalogue.families) == {
        "bananas",
        "beer-ale-malt-liquor-12-x-12-oz",
        "hosiery-socks",
        "large-eggs-1-dozen",
        "milk-1-gal-own",
        "white-bread-20-oz",
    }
    milk = catalogue.family("milk-1-gal-own")
    assert milk.title == "Milk, 1 gal (own label)"
    assert (milk.best_seller.id, milk.best_seller.price, milk.lines_sold) == ("1", 224, 4)
    assert catalogue.family("bananas").size == ""
    beer = catalogue.family("beer-ale-malt-liquor-12-x-12-oz")
    assert beer.restriction is Restriction.ALCOHOL
    assert catalogue.store.clock == CLOCK
    assert catalogue.location_of("1") == "10"
    offered = select(promotions.c.product_id).where(promotions.c.location == "11").distinct()
    with database.read() as connection:
        assert connection.scalars(offered).all() == ["3"]


def test_orders_have_lines_totals_and_a_state_by_age(database: Database, data: Path) -> None:
    load(database, silent, data=data)
    with database.read() as connection:
        rows = connection.execute(select(orders).where(orders.c.shopper_id != "4")).all()
        found = {row.id: (row.status, row.total, row.placed_at) for row in rows}
        totals = select(order_lines.c.order_id, func.sum(order_lines.c.total))
        grouped = connection.execute(totals.group_by(order_lines.c.order_id))
        sums = {order_id: total for order_id, total in grouped}
    assert found["105"] == ("pending", 200, CLOCK)
    assert found["102"] == ("shipped", 344, datetime(2017, 12, 30, 12, tzinfo=UTC))
    assert found["106"][0] == "shipped"  # 72 hours before the clock
    assert found["107"][0] == "delivered"  # a second more
    assert set(found) == {"100", "101", "102", "103", "105", "106", "107"}
    assert all(sums[order_id] == total for order_id, (_, total, _) in found.items())


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(0), "pending"),
        (timedelta(hours=24), "pending"),
        (timedelta(hours=24, seconds=1), "shipped"),
        (timedelta(hours=72), "shipped"),
        (timedelta(hours=72, seconds=1), "delivered"),
    ],
)
def test_an_order_s_state_goes_by_its_age(age: timedelta, status: str) -> None:
    assert order_status(CLOCK - age, CLOCK) == status


def test_loading_again_does_nothing(database: Database, data: Path) -> None:
    assert load(database, silent, data=data)
    assert not load(database, silent, data=data)


def test_a_changed_table_replaces_the_store_and_nothing_else(
    database: Database, data: Path, tables: Path
) -> None:
    with database.write() as connection:
        fill(connection, "corner")
        connection.exec_driver_sql("CREATE TABLE talk (said TEXT)")
        connection.exec_driver_sql("INSERT INTO talk VALUES ('hello')")
    load(database, silent, data=data, tables=tables)
    types = tables / "types.csv"
    types.write_text(types.read_text().replace(",White bread,", ",Pan bread,"))
    assert load(database, silent, data=data, tables=tables)
    families = Catalogue(database, STORE_NAME).families
    assert "pan-bread-20-oz" in families
    assert "white-bread-20-oz" not in families
    with database.read() as connection:
        assert store_names(connection) == (STORE_NAME, "corner")
        assert connection.exec_driver_sql("SELECT said FROM talk").scalars().all() == ["hello"]
    assert len(Catalogue(database, "corner").families) == 3


def test_an_interrupted_load_leaves_nothing(database: Database, data: Path) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        if what == "Writing order lines":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(database, interrupt, data=data)
    with database.read() as connection:
        assert store_digest(connection, STORE_NAME) is None
        for table in STORE_TABLES:
            assert connection.scalar(select(func.count()).select_from(table)) == 0
    assert load(database, silent, data=data)


def test_progress_ends_at_every_total(database: Database, data: Path) -> None:
    last: dict[str, tuple[int, int]] = {}

    def note(what: str, done: int, total: int) -> None:
        last[what] = done, total

    load(database, note, data=data)
    assert len(last) == 1 + len(STORE_TABLES)
    assert all(done == total > 0 for done, total in last.values())


def test_the_digest_follows_data_and_tables(data: Path, tables: Path, tmp_path: Path) -> None:
    first = content_digest(data, tables)
    assert content_digest(data, tables) == first
    (tables / "types.csv").open("a").write("\n")
    assert content_digest(data, tables) != first
    other = tmp_path / "data"
    shutil.copytree(data, other)
    (other / "products.parquet").open("ab").write(b" ")
    assert content_digest(other, tables) != content_digest(data, tables)


def test_provenance_says_both_sides(database: Database, data: Path) -> None:
    load(database, silent, data=data)
    provenance = Catalogue(database, STORE_NAME).store.provenance
    for said in ("simulated data", "84.51", "dunnhumby", "calendar is invented", "24 hours"):
        assert said in provenance


def test_households_get_addresses_and_payments_marked_as_made_up(
    database: Database, data: Path
) -> None:
    load(database, silent, data=data)
    with database.read() as connection:
        clock = connection.execute(select(stores.c.clock)).scalar_one()
        people = connection.execute(select(customers)).all()
        known = set(connection.scalars(select(shoppers.c.id)))
        recent = connection.execute(
            select(orders.c.id, orders.c.shopper_id, orders.c.total).where(
                orders.c.placed_at >= clock - timedelta(days=60)
            )
        ).all()
        paid = {row.order_id: row for row in connection.execute(select(ledger))}
        sent = set(connection.scalars(select(order_details.c.order_id)))
    assert {person.id for person in people} == known
    assert all(person.demonstration and person.postcode.startswith("000") for person in people)
    assert recent
    assert paid.keys() == sent == {order.id for order in recent}
    assert all(paid[order.id].amount == order.total for order in recent)
    assert all(paid[o.id].payment_method_id == f"card_{o.shopper_id}" for o in recent)


def test_a_household_is_made_up_the_same_each_time() -> None:
    first, again = demonstration_customer("900", "1"), demonstration_customer("900", "1")
    assert first == again
    assert first.address != demonstration_customer("901", "1").address
