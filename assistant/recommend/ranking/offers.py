"""One week's promotions by location and product."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from assistant.catalog.database import Database
from assistant.catalog.schema import promotions
from assistant.recommend.ranking.columns import Flags, Floats, Ints, Longs, codes, find, pair_keys
from assistant.recommend.ranking.items import ItemTable
from assistant.recommend.ranking.log import UNKNOWN


@dataclass(frozen=True, slots=True)
class Offers:
    """Promotions of a week; `keys` number location and item, ascending.

    `mailer` and `display` stand beside the keys; `mailer_share` and `display_share` give each
    item's share of the locations. `location_ids` names the locations.
    """

    location_ids: tuple[str, ...]
    keys: Longs
    mailer: Flags
    display: Flags
    mailer_share: Floats
    display_share: Floats

    def row_of(self, location: str | None) -> int:
        """Return a location's row, -1 for none or one without promotions."""
        known = {name: row for row, name in enumerate(self.location_ids)}
        return known.get(location or "", UNKNOWN)

    def items_at(self, location: int) -> Ints:
        """Return the items promoted at a location; without one, in most locations' mailers."""
        width = len(self.mailer_share)
        if location == UNKNOWN:
            return np.flatnonzero(self.mailer_share >= 0.5).astype(np.int32)
        start, end = np.searchsorted(self.keys, [location * width, (location + 1) * width])
        return (self.keys[start:end] - location * width).astype(np.int32)

    def placed(self, location: Ints, item: Ints) -> tuple[Flags, Flags]:
        """Tell for pairs of location and item whether they are in the mailer and on display."""
        at = find(self.keys, pair_keys(location, item, len(self.mailer_share)))
        known = (at >= 0) & (location != UNKNOWN)
        if not len(self.keys):
            return known, known.copy()
        return known & self.mailer[at], known & self.display[at]


def offers_of(
    items: ItemTable,
    locations: Sequence[str],
    product_ids: Sequence[str],
    mailer: Flags,
    display: Flags,
) -> Offers:
    """Gather promotions, a row each of a location and a product; unknown products are left out."""
    rows = np.array([items.row_of.get(product, -1) for product in product_ids], np.int64)
    kept = rows >= 0
    location, location_ids = codes(
        [place for place, keep in zip(locations, kept, strict=True) if keep]
    )
    keys, inverse = np.unique(pair_keys(location, rows[kept], len(items)), return_inverse=True)
    flags = np.zeros((2, len(keys)), np.bool_)
    np.logical_or.at(flags[0], inverse, mailer[kept])
    np.logical_or.at(flags[1], inverse, display[kept])
    item = keys % max(len(items), 1)
    count = max(len(location_ids), 1)
    shares = [np.bincount(item, flag, len(items)) / count for flag in flags]
    return Offers(
        location_ids,
        keys,
        flags[0],
        flags[1],
        shares[0].astype(np.float32),
        shares[1].astype(np.float32),
    )


def read_offers(database: Database, store: str, items: ItemTable) -> Offers:
    """Read the promotions that stand in a store now."""
    query = select(promotions.c.location, promotions.c.product_id, promotions.c.placement).where(
        promotions.c.store == store
    )
    with database.read() as connection:
        rows = connection.execute(query).all()
    placement = np.array([row.placement for row in rows], np.str_)
    return offers_of(
        items,
        [row.location for row in rows],
        [row.product_id for row in rows],
        placement == "mailer",
        placement == "display",
    )
