"""A store's shelf as of its clock, kept as one immutable file per store content."""

import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from assistant.errors import CheckpointError, NotPrepared
from assistant.recommend.ranking.factors import Factors
from assistant.recommend.ranking.items import ItemTable
from assistant.recommend.ranking.offers import Offers
from assistant.recommend.ranking.shelf import Shelf

# Part of the file's name: raise it when the content's meaning changes.
FORMAT = 1
_BROKEN = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error)
_TABLE = ("family", "kind", "category", "own_label", "volunteered", "price")
_LABELS = ("product_ids", "family_ids", "categories")
_COLUMNS = (
    "buyers",
    "month",
    "quarter",
    "repeats",
    "price",
    "since",
    "item_promoted",
    "category_price",
    "category_buyers",
    "promoted",
)
_OFFERS = ("keys", "mailer", "display", "mailer_share", "display_share")
# Half precision does for what only ever enters a logarithm or a sum of a few.
_HALVED = ("pull", "nearness")

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class KeptShelf:
    """A shelf with its items and the shoppers that its rows are of."""

    items: ItemTable
    shelf: Shelf
    shopper_ids: tuple[str, ...]


def shelf_path(directory: Path, digest: str) -> Path:
    """Return the file of a store's content."""
    return directory / f"shelf-{FORMAT}-{digest[:16]}.npz"


def save_shelf(kept: KeptShelf, path: Path) -> None:
    """Write a shelf beside its place and move it there."""
    items, shelf = kept.items, kept.shelf
    arrays: dict[str, NDArray[Any]] = {
        name: np.array(getattr(items, name), np.str_) for name in _LABELS
    }
    arrays |= {name: getattr(items, name) for name in _TABLE}
    arrays |= {f"shelf_{name}": getattr(shelf, name) for name in _COLUMNS}
    arrays |= {f"shelf_{name}": getattr(shelf, name).astype(np.float16) for name in _HALVED}
    arrays |= {f"offers_{name}": getattr(shelf.offers, name) for name in _OFFERS}
    arrays |= {
        "shopper_ids": np.array(kept.shopper_ids, np.str_),
        "location_ids": np.array(shelf.offers.location_ids, np.str_),
        "day": np.array(shelf.day),
        "factors": shelf.factors.items,
        "gram": shelf.factors.gram,
        "habits_data": shelf.habits.data,
        "habits_indices": shelf.habits.indices,
        "habits_indptr": shelf.habits.indptr,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}.part")
    with half.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    half.replace(path)


def open_shelf(path: Path) -> KeptShelf:
    """Load a shelf; raises NotPrepared where it is absent and CheckpointError where broken."""
    if not path.exists():
        raise NotPrepared("The ranking's statistics are absent; run `python -m assistant prepare`.")
    try:
        with np.load(path, allow_pickle=False) as kept:
            return _read({name: kept[name] for name in kept.files})
    except _BROKEN as error:
        raise CheckpointError(
            f"{path} is broken; remove it and run `python -m assistant prepare`."
        ) from error


def _read(kept: Arrays) -> KeptShelf:
    labels = [tuple(kept[name].tolist()) for name in _LABELS]
    items = ItemTable(labels[0], labels[1], labels[2], *(kept[name] for name in _TABLE))
    offers = Offers(
        tuple(kept["location_ids"].tolist()), *(kept[f"offers_{name}"] for name in _OFFERS)
    )
    shape = (len(kept["habits_indptr"]) - 1, len(items))
    parts = (kept["habits_data"], kept["habits_indices"], kept["habits_indptr"])
    columns = {name: kept[f"shelf_{name}"] for name in _COLUMNS}
    columns |= {name: kept[f"shelf_{name}"].astype(np.float32) for name in _HALVED}
    shelf = Shelf(
        day=int(kept["day"]),
        factors=Factors(kept["factors"], kept["gram"]),
        habits=csr_array(parts, shape=shape),
        offers=offers,
        **columns,
    )
    return KeptShelf(items, shelf, tuple(kept["shopper_ids"].tolist()))
