"""The invented store's tables and the year drawn from them, read once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.catalog.customers import PastOrder
from assistant.catalog.database import Database
from assistant.catalog.merrowby.assortment import Article, read_assortment, read_companions
from assistant.catalog.merrowby.loader import CLOCK, ZONE, load
from assistant.catalog.merrowby.people import Person, read_people
from assistant.catalog.merrowby.year import draw_orders


def silent(_what: str, _done: int, _total: int) -> None:
    """Show no progress."""


@pytest.fixture(scope="session")
def articles() -> tuple[Article, ...]:
    return read_assortment()


@pytest.fixture(scope="session")
def people() -> tuple[Person, ...]:
    return read_people()


@pytest.fixture(scope="session")
def orders(articles: tuple[Article, ...], people: tuple[Person, ...]) -> tuple[PastOrder, ...]:
    return draw_orders(people, articles, read_companions(), CLOCK, ZONE)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("merrowby")
    database = Database(f"sqlite:///{folder / 'shop.db'}")
    load(database, silent)
    yield database
    database.dispose()
