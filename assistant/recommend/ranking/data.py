"""All that ranking heads are fitted on: a store's purchases, and its promotions by week."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

import numpy as np

from assistant.catalog.completejourney.archive import DiscountedLines, PromotedWeek
from assistant.catalog.database import Database
from assistant.catalog.stores import Store
from assistant.recommend.ranking.columns import Floats
from assistant.recommend.ranking.cuts import Cut, cut_at
from assistant.recommend.ranking.items import ItemTable, read_items
from assistant.recommend.ranking.lists import Scene, scene_of
from assistant.recommend.ranking.log import PurchaseLog, discounted, located, read_log
from assistant.recommend.ranking.offers import Offers, offers_of
from assistant.recommend.ranking.shelf import NO_VECTORS, shelf_of
from assistant.recommend.ranking.shelf_file import KeptShelf


class Archive(Protocol):
    """What a store records of its promotions over time."""

    def week(self, day: date) -> PromotedWeek:
        """Return the promotions of the week that a day lies in."""
        ...

    def discounted(self) -> DiscountedLines:
        """Return the lines that were bought on promotion or coupon."""
        ...

    def locations(self) -> Mapping[str, str]:
        """Return the location of every order, by order id."""
        ...


@dataclass(frozen=True, slots=True)
class RankingData:
    """A store's items and purchases; without an archive nothing is known of promotions.

    `nearness` [categories, categories] is the cosine of the categories' labels.
    """

    items: ItemTable
    log: PurchaseLog
    archive: Archive | None
    nearness: Floats = field(default_factory=lambda: NO_VECTORS)

    def scene(self, day: date) -> Scene:
        """Cut at a day: everything before it, read with the promotions of its week."""
        return self.scene_at(cut_at(self.log, day))

    def scene_at(self, cut: Cut) -> Scene:
        """Read what a cut's lists are made of."""
        shoppers = len(self.log.shopper_ids)
        offers = self.offers(cut.day)
        shelf = shelf_of(
            self.items, cut.before, shoppers, cut.day.toordinal(), offers, self.nearness
        )
        scene = scene_of(self.items, cut, shelf, shoppers, len(self.log.location_ids) + 1)
        # A location's row in the log is not its row among the week's offers.
        row = [offers.row_of(name) for name in self.log.location_ids]
        return replace(scene, homes=np.array([*row, -1], np.int32)[scene.homes])

    def shelf_now(self, day: date, offers: Offers) -> KeptShelf:
        """Gather everything before a day for serving, with the promotions that stand."""
        shoppers = len(self.log.shopper_ids)
        before = self.log.lines.before(day)
        shelf = shelf_of(self.items, before, shoppers, day.toordinal(), offers, self.nearness)
        return KeptShelf(self.items, shelf, self.log.shopper_ids)

    def offers(self, day: date) -> Offers:
        """Return the promotions of the week that a day lies in; none without an archive."""
        if self.archive is None:
            none = np.empty(0, np.bool_)
            return offers_of(self.items, (), (), none, none)
        week = self.archive.week(day)
        return offers_of(
            self.items,
            week.locations.tolist(),
            week.product_ids.tolist(),
            week.mailer,
            week.display,
        )


def read_data(
    database: Database,
    store: Store,
    archive: Archive | None,
    nearness: Callable[[Sequence[str]], Floats],
) -> RankingData:
    """Read a store's purchases, with where and how they were promoted if that is recorded.

    `nearness` gives the cosine of labels, [labels, labels].
    """
    items = read_items(database, store.name)
    log = read_log(database, store, items)
    if archive is not None:
        lines = archive.discounted()
        log = discounted(located(log, archive.locations()), items, lines)
    return RankingData(items, log, archive, nearness(items.categories))
