"""Which families were bought together and by whom: one immutable file per store content."""

import os
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sqlalchemy import Connection, func, select

from assistant.catalog.database import Database
from assistant.catalog.schema import families, order_lines, orders, products
from assistant.catalog.stores import Store, store_digest
from assistant.errors import CheckpointError, NotPrepared

Progress = Callable[[str, float | None], None]

# Part of the file's name: raise it when the content's meaning changes.
FORMAT = 1
_LABEL = "Counting what is bought together"
_ROWS = 50_000
# All that numpy raises for a file that is cut off, altered or something else.
_BROKEN = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, slots=True)
class PurchaseStatistics:
    """Purchases of a whole store.

    `baskets` is a basket x family matrix of ones; `shopper_of[b]` is the row, in a shopper x
    family matrix, of the shopper of basket b. `family_ids` and `categories` name the columns.
    """

    family_ids: tuple[str, ...]
    categories: tuple[str, ...]
    shopper_of: NDArray[np.int32]
    baskets: csr_array

    def by_shopper(self) -> csr_array:
        """Return how many of a shopper's baskets held a family, shopper x family."""
        count = self.baskets.shape[0]
        shoppers = int(self.shopper_of.max(initial=-1)) + 1
        ones = np.ones(count, np.float32)
        membership = csr_array((ones, (self.shopper_of, np.arange(count))), shape=(shoppers, count))
        return csr_array(membership @ self.baskets)


def build_statistics(database: Database, store: Store, directory: Path, progress: Progress) -> Path:
    """Count a store's purchases and keep them in `directory`; return the file at once if there.

    Raises NotPrepared for a store that is not in the database.
    """
    with database.read() as connection:
        target = _file(connection, store, directory)
        if target.exists():
            return target
        statistics = _count(connection, store.name, progress)
    directory.mkdir(parents=True, exist_ok=True)
    _save(statistics, target)
    progress(_LABEL, 1.0)
    return target


def open_statistics(database: Database, store: Store, directory: Path) -> PurchaseStatistics:
    """Load what `build_statistics` kept; raises NotPrepared or CheckpointError."""
    with database.read() as connection:
        source = _file(connection, store, directory)
    if not source.exists():
        raise NotPrepared(
            f"Store {store.name!r} has no purchase statistics; run `python -m assistant prepare`."
        )
    try:
        return _load(source)
    except _BROKEN as error:
        raise CheckpointError(
            f"{source} is broken; remove it and run `python -m assistant prepare`."
        ) from error


def _file(connection: Connection, store: Store, directory: Path) -> Path:
    digest = store_digest(connection, store.name)
    if digest is None:
        raise NotPrepared(f"Store {store.name!r} is not there; run `python -m assistant prepare`.")
    return directory / f"purchases-{FORMAT}-{digest[:16]}.npz"


def _count(connection: Connection, store: str, progress: Progress) -> PurchaseStatistics:
    named = connection.execute(
        select(families.c.id, families.c.category)
        .where(families.c.store == store)
        .order_by(families.c.id)
    ).all()
    owners = connection.execute(
        select(orders.c.id, orders.c.shopper_id)
        .where(orders.c.store == store)
        .order_by(orders.c.id)
    ).all()
    rows = {row.id: at for at, row in enumerate(owners)}
    column_of = {row.id: at for at, row in enumerate(named)}
    columns = {
        product_id: column_of[family_id]
        for product_id, family_id in connection.execute(
            select(products.c.id, products.c.family_id).where(products.c.store == store)
        )
    }
    shoppers = {name: at for at, name in enumerate(sorted({row.shopper_id for row in owners}))}
    cells = _cells(connection, store, rows, columns, progress)
    return PurchaseStatistics(
        tuple(column_of),
        tuple(row.category for row in named),
        np.array([shoppers[row.shopper_id] for row in owners], np.int32),
        _ones(cells, (len(rows), len(named))),
    )


def _cells(
    connection: Connection,
    store: str,
    rows: Mapping[str, int],
    columns: Mapping[str, int],
    progress: Progress,
) -> NDArray[np.int64]:
    """Return row and column of each order line, [lines, 2]; lines of dropped products left out."""
    here = order_lines.c.store == store
    total = connection.scalar(select(func.count()).select_from(order_lines).where(here)) or 0
    query = select(order_lines.c.order_id, order_lines.c.product_id).where(here)
    parts: list[NDArray[np.int64]] = [np.empty((0, 2), np.int64)]
    done = 0
    for part in connection.execute(query).partitions(_ROWS):
        cells = [(rows[order], columns[item]) for order, item in part if item in columns]
        parts.append(np.array(cells, np.int64).reshape(-1, 2))
        done += len(part)
        progress(_LABEL, done / max(total, done))
    return np.concatenate(parts)


def _ones(cells: NDArray[np.int64], shape: tuple[int, int]) -> csr_array:
    flat = np.unique(cells[:, 0] * max(shape[1], 1) + cells[:, 1])
    at = np.divmod(flat, max(shape[1], 1))
    return csr_array((np.ones(len(flat), np.float32), at), shape=shape)


def _save(statistics: PurchaseStatistics, target: Path) -> None:
    # Written beside its place and moved there, so that a broken-off run leaves nothing half done.
    half = target.with_suffix(f".{os.getpid()}.part")
    with half.open("wb") as file:
        np.savez_compressed(
            file,
            family_ids=np.array(statistics.family_ids, np.str_),
            categories=np.array(statistics.categories, np.str_),
            shopper_of=statistics.shopper_of,
            indices=statistics.baskets.indices.astype(np.int32),
            indptr=statistics.baskets.indptr.astype(np.int32),
        )
    half.replace(target)


def _load(source: Path) -> PurchaseStatistics:
    with np.load(source, allow_pickle=False) as kept:
        names = tuple(kept["family_ids"].tolist())
        indices, indptr = kept["indices"], kept["indptr"]
        ones = np.ones(len(indices), np.float32)
        return PurchaseStatistics(
            names,
            tuple(kept["categories"].tolist()),
            kept["shopper_of"],
            csr_array((ones, indices, indptr), shape=(len(indptr) - 1, len(names))),
        )
