"""A database of the first release becomes one of this release when it is opened."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

import assistant.dialogue.conversations
import assistant.orders.cart
import assistant.orders.schema
import assistant.ui.sessions  # noqa: F401 (their tables)
from assistant.catalog import migrations
from assistant.catalog.database import Database, metadata
from assistant.catalog.migrations import HEAD
from assistant.catalog.schema import families, products
from tests.postgres import PostgresServer

FIRST_RELEASE = Path(__file__).with_name("first_release.sql").read_text()
ROWS = """
INSERT INTO families VALUES
 ('s', 'milk', 'Milk', '1 gal', false, 'Dairy', 'Grocery', 'milk', '[]', NULL, 'm1', 3);
INSERT INTO products VALUES ('s', 'm1', 'milk', 249, 299, true, 9);
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shop.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as made:
        yield made


@pytest.fixture
def released(url: str) -> Database:
    """A database as the first release left it, with a product."""
    database = Database(url)
    script = FIRST_RELEASE + ROWS
    if url.startswith("postgresql"):
        script = script.replace(" WITHOUT ROWID", "")
        # Conversations keep their times with the zone, which SQLite's type does not tell.
        script = re.sub(r"(created|started|left)_at DATETIME", r"\1_at TIMESTAMPTZ", script)
        script = script.replace("DATETIME", "TIMESTAMP")
    statements = (part.strip() for part in script.split(";"))
    with database.write() as connection:
        for statement in filter(None, statements):
            connection.execute(text(statement))
    return database


def differences(database: Database) -> list[object]:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def test_a_first_release_database_gets_this_release_s_tables_and_keeps_its_rows(
    released: Database,
) -> None:
    released.create_all()
    assert differences(released) == []
    with released.read() as connection:
        family = connection.execute(select(families)).one()
        product = connection.execute(select(products)).one()
    assert (family.name, family.brand, family.description) == ("Milk", "", "")
    assert (product.price, product.options, product.stock) == (249, None, None)


def test_an_empty_database_gets_this_release_s_tables(url: str) -> None:
    database = Database(url)
    database.create_all()
    assert differences(database) == []


def test_opening_it_again_does_no_more(released: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def unwanted(*_: object) -> None:
        raise AssertionError("migrated twice")

    released.create_all()
    monkeypatch.setattr(migrations, "_migrate", unwanted)
    released.create_all()


def test_two_openings_at_once_upgrade_it_once(released: Database, url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Database(url).create_all(), range(4)))
    assert differences(released) == []


def test_a_failed_upgrade_leaves_the_database_as_it_was(
    released: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object, **__: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(metadata, "create_all", full_disk)
        with pytest.raises(OSError, match="disk full"):
            released.create_all()
    released.create_all()
    assert differences(released) == []


def test_the_newest_revision_is_the_one_the_code_expects() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_heads() == [HEAD]
