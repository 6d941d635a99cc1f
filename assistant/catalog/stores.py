"""Stores: what a shop is called, when its clock stands, and where its data comes from."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from assistant.catalog.order_schema import ORDER_TABLES
from assistant.catalog.schema import STORE_TABLES, stores
from assistant.errors import UnknownStore


@dataclass(frozen=True, slots=True)
class Store:
    """One shop.

    `clock` (aware) is the end of the store's data and moves with new orders; it drives history
    and promotions. `timezone` is the IANA zone times are shown in, `policy` the name of the
    policy text, `invented` whether purchases were made up rather than recorded.
    """

    name: str
    title: str
    currency: str
    clock: datetime
    timezone: str
    provenance: str
    invented: bool
    policy: str
    contact: str


def read_store(connection: Connection, name: str) -> Store:
    """Read one store; raises UnknownStore."""
    columns = [column for column in stores.c if column.name != "digest"]
    row = connection.execute(select(*columns).where(stores.c.name == name)).one_or_none()
    if row is None:
        raise UnknownStore(f"There is no store {name!r}; `prepare` or `import` it first.")
    return Store(**row._mapping)


def store_names(connection: Connection) -> tuple[str, ...]:
    """List the stores that are ready, by name."""
    return tuple(connection.scalars(select(stores.c.name).order_by(stores.c.name)))


def store_digest(connection: Connection, name: str) -> str | None:
    """Read the digest of what a store was loaded from; None where it is not there yet."""
    return connection.scalar(select(stores.c.digest).where(stores.c.name == name))


def replace_store(connection: Connection, store: Store, digest: str) -> None:
    """Remove all rows of a store and write its own row anew."""
    for table in STORE_TABLES + ORDER_TABLES:
        connection.execute(delete(table).where(table.c.store == store.name))
    connection.execute(delete(stores).where(stores.c.name == store.name))
    connection.execute(insert(stores).values(**asdict(store), digest=digest))
