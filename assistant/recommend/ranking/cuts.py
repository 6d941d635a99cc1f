"""Cuts in time: what was known before a day, and what each shopper bought first from it on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from assistant.recommend.ranking.columns import Flags, Ints, pair_keys
from assistant.recommend.ranking.log import Lines, PurchaseLog

WINDOW = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Truth:
    """What shoppers bought on their first day of shopping; rows by shopper, then item.

    `spend` is in minor units; `discounted` tells that a line was promoted or paid by a coupon.
    """

    shopper: Ints
    item: Ints
    spend: Ints
    discounted: Flags

    def of(self, shopper: int) -> slice:
        """Return the rows of one shopper."""
        start, end = np.searchsorted(self.shopper, [shopper, shopper + 1])
        return slice(int(start), int(end))


@dataclass(frozen=True, slots=True)
class Cut:
    """One moment: everything before `day`, and the truth from it on.

    `shoppers` are those with both. Features may read `before` only.
    """

    day: date
    before: Lines
    truth: Truth
    shoppers: Ints


def cut_at(log: PurchaseLog, day: date, window: timedelta = WINDOW) -> Cut:
    """Cut a store's purchases at midnight before a local day."""
    before = log.lines.before(day)
    truth = _first_days(log.lines.between(day, day + window))
    both = np.intersect1d(before.shopper, truth.shopper)
    return Cut(day, before, truth, both.astype(np.int32))


def training_days(last: date, count: int, step: timedelta, first: date) -> Sequence[date]:
    """Return the days to cut at, latest first, whose windows all close before `last`."""
    days = [last - WINDOW - step * at for at in range(count)]
    return tuple(day for day in days if day >= first)


def _first_days(later: Lines) -> Truth:
    """Gather each shopper's first day; lines are in order of shopper and day."""
    shoppers, start = np.unique(later.shopper, return_index=True)
    first = np.zeros(int(later.shopper.max(initial=-1)) + 1, np.int32)
    first[shoppers] = later.day[start]
    day = later.where(later.day == first[later.shopper]) if len(later) else later
    width = int(day.item.max(initial=0)) + 1
    keys, rows, inverse = np.unique(
        pair_keys(day.shopper, day.item, width), return_index=True, return_inverse=True
    )
    discounted = np.zeros(len(keys), np.bool_)
    np.logical_or.at(discounted, inverse, day.promoted | day.coupon)
    return Truth(
        day.shopper[rows],
        day.item[rows],
        np.bincount(inverse, day.spend, len(keys)).astype(np.int32),
        discounted,
    )
