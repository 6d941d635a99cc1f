from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.catalog.database import Database
from tests.assistant.orders.order_shop import write_order_shop
from tests.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database's URL, of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shop.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as made:
        yield made


@pytest.fixture
def shop(url: str) -> Iterator[Database]:
    """A database with the order shop in it, on either kind."""
    database = Database(url)
    database.create_all()
    write_order_shop(database)
    yield database
    database.dispose()
