from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from assistant.catalog import schema
from assistant.catalog.database import Database
from assistant.errors import NotFound
from assistant.orders.orders import Order, OrderBook, OrderLine
from tests.assistant.little_shop import STORE, Bought, day, little_shop

ORDERS = (
    Bought("1", "900", day(1), ["m1", "b1"]),
    Bought("2", "900", day(3), ["h1"], status="shipped"),
    Bought("3", "900", day(2), ["p1", "gone"]),
    Bought("9", "901", day(4), ["m1"]),
)


def test_orders_come_newest_first_and_no_more_than_asked_for(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        book = OrderBook(database, STORE)
        assert [order.id for order in book.orders("900", 10)] == ["2", "3", "1"]
        assert [order.id for order in book.orders("900", 2)] == ["2", "3"]
        assert book.orders("nobody", 10) == ()


def test_orders_of_one_moment_come_in_a_fixed_order(tmp_path: Path) -> None:
    together = [Bought(name, "900", day(1), ["m1"]) for name in ("b", "c", "a")]
    with little_shop(tmp_path, together) as (database, _):
        orders = OrderBook(database, STORE).orders("900", 10)
    assert [order.id for order in orders] == ["c", "b", "a"]


def test_an_order_tells_status_time_and_titled_lines_in_minor_units(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        order = OrderBook(database, STORE).order("900", "2")
    assert order == Order(
        id="2",
        status="shipped",
        placed_at=datetime(2020, 4, 3, 16, tzinfo=UTC),
        total=100,
        currency="USD",
        lines=(OrderLine("h1", "milk-half", "Milk, 1/2 gal", 1, 100),),
    )


def test_a_product_no_longer_sold_stays_in_its_order(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        lines = OrderBook(database, STORE).order("900", "3").lines
    assert [line.title for line in lines] == ["Spaghetti, 1 lb", "Product gone (no longer sold)"]
    assert [line.family_id for line in lines] == ["pasta", None]


def test_anothers_order_and_no_order_are_refused_in_the_same_words(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        book = OrderBook(database, STORE)
        with pytest.raises(NotFound) as anothers:
            book.order("900", "9")
        with pytest.raises(NotFound) as missing:
            book.order("900", "8")
    assert str(anothers.value).replace("9", "8") == str(missing.value)


def test_another_stores_orders_are_not_seen(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        _write_elsewhere(database)
        assert len(OrderBook(database, STORE).orders("900", 10)) == 3


def _write_elsewhere(database: Database) -> None:
    with database.write() as connection:
        connection.execute(
            insert(schema.orders).values(
                store="elsewhere",
                id="1",
                shopper_id="900",
                placed_at=day(9),
                status="delivered",
                total=1,
            )
        )
