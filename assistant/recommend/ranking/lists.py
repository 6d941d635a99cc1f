"""Lists to rank: the candidates of shoppers in scenarios, their columns and what they became."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assistant.recommend.ranking.columns import Flags, Floats, Ints, Longs, find, pair_keys
from assistant.recommend.ranking.cuts import Cut
from assistant.recommend.ranking.habits import FADES, Events, events_of
from assistant.recommend.ranking.items import ItemTable
from assistant.recommend.ranking.pairs import (
    COLUMNS,
    Context,
    Habits,
    habits_of,
    joined,
    pair_columns,
)
from assistant.recommend.ranking.pool import candidates
from assistant.recommend.ranking.shelf import Shelf, home_locations
from assistant.recommend.ranking.view import View, view_of, with_cart
from assistant.recommend.scenarios import Scenario

SCENARIOS = tuple(Scenario)
# A cart is completed from half of a day's products, of at least so many.
_SMALLEST_DAY = 4
_FADE = FADES.index(0.95)
_CHUNK = 150_000
_FOUND = 120


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists of one scenario; rows are pairs, a list's rows together.

    `starts` [lists + 1] says where each begins, `shopper` whose it is, `relevant` how many
    products of the truth the scenario asks for, in the pool or not. Per row: `item`, its
    `category`, `columns`, and what became of it: `bought`, `spend` (minor units), `discounted`.
    `new_category` tells whether the shopper had not bought of its category, `weight` how many rows
    of the pool a sampled row stands for.
    """

    starts: Longs
    shopper: Ints
    relevant: Ints
    item: Ints
    category: Ints
    columns: NDArray[np.float16]
    bought: Flags
    spend: Ints
    discounted: Flags
    new_category: Flags
    weight: Floats

    def __len__(self) -> int:
        return len(self.shopper)

    @property
    def list_of(self) -> Longs:
        """The list of each row."""
        lists: Longs = np.repeat(np.arange(len(self)), np.diff(self.starts))
        return lists


@dataclass(frozen=True, slots=True)
class Sampling:
    """How lists are thinned for training: all bought rows of one, and `others` of the rest.

    `households` is the share of shoppers that is drawn, `shares` which share of their lists.
    """

    others: int
    households: float = 1.0
    shares: Mapping[Scenario, float] = field(default_factory=dict)

    def share(self, scenario: Scenario) -> float:
        """Return which share of a scenario's lists is kept; all of them if not said."""
        return self.shares.get(scenario, 1.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """A cut with everything that its lists are read from; `homes` are the shoppers' locations."""

    items: ItemTable
    cut: Cut
    shelf: Shelf
    habits: Habits
    homes: Ints


def scene_of(items: ItemTable, cut: Cut, shelf: Shelf, shoppers: int, locations: int) -> Scene:
    """Read the habits and homes of all shoppers before a cut."""
    before = cut.before
    day = cut.day.toordinal()
    events = events_of(before.shopper, before.item, before.day, before.spend, shoppers, day)
    homes = home_locations(before, shoppers, locations)
    return Scene(items, cut, shelf, habits_of(items, shelf, events), homes)


def lists_of(
    scene: Scene, scenarios: Sequence[Scenario], seed: int, sampling: Sampling | None = None
) -> Mapping[Scenario, Lists]:
    """Draw the lists of scenarios at a cut; `sampling` thins them for training."""
    rng = np.random.default_rng(seed)
    drawn: dict[Scenario, list[_Drawn]] = {scenario: [] for scenario in scenarios}
    shoppers = scene.cut.shoppers
    if sampling is not None:
        shoppers = shoppers[rng.random(len(shoppers)) < sampling.households]
    for shopper in shoppers.tolist():
        for scenario, one in _drawn_for(scene, shopper, scenarios, rng, sampling):
            drawn[scenario].append(one)
    return {scenario: _gathered(scene, found) for scenario, found in drawn.items()}


def known_items(habits: Habits, shopper: int) -> tuple[Ints, Floats]:
    """Return what a shopper bought, the most habitual first, and how recently it weighs."""
    habit = habits.levels[0]
    start, end = np.searchsorted(habit.keys, [shopper * habit.width, (shopper + 1) * habit.width])
    weights = habit.fades[start:end, _FADE]
    order = np.argsort(-weights, kind="stable")
    known = (habit.keys[start:end] - shopper * habit.width).astype(np.int32)
    return known[order], weights[order]


def last_trip(events: Events, shopper: int) -> Ints:
    """Return the items of a shopper's last trip."""
    start, end = np.searchsorted(events.shopper, [shopper, shopper + 1])
    items: Ints = events.item[start:end][events.ago[start:end] == 0]
    return items


def context_of(
    items: ItemTable,
    shelf: Shelf,
    view: View,
    item: Ints,
    promoted: float,
    found_rank: Floats | None = None,
) -> Context:
    """Read for some items what a shopper's view and moment say of them."""
    ones = np.ones(len(item), np.float32)
    return Context(
        view.likeness[item],
        view.votes[item],
        view.drawn[items.kind[item]],
        view.last_drawn[items.kind[item]],
        np.isin(items.kind[item], items.kind[view.cart]).astype(np.float32),
        np.isin(items.category[item], items.category[view.cart]).astype(np.float32),
        _cart_nearness(items, shelf, view, item),
        ones * len(view.cart),
        -ones if found_rank is None else found_rank,
        np.full(len(item), view.location, np.int32),
        ones * promoted,
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    """One list before its columns are read; `relevant` are the items that it asks for."""

    shopper: int
    item: Ints
    weight: Floats
    relevant: Ints
    context: Context


def _cart_nearness(items: ItemTable, shelf: Shelf, view: View, item: Ints) -> Floats:
    if not len(view.cart) or not len(shelf.nearness):
        return np.zeros(len(item), np.float32)
    nearest: Floats = shelf.nearness[np.unique(items.category[view.cart])].max(axis=0)
    return nearest[items.category[item]]


def _drawn_for(
    scene: Scene,
    shopper: int,
    scenarios: Sequence[Scenario],
    rng: np.random.Generator,
    sampling: Sampling | None,
) -> Iterator[tuple[Scenario, _Drawn]]:
    wanted = [s for s in scenarios if sampling is None or rng.random() < sampling.share(s)]
    if not wanted:
        return
    bought = scene.cut.truth.item[scene.cut.truth.of(shopper)]
    view = _view(scene, shopper)
    for scenario in wanted:
        if scenario is Scenario.CART:
            if len(bought) < _SMALLEST_DAY:
                continue
            shuffled = rng.permutation(bought)
            cart, asked = shuffled[::2], np.sort(shuffled[1::2])
            seen = with_cart(scene.items, scene.shelf, view, cart)
        else:
            seen, asked = view, bought
        yield scenario, _draw(scene, shopper, scenario, seen, asked, rng, sampling)


def _view(scene: Scene, shopper: int) -> View:
    known, weights = known_items(scene.habits, shopper)
    return view_of(
        scene.items,
        scene.shelf,
        known=known,
        weights=weights,
        last=last_trip(scene.habits.events, shopper),
        location=int(scene.homes[shopper]),
        own_row=shopper,
    )


def _draw(
    scene: Scene,
    shopper: int,
    scenario: Scenario,
    view: View,
    asked: Ints,
    rng: np.random.Generator,
    sampling: Sampling | None,
) -> _Drawn:
    found_rank = None
    if scenario is Scenario.SEARCH:
        kind = scene.items.kind[rng.choice(asked)]
        asked = asked[scene.items.kind[asked] == kind]
        item = _found(scene, int(kind), rng)
        found_rank = np.arange(len(item), dtype=np.float32)
    else:
        item = candidates(scene.items, scene.shelf, view, scenario)
        asked = _asked(scene, scenario, view, asked)
    weight = np.ones(len(item), np.float32)
    if sampling is not None:
        kept, weight = _thinned(np.isin(item, asked), sampling.others, rng)
        item = item[kept]
        found_rank = None if found_rank is None else found_rank[kept]
    promoted = float(scene.shelf.promoted[shopper])
    return _Drawn(
        shopper,
        item,
        weight,
        asked,
        context_of(scene.items, scene.shelf, view, item, promoted, found_rank),
    )


def _found(scene: Scene, kind: int, rng: np.random.Generator) -> Ints:
    """Return the products of a kind as a search might: the most sold first, roughly."""
    item = np.flatnonzero((scene.items.kind == kind) & (scene.shelf.buyers > 0))
    sold = np.log1p(scene.shelf.quarter[item]) + rng.gumbel(size=len(item))
    return item[np.argsort(-sold)][:_FOUND].astype(np.int32)


def _asked(scene: Scene, scenario: Scenario, view: View, bought: Ints) -> Ints:
    """Return what of the bought items a scenario asks for."""
    if scenario is Scenario.BROWSE:
        return np.setdiff1d(bought, view.known)
    if scenario is Scenario.PROMOTION:
        return np.intersect1d(bought, scene.shelf.offers.items_at(view.location))
    return bought


def _thinned(bought: Flags, others: int, rng: np.random.Generator) -> tuple[Longs, Floats]:
    """Choose rows: all bought ones and some of the rest, with what each stands for."""
    rest = np.flatnonzero(~bought)
    chosen = rng.choice(rest, min(others, len(rest)), replace=False)
    kept = np.sort(np.concatenate([np.flatnonzero(bought), chosen]))
    share = len(rest) / max(len(chosen), 1)
    return kept, np.where(bought[kept], 1.0, share).astype(np.float32)


def _gathered(scene: Scene, drawn: Sequence[_Drawn]) -> Lists:
    sizes = [len(one.item) for one in drawn]
    shopper = np.array([one.shopper for one in drawn], np.int32)
    row_shopper = np.repeat(shopper, sizes)
    item = np.concatenate([one.item for one in drawn] or [np.empty(0, np.int32)])
    truth, width = scene.cut.truth, len(scene.items)
    at = find(pair_keys(truth.shopper, truth.item, width), pair_keys(row_shopper, item, width))
    asked = np.concatenate([np.isin(one.item, one.relevant) for one in drawn] or [at >= 0])
    bought = (at >= 0) & asked
    categories = scene.habits.levels[-1]
    old = find(
        categories.keys, pair_keys(row_shopper, scene.items.category[item], categories.width)
    )
    return Lists(
        starts=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        shopper=shopper,
        relevant=np.array([len(one.relevant) for one in drawn], np.int32),
        item=item,
        category=scene.items.category[item],
        columns=_columns(scene, row_shopper, item, [one.context for one in drawn]),
        bought=bought,
        spend=np.where(bought, truth.spend[at], 0).astype(np.int32),
        discounted=bought & truth.discounted[at],
        new_category=old < 0,
        weight=np.concatenate([one.weight for one in drawn] or [np.empty(0, np.float32)]),
    )


def _columns(
    scene: Scene, shopper: Ints, item: Ints, contexts: Sequence[Context]
) -> NDArray[np.float16]:
    columns = np.empty((len(item), len(COLUMNS)), np.float16)
    if not contexts:
        return columns
    whole = joined(contexts)
    for start in range(0, len(item), _CHUNK):
        part = slice(start, start + _CHUNK)
        columns[part] = pair_columns(
            scene.items, scene.shelf, scene.habits, shopper[part], item[part], whole.part(part)
        )
    return columns
