from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from assistant.catalog import schema
from assistant.catalog.database import Database
from assistant.catalog.stores import Store, replace_store


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    database.create_all()
    yield database
    database.dispose()


def a_store(name: str = "corner") -> Store:
    return Store(
        name=name,
        title="Corner shop",
        currency="USD",
        clock=datetime(2020, 5, 1, 12, tzinfo=UTC),
        timezone="America/New_York",
        provenance="Made up for a test.",
        invented=True,
        policy="corner",
        contact="Knock.",
    )


def fill(connection: Connection, name: str = "corner") -> None:
    """Write two families of milk (two products, one product) and one restricted family of beer."""
    replace_store(connection, a_store(name), "digest-1")
    families = [
        ("milk-own", "Milk", "1 gal", True, "Milk & cream", "Milk", None, "11"),
        ("milk", "Milk", "1 gal", False, "Milk & cream", "Milk", None, "12"),
        ("beer", "Beer", "", False, "Beer, wine & spirits", "Beer & ale", "alcohol", "13"),
    ]
    columns = ("id", "name", "size", "own_label", "aisle", "category", "restriction", "best_seller")
    connection.execute(
        insert(schema.families),
        [
            dict(zip(columns, family, strict=True))
            | {"store": name, "department": "Grocery", "keywords": ["dairy"], "lines_sold": 7}
            for family in families
        ],
    )
    products = [
        ("10", "milk-own", 279, 279, False, 5),
        ("11", "milk-own", 249, 299, True, 9),
        ("12", "milk", 399, 399, False, 3),
        ("13", "beer", 899, 899, False, 2),
    ]
    prices = ("id", "family_id", "price", "regular_price", "promoted", "units_sold")
    connection.execute(
        insert(schema.products),
        [{"store": name, **dict(zip(prices, product, strict=True))} for product in products],
    )
    connection.execute(insert(schema.shoppers), [{"store": name, "id": "900", "location": "north"}])
    connection.execute(
        insert(schema.promotions),
        [
            {"store": name, "location": location, "product_id": "11", "placement": placement}
            for location, placement in (("north", "mailer"), ("north", "display"))
        ],
    )
