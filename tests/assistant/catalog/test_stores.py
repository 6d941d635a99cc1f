import pytest
from sqlalchemy import func, select

from assistant.catalog.database import Database
from assistant.catalog.schema import STORE_TABLES
from assistant.catalog.stores import read_store, replace_store, store_digest, store_names
from assistant.errors import UnknownStore
from tests.assistant.catalog.conftest import a_store, fill


def test_a_store_is_read_as_it_was_written(database: Database) -> None:
    with database.write() as connection:
        replace_store(connection, a_store(), "digest-1")
    with database.read() as connection:
        assert read_store(connection, "corner") == a_store()
        assert store_digest(connection, "corner") == "digest-1"


def test_an_unknown_store_is_named_with_a_remedy(database: Database) -> None:
    with database.read() as connection:
        assert store_digest(connection, "moon") is None
        with pytest.raises(UnknownStore, match="'moon'; `prepare` or `import` it first"):
            read_store(connection, "moon")


def test_replacing_a_store_leaves_the_others_alone(database: Database) -> None:
    with database.write() as connection:
        fill(connection, "corner")
        fill(connection, "village")
        replace_store(connection, a_store("corner"), "digest-2")
    with database.read() as connection:
        assert store_names(connection) == ("corner", "village")
        assert store_digest(connection, "corner") == "digest-2"
        for table in STORE_TABLES:
            left = select(func.count()).select_from(table).where(table.c.store == "corner")
            assert connection.scalar(left) == 0
        kept = connection.scalar(select(func.count()).select_from(STORE_TABLES[0]))
        assert kept == 3
