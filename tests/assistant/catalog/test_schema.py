from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import StatementError
from sqlalchemy.schema import CreateTable

from assistant.catalog.database import Database, metadata
from assistant.catalog.schema import STORE_TABLES, orders, stores

ORDER = {"store": "corner", "id": "1", "shopper_id": "900", "status": "pending", "total": 5}


def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    new_york = timezone(timedelta(hours=-5))
    placed_at = datetime(2017, 12, 31, 23, 1, 20, tzinfo=new_york)
    with database.write() as connection:
        connection.execute(insert(orders), [ORDER | {"placed_at": placed_at}])
    with database.read() as connection:
        read = connection.scalar(select(orders.c.placed_at))
    assert read == placed_at
    assert read is not None
    assert read.utcoffset() == timedelta(0)
    assert read.replace(tzinfo=None) == datetime(2018, 1, 1, 4, 1, 20)


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with (
        pytest.raises(StatementError, match="has no time zone"),
        database.write() as connection,
    ):
        connection.execute(insert(orders), [ORDER | {"placed_at": datetime(2017, 12, 31)}])


def test_every_table_is_keyed_by_store_first() -> None:
    for table in STORE_TABLES:
        assert next(iter(table.primary_key.columns)).name == "store"


def test_all_tables_but_stores_are_replaced_with_a_store() -> None:
    catalogue = {"families", "products", "shoppers", "orders", "order_lines", "promotions"}
    assert {table.name for table in STORE_TABLES} == catalogue
    assert stores not in STORE_TABLES


def test_postgresql_understands_every_table() -> None:
    dialect = make_url("postgresql+psycopg://shop@db/shop").get_dialect()()
    for table in metadata.sorted_tables:
        assert f"CREATE TABLE {table.name}" in str(CreateTable(table).compile(dialect=dialect))


def test_a_shopper_s_orders_are_found_through_an_index(database: Database) -> None:
    with database.read() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM orders WHERE store = 'a' AND shopper_id = 'b'"
            " ORDER BY placed_at DESC"
        ).fetchall()
    assert "orders_by_shopper" in plan[0][3]
    assert "TEMP B-TREE" not in str(plan)
