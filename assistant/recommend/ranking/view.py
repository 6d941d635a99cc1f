"""One shopper before a shelf: what they know, and how near each product of the store comes."""

from dataclasses import dataclass, replace

import numpy as np

from assistant.recommend.ranking.columns import Floats, Ints
from assistant.recommend.ranking.items import ItemTable
from assistant.recommend.ranking.log import UNKNOWN
from assistant.recommend.ranking.shelf import NEIGHBOURS, Shelf


@dataclass(frozen=True, slots=True)
class View:
    """Scores of all items for one shopper.

    `known` are the items bought before, the most habitual first; `likeness` comes from the
    factors, `votes` from the nearest shoppers. `drawn` and `last_drawn` [kinds] are how strongly
    the cart and the last trip draw each kind; `cart` holds items.
    """

    known: Ints
    likeness: Floats
    votes: Floats
    location: int
    cart: Ints
    drawn: Floats
    last_drawn: Floats


def view_of(
    items: ItemTable,
    shelf: Shelf,
    *,
    known: Ints,
    weights: Floats,
    last: Ints,
    location: int = UNKNOWN,
    own_row: int = UNKNOWN,
) -> View:
    """Look at a shelf for a shopper.

    `weights` stand beside `known` and fall; `last` holds the last trip's items; `own_row` is the
    shopper's row of the shelf's habits, which has no vote.
    """
    unit = weights / max(float(np.linalg.norm(weights)), 1e-9)
    return View(
        known,
        _likeness(shelf, known, unit),
        _votes(shelf, known, unit, own_row),
        location,
        np.empty(0, np.int32),
        np.zeros(len(shelf.pull), np.float32),
        _drawn(items, shelf, last),
    )


def with_cart(items: ItemTable, shelf: Shelf, view: View, cart: Ints) -> View:
    """Return a view with these items in the cart."""
    return replace(view, cart=cart, drawn=_drawn(items, shelf, cart))


def _likeness(shelf: Shelf, known: Ints, unit: Floats) -> Floats:
    factors = shelf.factors
    likeness: Floats = factors.items @ factors.shopper(factors.items[known], unit)
    return likeness


def _votes(shelf: Shelf, known: Ints, unit: Floats, own_row: int) -> Floats:
    """Return the mean habit of the nearest shoppers by their likeness."""
    dense = np.zeros(shelf.habits.shape[1], np.float32)
    dense[known] = unit
    likeness = np.asarray(shelf.habits @ dense, np.float32)
    if own_row != UNKNOWN:
        likeness[own_row] = 0.0
    nearest = np.argsort(-likeness, kind="stable")[:NEIGHBOURS]
    votes = shelf.habits[nearest].T @ likeness[nearest]
    return np.asarray(votes / max(float(likeness[nearest].sum()), 1e-9), np.float32)


def _drawn(items: ItemTable, shelf: Shelf, held: Ints) -> Floats:
    kinds = np.unique(items.kind[held])
    if not len(kinds):
        return np.zeros(len(shelf.pull), np.float32)
    drawn: Floats = shelf.pull[kinds].sum(axis=0) / np.sqrt(np.float32(len(kinds)))
    return drawn
