"""Brings a database of an earlier release up to this one's tables.

A table that is new is simply made. A table that changed needs a revision in `versions`, run by
alembic; a test holds what comes out against the tables of the code.
"""

from pathlib import Path

from sqlalchemy import Connection, MetaData, inspect, text

HEAD = "0002"
_FIRST = "0001"
_FOLDER = Path(__file__).parent


def bring_up_to_date(connection: Connection, metadata: MetaData) -> None:
    """Make the missing tables and change the older ones, within the caller's write transaction."""
    revision = _revision(connection)
    if revision != HEAD:
        _migrate(connection, revision)
    metadata.create_all(connection)


def _revision(connection: Connection) -> str | None:
    """Return the database's revision; the first for one that was never marked, None if empty."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found
    return _FIRST if "stores" in tables else None


def _migrate(connection: Connection, revision: str | None) -> None:
    # Imported here, since a database that is up to date needs none of it.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    if revision is None:
        command.stamp(config, "head")
        return
    if revision == _FIRST:
        command.stamp(config, _FIRST)
    command.upgrade(config, "head")
