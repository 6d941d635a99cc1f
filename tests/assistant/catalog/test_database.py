from pathlib import Path

import pytest
from sqlalchemy import insert, select

from assistant.catalog import database as database_module
from assistant.catalog.database import Database
from assistant.catalog.schema import shoppers
from assistant.errors import ConfigurationError

SHOPPER = {"store": "corner", "id": "1", "location": "north"}


def shopper_ids(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(shoppers.c.id)))


def test_what_is_written_can_be_read_by_another_process_s_connection(
    database: Database, tmp_path: Path
) -> None:
    with database.write() as connection:
        connection.execute(insert(shoppers), [SHOPPER])
    assert shopper_ids(Database(f"sqlite:///{tmp_path / 'shop.db'}")) == ["1"]


def test_an_error_rolls_the_whole_write_back(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as connection:
        connection.execute(insert(shoppers), [SHOPPER])
        raise RuntimeError("power cut")
    assert shopper_ids(database) == []


def test_reading_goes_on_while_another_writes(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(shoppers), [SHOPPER])
        assert shopper_ids(database) == []
    assert shopper_ids(database) == ["1"]


def test_a_reader_keeps_nothing(database: Database) -> None:
    with database.read() as connection:
        connection.execute(insert(shoppers), [SHOPPER])
    assert shopper_ids(database) == []


def test_a_second_writer_is_told_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0)
    first = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    first.create_all()
    second = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    with (
        first.write(),
        pytest.raises(ConfigurationError, match="in use by another process"),
        second.write(),
    ):
        pass


def test_a_full_disk_names_the_remedy(database: Database) -> None:
    with database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    rows = [{**SHOPPER, "id": str(n), "location": "x" * 1000} for n in range(1000)]
    with (
        pytest.raises(ConfigurationError, match="free some space"),
        database.write() as connection,
    ):
        connection.execute(insert(shoppers), rows)
    assert shopper_ids(database) == []


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    path.write_text("Dear diary, " * 200)
    with pytest.raises(ConfigurationError, match=r"shop\.db is not a database; move the file away"):
        Database(f"sqlite:///{path}").create_all()


def test_the_data_home_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'home' / 'shop.db'}")
    database.create_all()
    assert shopper_ids(database) == []


def test_a_data_home_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="set ASSISTANT_HOME"):
        Database(f"sqlite:///{tmp_path / 'file' / 'shop.db'}").create_all()


def test_a_url_that_is_none_is_explained() -> None:
    with pytest.raises(ConfigurationError, match="write it like"):
        Database("shop.db")


def test_a_driver_that_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError, match="driver for oracle"):
        Database("oracle+nonesuch://shop:secret@db/shop")


def test_messages_hide_the_password() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Database("oracle+nonesuch://shop:secret@db/shop")
    assert "secret" not in str(caught.value)


def test_sqlite_is_durable_and_shared(database: Database) -> None:
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        full = 2
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == full
