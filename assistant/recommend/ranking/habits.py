"""Habits: how recently, how often and in what rhythm shoppers bought something.

The same columns serve one shopper now and all shoppers before a cut.
"""

from dataclasses import dataclass

import numpy as np

from assistant.recommend.ranking.columns import Floats, Ints, Longs, find, pair_keys

FADES = (0.8, 0.9, 0.95, 0.98)
# Stands for "never" in the logarithm of recency: a little below one purchase fifty trips ago.
NEVER = 0.02
_LONG_AGO = 365.0
_MOST_DUE = 4.0
NAMES: tuple[str, ...] = (
    "log_recency",
    *(f"fade_{round(100 * fade)}" for fade in FADES),
    "count",
    "rate",
    "days_since",
    "trips_since",
    "gap",
    "due",
)


@dataclass(frozen=True, slots=True)
class Events:
    """Purchases of some shoppers before `day`; a trip is a day of shopping, `ago` counts from 0.

    `shopper` is a row of `trips` (how many), `last_day` and `first_day`.
    """

    day: int
    shopper: Ints
    item: Ints
    on: Ints
    ago: Ints
    spend: Ints
    trips: Ints
    first_day: Ints
    last_day: Ints


@dataclass(frozen=True, slots=True)
class Habit:
    """By shopper and group (product, family, kind or category), ascending in `keys`.

    `fades` [n, 4] sums what each trip weighs; `count` is in trips, `spend` in minor units.
    """

    width: int
    keys: Longs
    fades: Floats
    count: Ints
    first_ago: Ints
    last_ago: Ints
    first_on: Ints
    last_on: Ints
    spend: Longs


def events_of(shopper: Ints, item: Ints, on: Ints, spend: Ints, shoppers: int, day: int) -> Events:
    """Number each shopper's trips; rows are in order of shopper and day, all before `day`."""
    if len(on) and int(on.max()) >= day:
        raise ValueError("A purchase of the day itself or later is no history.")
    pairs, inverse = np.unique(pair_keys(shopper, on, 1 << 22), return_inverse=True)
    owner = (pairs >> 22).astype(np.int32)
    trips = np.bincount(owner, minlength=shoppers).astype(np.int32)
    ends = np.cumsum(trips)
    ago = ends[owner] - 1 - np.arange(len(pairs))
    days = (pairs & ((1 << 22) - 1)).astype(np.int32)
    first, last = (np.full(shoppers, day, np.int32) for _ in range(2))
    has = trips > 0
    first[has] = days[(ends - trips)[has]]
    last[has] = days[ends[has] - 1]
    return Events(day, shopper, item, on, ago[inverse].astype(np.int32), spend, trips, first, last)


def habit_of(events: Events, group: Ints, width: int) -> Habit:
    """Gather events by a group of the items; a group counts once a trip."""
    groups = group[events.item]
    pairs = pair_keys(events.shopper, groups, width)
    by = np.lexsort((events.ago, pairs))
    pairs, ago = pairs[by], events.ago[by]
    keys, start, inverse = np.unique(pairs, return_index=True, return_inverse=True)
    new = np.ones(len(pairs), np.bool_)
    new[1:] = (pairs[1:] != pairs[:-1]) | (ago[1:] != ago[:-1])
    fades = [np.bincount(inverse, np.where(new, fade**ago, 0.0), len(keys)) for fade in FADES]
    end = np.append(start[1:], len(pairs)) - 1 if len(keys) else start
    return Habit(
        width,
        keys,
        np.stack(fades, axis=1).astype(np.float32),
        np.bincount(inverse, new, len(keys)).astype(np.int32),
        ago[end],
        ago[start],
        events.on[by][end],
        events.on[by][start],
        np.bincount(inverse, events.spend[by], len(keys)).astype(np.int64),
    )


def habit_columns(events: Events, habit: Habit, shopper: Ints, group: Ints) -> Floats:
    """Return the columns `NAMES` of pairs of a shopper and a group, [pairs, columns]."""
    columns = np.zeros((len(shopper), len(NAMES)), np.float32)
    columns[:, 0] = np.log(NEVER)
    columns[:, 7] = np.log1p(_LONG_AGO)
    columns[:, 8] = np.log1p(_LONG_AGO)
    columns[:, 9] = np.log1p(_LONG_AGO)
    at = find(habit.keys, pair_keys(shopper, group, habit.width))
    known = np.flatnonzero(at >= 0)
    columns[known] = _known_columns(events, habit, at[known])
    return columns


def _known_columns(events: Events, habit: Habit, at: Longs) -> Floats:
    fades, count = habit.fades[at], habit.count[at].astype(np.float32)
    since = (events.day - habit.last_on[at]).astype(np.float32)
    # Who bought something once only may come back to it after as long as they have stayed away.
    lasted = (habit.last_on[at] - habit.first_on[at]).astype(np.float32)
    gap = np.where(count > 1, lasted / np.maximum(count - 1, 1), np.maximum(2 * since, 28.0))
    gap = np.maximum(gap, 1.0)
    return np.column_stack(
        [
            np.log(fades[:, 2] + NEVER),
            fades,
            np.log1p(count),
            count / (habit.first_ago[at] + 1.0),
            np.log1p(since),
            np.log1p(habit.last_ago[at].astype(np.float32)),
            np.log1p(gap),
            np.minimum(since / gap, _MOST_DUE),
        ]
    ).astype(np.float32)
