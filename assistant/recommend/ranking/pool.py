"""Candidates of a scenario: who may propose how many, and what the ranking chooses from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from assistant.recommend.ranking.columns import Flags, Floats, Ints
from assistant.recommend.ranking.items import ItemTable
from assistant.recommend.ranking.shelf import Shelf
from assistant.recommend.ranking.view import View
from assistant.recommend.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many products each source may propose to a scenario."""

    history: int = 0
    votes: int = 0
    likeness: int = 0
    popular: int = 0
    kindred: int = 0
    companions: int = 0
    promoted: int = 0


QUOTAS: Mapping[Scenario, Quotas] = {
    Scenario.REPLENISH: Quotas(history=250, votes=60, likeness=40, popular=40),
    Scenario.BROWSE: Quotas(votes=160, likeness=120, popular=80, kindred=100, promoted=40),
    Scenario.CART: Quotas(history=150, votes=60, popular=60, companions=160),
    Scenario.PROMOTION: Quotas(history=150, votes=150, likeness=60, popular=60),
}
# How many of the most drawn kinds a cart is completed from.
_COMPANIONS = 60


def candidates(items: ItemTable, shelf: Shelf, view: View, scenario: Scenario) -> Ints:
    """Return the items of a scenario's pool, each once, by row; the cart's are left out.

    The search scenario has none of its own: its candidates are what was found.
    """
    quotas = QUOTAS[scenario]
    allowed = _allowed(items, shelf, view, scenario)
    unseen = allowed.copy()
    unseen[view.known] = False
    parts = [
        view.known[allowed[view.known]][: quotas.history],
        _top(view.votes, unseen, quotas.votes),
        _top(view.likeness, unseen, quotas.likeness),
        _top(shelf.month, unseen, quotas.popular),
    ]
    if quotas.kindred:
        parts.append(_top(_kindred(items, shelf, view), unseen, quotas.kindred))
    if quotas.companions:
        parts.append(_top(_companions(items, shelf, view), allowed, quotas.companions))
    if quotas.promoted:
        offered = np.zeros(len(items), np.bool_)
        offered[shelf.offers.items_at(view.location)] = True
        parts.append(_top(view.votes, unseen & offered, quotas.promoted))
    return _distinct(parts)


def _allowed(items: ItemTable, shelf: Shelf, view: View, scenario: Scenario) -> Flags:
    allowed = np.ones(len(items), np.bool_)
    if scenario is Scenario.PROMOTION:
        allowed[:] = False
        allowed[shelf.offers.items_at(view.location)] = True
    if scenario is Scenario.BROWSE:
        allowed[view.known] = False
    allowed[view.cart] = False
    return allowed


def _kindred(items: ItemTable, shelf: Shelf, view: View) -> Floats:
    """Score other products of the kinds that the shopper buys."""
    own = np.bincount(items.kind[view.known], minlength=items.kinds).astype(np.float32)
    scores: Floats = np.log1p(own[items.kind]) * np.log1p(shelf.month)
    return scores


def _companions(items: ItemTable, shelf: Shelf, view: View) -> Floats:
    """Score products of the kinds that the cart draws most."""
    drawn = view.drawn.copy()
    drawn[np.argsort(-drawn, kind="stable")[_COMPANIONS:]] = 0.0
    scores: Floats = drawn[items.kind] * np.log1p(shelf.quarter)
    return scores


def _top(scores: Floats, allowed: Flags, count: int) -> Ints:
    """Return the items with the highest scores above 0."""
    if not count:
        return np.empty(0, np.int32)
    eligible = np.flatnonzero(allowed & (scores > 0))
    if len(eligible) > count:
        eligible = eligible[np.argpartition(-scores[eligible], count - 1)[:count]]
    return eligible.astype(np.int32)


def _distinct(parts: Iterable[Ints]) -> Ints:
    return np.unique(np.concatenate(list(parts))).astype(np.int32)
