"""What ranking reads of a shopper and a product: one row of columns for each pair.

Nothing here reads a line of the day of the cut or later, nor any discount of a bought line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from assistant.recommend.ranking.columns import Floats, Ints
from assistant.recommend.ranking.habits import (
    FADES,
    NAMES,
    NEVER,
    Events,
    Habit,
    habit_columns,
    habit_of,
)
from assistant.recommend.ranking.items import ItemTable
from assistant.recommend.ranking.shelf import Shelf

LEVELS = ("item", "family", "kind", "category")
_SHELF = (
    "buyers",
    "month",
    "quarter",
    "trend",
    "repeats",
    "age",
    "price",
    "price_in_category",
    "own_label",
    "category_buyers",
)
_SHOPPER = (
    "trips",
    "days_since_trip",
    "trip_gap",
    "trip_lines",
    "own_label_share",
    "own_label_fit",
    "price_level",
    "price_fit",
)
_COLLABORATIVE = ("likeness", "votes", "votes_lift", "last_drawn")
_SHARES = ("share_of_family", "share_of_kind", "share_of_category")
_PROMOTION = (
    "mailer",
    "display",
    "mailer_share",
    "display_share",
    "item_promoted",
    "shopper_promoted",
    "shopper_on_offer",
)
_TEXT = ("text_fit", "text_cart")
_CONTEXT = ("drawn", "in_cart_kind", "in_cart_category", "cart_size", "found_rank")

GROUPS: dict[str, tuple[str, ...]] = {
    "habit": tuple(f"{level}_{name}" for level in LEVELS for name in NAMES) + _SHARES,
    "shopper": _SHOPPER,
    "shelf": _SHELF,
    "collaborative": _COLLABORATIVE,
    "promotion": _PROMOTION,
    "text": _TEXT,
    "context": _CONTEXT,
}
COLUMNS: tuple[str, ...] = tuple(name for names in GROUPS.values() for name in names)
RECENCY = COLUMNS.index("item_log_recency")
_FADE = NAMES.index("fade_95")


@dataclass(frozen=True, slots=True)
class Context:
    """What the moment adds to each pair, a value a pair.

    `likeness` and `votes` come from the shopper's view, `drawn` from the cart, `last_drawn` from
    the last trip; `found_rank` is the place in a search from 0, -1 outside one.
    """

    likeness: Floats
    votes: Floats
    drawn: Floats
    last_drawn: Floats
    in_cart_kind: Floats
    in_cart_category: Floats
    text_cart: Floats
    cart_size: Floats
    found_rank: Floats
    location: Ints
    promoted: Floats

    def part(self, rows: slice) -> "Context":
        """Return some pairs' values."""
        return Context(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def joined(contexts: Sequence[Context]) -> Context:
    """Join the values of several lists, one at least."""
    return Context(
        **{f.name: np.concatenate([getattr(c, f.name) for c in contexts]) for f in fields(Context)}
    )


@dataclass(frozen=True, slots=True)
class Habits:
    """Shoppers' habits at all levels, and their means; `taste` is [shoppers, categories]."""

    events: Events
    levels: tuple[Habit, ...]
    lines: Floats
    own_label: Floats
    price: Floats
    taste: Floats


def habits_of(items: ItemTable, shelf: Shelf, events: Events) -> Habits:
    """Gather the habits of the shoppers of some events."""
    shoppers = len(events.trips)
    lines = np.maximum(np.bincount(events.shopper, minlength=shoppers), 1)
    own = np.bincount(events.shopper, items.own_label[events.item], shoppers)
    price = np.bincount(events.shopper, np.log1p(shelf.price[events.item]), shoppers)
    levels = tuple(habit_of(events, group, width) for group, width in _groups(items))
    return Habits(
        events,
        levels,
        (lines / np.maximum(events.trips, 1)).astype(np.float32),
        ((own + 3.0) / (lines + 10.0)).astype(np.float32),
        (price / lines).astype(np.float32),
        _taste(shelf, levels[-1], shoppers),
    )


def _taste(shelf: Shelf, habit: Habit, shoppers: int) -> Floats:
    """Return the mean nearness of each category's label to what each shopper buys."""
    if not len(shelf.nearness):
        return np.zeros((shoppers, 0), np.float32)
    bought = np.zeros((shoppers, habit.width), np.float32)
    bought[np.divmod(habit.keys, habit.width)] = np.log1p(habit.fades[:, FADES.index(0.95)])
    bought /= np.maximum(bought.sum(axis=1, keepdims=True), 1e-6)
    taste: Floats = bought @ shelf.nearness
    return taste


def pair_columns(
    items: ItemTable, shelf: Shelf, habits: Habits, shopper: Ints, item: Ints, context: Context
) -> Floats:
    """Return `COLUMNS` for pairs of a shopper, a row of `habits`, and an item; [pairs, columns]."""
    groups = [group for group, _ in _groups(items)]
    levels = [
        habit_columns(habits.events, habit, shopper, group[item])
        for habit, group in zip(habits.levels, groups, strict=True)
    ]
    return np.hstack(
        [
            *levels,
            _shares(levels),
            _shopper_columns(items, shelf, habits, shopper, item),
            _shelf_columns(items, shelf, item),
            _collaborative(shelf, item, context),
            _promotion(shelf, item, context, levels[0]),
            _text(items, shelf, habits, shopper, item, context),
            _context(context),
        ]
    ).astype(np.float32)


def _groups(items: ItemTable) -> tuple[tuple[Ints, int], ...]:
    return (
        (np.arange(len(items), dtype=np.int32), len(items)),
        (items.family, len(items.family_ids)),
        (items.kind, items.kinds),
        (items.category, len(items.categories)),
    )


def _shares(levels: list[Floats]) -> Floats:
    """Return the product's share of what is bought of its family, kind and category."""
    own = levels[0][:, _FADE]
    return np.column_stack([own / (level[:, _FADE] + 0.1) for level in levels[1:]])


def _shopper_columns(
    items: ItemTable,
    shelf: Shelf,
    habits: Habits,
    shopper: Ints,
    item: Ints,
) -> Floats:
    events = habits.events
    trips = np.maximum(events.trips[shopper], 1)
    lasted = events.last_day[shopper] - events.first_day[shopper]
    price = np.log1p(shelf.price[item])
    own = np.where(items.own_label[item], 1.0, -1.0)
    return np.column_stack(
        [
            np.log1p(events.trips[shopper]),
            np.log1p(events.day - events.last_day[shopper]),
            np.log1p(lasted / np.maximum(trips - 1, 1)),
            np.log1p(habits.lines[shopper]),
            habits.own_label[shopper],
            own * (habits.own_label[shopper] - 0.3),
            habits.price[shopper],
            price - habits.price[shopper],
        ]
    )


def _shelf_columns(items: ItemTable, shelf: Shelf, item: Ints) -> Floats:
    price = np.log1p(shelf.price[item])
    month, quarter = np.log1p(shelf.month[item]), np.log1p(shelf.quarter[item])
    return np.column_stack(
        [
            np.log1p(shelf.buyers[item]),
            month,
            quarter,
            month - quarter,
            np.log1p(shelf.repeats[item]),
            np.log1p(shelf.day - shelf.since[item]),
            price,
            price - shelf.category_price[items.category[item]],
            items.own_label[item],
            shelf.category_buyers[items.category[item]],
        ]
    )


def _collaborative(shelf: Shelf, item: Ints, context: Context) -> Floats:
    votes = np.log(context.votes + 1e-4)
    popular = np.log1p(shelf.buyers[item])
    return np.column_stack([context.likeness, votes, votes - popular, np.log1p(context.last_drawn)])


def _promotion(shelf: Shelf, item: Ints, context: Context, own: Floats) -> Floats:
    mailer, display = shelf.offers.placed(context.location, item)
    offered = (mailer | display).astype(np.float32)
    return np.column_stack(
        [
            mailer,
            display,
            shelf.offers.mailer_share[item],
            shelf.offers.display_share[item],
            shelf.item_promoted[item],
            context.promoted,
            offered * (own[:, 0] - np.log(NEVER)),
        ]
    )


def _context(context: Context) -> Floats:
    return np.column_stack(
        [
            np.log1p(context.drawn),
            context.in_cart_kind,
            context.in_cart_category,
            np.log1p(context.cart_size),
            np.where(context.found_rank < 0, 0.0, 1 / (1 + np.maximum(context.found_rank, 0) / 10)),
        ]
    )


def _text(
    items: ItemTable, shelf: Shelf, habits: Habits, shopper: Ints, item: Ints, context: Context
) -> Floats:
    """Return how near a category's label is to those that the shopper buys, and to the cart's."""
    category = items.category[item]
    fit = habits.taste[shopper, category] if len(shelf.nearness) else np.zeros(len(item))
    return np.column_stack([fit, context.text_cart])
