"""Purchases written by hand or drawn by a seed, as the columns that ranking reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from assistant.catalog.completejourney.archive import DiscountedLines, PromotedWeek
from assistant.recommend.ranking.data import RankingData
from assistant.recommend.ranking.items import ItemTable
from assistant.recommend.ranking.log import Lines, PurchaseLog

START = date(2020, 1, 6)


@dataclass(frozen=True, slots=True)
class Line:
    """A bought line: shopper, days after START, product; minor units."""

    shopper: int
    day: int
    item: int
    spend: int = 100
    promoted: bool = False
    coupon: bool = False
    location: int = 0


def toy_items(
    count: int, *, kinds: Sequence[int] | None = None, categories: Sequence[int] | None = None
) -> ItemTable:
    """Make products p000, p001, ...; every third is own label; each is a kind of its own."""
    rows = np.arange(count, dtype=np.int32)
    category = rows // 3 if categories is None else np.array(categories, np.int32)
    names = tuple(f"p{row:03}" for row in rows)
    return ItemTable(
        product_ids=names,
        family_ids=tuple(f"f{row:03}" for row in rows),
        categories=tuple(f"c{row:03}" for row in range(int(category.max()) + 1)),
        family=rows,
        kind=rows if kinds is None else np.array(kinds, np.int32),
        category=category,
        own_label=rows % 3 == 0,
        volunteered=np.ones(count, np.bool_),
        price=100 + rows,
    )


def toy_log(lines: Iterable[Line], shoppers: int) -> PurchaseLog:
    """Gather lines; a shopper's lines of one day are one order."""
    found = sorted(lines, key=lambda line: (line.shopper, line.day, line.item))
    columns = np.array(
        [(one.shopper, one.day, one.item, one.spend, one.location) for one in found], np.int32
    ).reshape(-1, 5)
    orders = columns[:, 0] * 10_000 + columns[:, 1]
    _, order = np.unique(orders, return_inverse=True)
    lines_ = Lines(
        shopper=columns[:, 0],
        day=columns[:, 1] + START.toordinal(),
        order=order.astype(np.int32),
        item=columns[:, 2],
        quantity=np.ones(len(found), np.int32),
        spend=columns[:, 3],
        location=columns[:, 4],
        promoted=np.array([one.promoted for one in found], np.bool_),
        coupon=np.array([one.coupon for one in found], np.bool_),
    )
    return PurchaseLog(
        lines_,
        tuple(f"s{row}" for row in range(shoppers)),
        tuple(str(order) for order in np.unique(orders)),
        ("north",),
    )


@dataclass(frozen=True, slots=True)
class ToyArchive:
    """Promotes the same products in every week, at one location, by mailer."""

    promoted: Sequence[int]

    def week(self, day: date) -> PromotedWeek:
        """Return the week's promotions; every second week has none of the first product."""
        even = (day - START).days // 7 % 2 == 0
        chosen = [item for at, item in enumerate(self.promoted) if at or even]
        ones = np.ones(len(chosen), np.bool_)
        return PromotedWeek(
            np.array(["north"] * len(chosen), np.str_),
            np.array([f"p{item:03}" for item in chosen], np.str_),
            ones,
            ~ones,
        )

    def discounted(self) -> DiscountedLines:
        """Return nothing: toy lines carry their marks."""
        none = np.empty(0, np.str_)
        return DiscountedLines(none, none, np.empty(0, np.bool_), np.empty(0, np.bool_))

    def locations(self) -> dict[str, str]:
        """Return nothing: toy lines carry their locations."""
        return {}


def habitual_lines(shoppers: int, items: int, days: int, seed: int = 0) -> list[Line]:
    """Let each shopper buy three favourites weekly and something at random besides."""
    rng = np.random.default_rng(seed)
    lines = []
    for shopper in range(shoppers):
        favourites = rng.choice(items, 3, replace=False)
        for day in range(shopper % 7, days, 7):
            bought = {int(item) for item in favourites if rng.random() < 0.8}
            bought.add(int(rng.integers(items)))
            lines += [
                Line(shopper, day, item, 100 + 10 * item, promoted=item % 4 == 0) for item in bought
            ]
    return lines


def toy_data(shoppers: int = 80, items: int = 30, days: int = 150) -> RankingData:
    """Make a store of habitual shoppers with promotions."""
    return RankingData(
        toy_items(items),
        toy_log(habitual_lines(shoppers, items, days), shoppers),
        ToyArchive(range(0, items, 4)),
    )


def after(days: int) -> date:
    """Return the day so many days after START."""
    return START + timedelta(days=days)
