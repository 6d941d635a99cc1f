"""A copy of a database to run on, so that an evaluation leaves nobody's cart or chat changed."""

import sqlite3
from contextlib import closing
from pathlib import Path

from assistant.catalog.database import Database
from assistant.errors import ConfigurationError


def copied(database: Database, folder: Path) -> Database:
    """Copy a SQLite database as it is now into a folder; one that is in use is copied whole.

    Raises ConfigurationError for any other database.
    """
    path = folder / "copy.db"
    with database.read() as connection:
        source = connection.connection.driver_connection
        if not isinstance(source, sqlite3.Connection):
            raise ConfigurationError(
                "Evaluations run on a copy of an SQLite database; unset ASSISTANT_DATABASE_URL "
                "and `prepare` the store in a data home."
            )
        with closing(sqlite3.connect(path)) as target:
            source.backup(target)
    return Database(f"sqlite:///{path}")
