"""Ranks one shopper's candidates with fitted heads: no language model, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from assistant.recommend.history import Purchase
from assistant.recommend.ranking.columns import Floats, Ints, Longs
from assistant.recommend.ranking.habits import Events, events_of
from assistant.recommend.ranking.heads import Heads
from assistant.recommend.ranking.lists import context_of, known_items, last_trip
from assistant.recommend.ranking.log import UNKNOWN, local_day
from assistant.recommend.ranking.pairs import Habits, habits_of, pair_columns
from assistant.recommend.ranking.pool import candidates
from assistant.recommend.ranking.scalarisation import (
    DEFAULT_WEIGHTS,
    Constraints,
    Offerings,
    choose,
    lifted_by,
)
from assistant.recommend.ranking.shelf_file import KeptShelf
from assistant.recommend.ranking.view import View, view_of, with_cart
from assistant.recommend.scenarios import Objective, Scenario


@dataclass(frozen=True, slots=True)
class Moment:
    """What a ranking is made for; ids are the store's, `cart` and `found` hold product ids.

    `found` are a search's products, best first. `shopper_vector` comes from a language model.
    """

    shopper_id: str | None
    scenario: Scenario
    purchases: Sequence[Purchase] = ()
    location: str | None = None
    cart: Sequence[str] = ()
    found: Sequence[str] = ()
    shopper_vector: Floats | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A product with its calibrated objectives and the one that lifted it, if any."""

    product_id: str
    family_id: str
    scores: Mapping[Objective, float]
    lifted_by: Objective | None


@dataclass(frozen=True, slots=True)
class Wish:
    """How a list is put together from the objectives."""

    weights: Mapping[Objective, float] = field(default_factory=lambda: DEFAULT_WEIGHTS)
    constraints: Constraints = field(default_factory=Constraints)


class Ranker:
    """Ranks the products of one store."""

    def __init__(self, kept: KeptShelf, heads: Heads, zone: ZoneInfo) -> None:
        self._items = kept.items
        self._shelf = kept.shelf
        self._heads = heads
        self._zone = zone
        self._row_of = {name: row for row, name in enumerate(kept.shopper_ids)}
        self._category = heads.category_rows(kept.items.categories)[kept.items.category]

    @cached_property
    def objectives(self) -> tuple[Objective, ...]:
        """The objectives that are scored, in their order."""
        return self._heads.card.objectives

    def rank(self, moment: Moment, wish: Wish, k: int) -> tuple[Ranked, ...]:
        """Return at most k products, best first, one per kind, none of the cart.

        Reminders and searches show one product per family.
        """
        habits = self._habits(moment)
        view = self._view(moment, habits)
        item = self._pool(moment, view)
        values = self._values(moment, habits, view, item)
        offerings = self._offerings(moment.scenario, item, values, wish)
        best = self._best_of_groups(moment.scenario, item, offerings.utility())
        offerings = self._offerings(moment.scenario, item[best], values[best], wish)
        chosen = choose(offerings, wish.constraints, k)
        lifts = lifted_by(offerings, chosen)
        return tuple(
            self._ranked(int(item[best[row]]), values[best[row]], lift)
            for row, lift in zip(chosen, lifts, strict=True)
        )

    def pool_size(self, moment: Moment) -> int:
        """Return how many candidates a moment has."""
        return len(self._pool(moment, self._view(moment, self._habits(moment))))

    def _habits(self, moment: Moment) -> Habits:
        rows = self._items.row_of
        bought = [p for p in moment.purchases if p.product_id in rows]
        on = np.array([local_day(p.placed_at, self._zone) for p in bought], np.int32)
        # The day after the last one known: a cut lies at the midnight before a day.
        day = max(self._shelf.day, int(on.max(initial=0)) + 1)
        events = events_of(
            np.zeros(len(bought), np.int32),
            np.array([rows[p.product_id] for p in bought], np.int32),
            on,
            np.array([p.total for p in bought], np.int32),
            1,
            day,
        )
        return habits_of(self._items, self._shelf, events)

    def _view(self, moment: Moment, habits: Habits) -> View:
        known, weights = known_items(habits, 0)
        own_row = UNKNOWN if moment.shopper_id is None else self._row_of.get(moment.shopper_id, -1)
        view = view_of(
            self._items,
            self._shelf,
            known=known,
            weights=weights,
            last=_last(habits.events),
            location=self._shelf.offers.row_of(moment.location),
            own_row=own_row,
        )
        cart = self._rows(moment.cart)
        return with_cart(self._items, self._shelf, view, cart) if len(cart) else view

    def _pool(self, moment: Moment, view: View) -> Ints:
        if moment.scenario is Scenario.SEARCH:
            return self._rows(moment.found)
        item = candidates(self._items, self._shelf, view, moment.scenario)
        held = np.isin(self._items.family[item], self._items.family[view.cart])
        if moment.scenario is Scenario.BROWSE:
            # Another size or label of what one buys is no discovery.
            held |= np.isin(self._items.kind[item], self._items.kind[view.known])
        return item[self._items.volunteered[item] & ~held]

    def _values(self, moment: Moment, habits: Habits, view: View, item: Ints) -> Floats:
        rank = None
        if moment.scenario is Scenario.SEARCH:
            rank = np.arange(len(item), dtype=np.float32)
        promoted = self._promoted(moment.shopper_id)
        context = context_of(self._items, self._shelf, view, item, promoted, rank)
        one = np.zeros(len(item), np.int32)
        columns = pair_columns(self._items, self._shelf, habits, one, item, context)
        return self._heads.values(
            columns, self._category[item], moment.scenario, moment.shopper_vector
        )

    def _promoted(self, shopper_id: str | None) -> float:
        row = self._row_of.get(shopper_id or "", UNKNOWN)
        shares = self._shelf.promoted
        return (
            float(shares[row]) if row != UNKNOWN else float(shares.mean()) if len(shares) else 0.0
        )

    def _best_of_groups(self, scenario: Scenario, item: Ints, utility: Floats) -> Longs:
        """Return the rows that stand for each kind; who keeps buying two sizes sees both."""
        by_family = scenario in (Scenario.REPLENISH, Scenario.SEARCH)
        group = self._items.family if by_family else self._items.kind
        order = np.argsort(-utility, kind="stable")
        _, first = np.unique(group[item][order], return_index=True)
        return np.sort(order[first])

    def _offerings(self, scenario: Scenario, item: Ints, values: Floats, wish: Wish) -> Offerings:
        return Offerings(
            self.objectives,
            values,
            self._heads.bases(scenario),
            self._items.kind[item],
            self._items.category[item],
            self._items.own_label[item],
            self._items.price[item],
            wish.weights,
        )

    def _ranked(self, item: int, values: Floats, lift: Objective | None) -> Ranked:
        scores = dict(zip(self.objectives, map(float, values), strict=True))
        return Ranked(
            self._items.product_ids[item],
            self._items.family_ids[self._items.family[item]],
            scores,
            lift,
        )

    def _rows(self, product_ids: Sequence[str]) -> Ints:
        rows = self._items.row_of
        found = [rows[product] for product in dict.fromkeys(product_ids) if product in rows]
        return np.array(found, np.int32)


def _last(events: Events) -> Ints:
    return last_trip(events, 0) if len(events.item) else np.empty(0, np.int32)
