"""What a whole store's purchases before a day tell of its products."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from assistant.recommend.ranking.columns import Flags, Floats, Ints, Longs, pair_keys
from assistant.recommend.ranking.factors import Factors, fit_factors
from assistant.recommend.ranking.habits import Events, events_of
from assistant.recommend.ranking.items import ItemTable
from assistant.recommend.ranking.log import UNKNOWN, Lines
from assistant.recommend.ranking.offers import Offers

NO_VECTORS: Floats = np.zeros((0, 0), np.float32)
MONTH, QUARTER = 28, 91
NEIGHBOURS = 100
# What fewer shoppers bought tells more of them than of it.
_FEWEST_BUYERS = 5
_FADE = 0.98
# A pair of kinds seen together this often counts half of what its lift says.
_SUPPORT = 20
_FEWEST_TOGETHER = 5
# A shopper's or product's share of promoted purchases starts from as many of the store's.
_PRIOR = 20.0


@dataclass(frozen=True, slots=True)
class Shelf:
    """A store as of `day`; every column of items counts only what was bought before it.

    `buyers`, `month` (lines in 28 days), `quarter` and `repeats` (trips a buyer) are counts,
    `price` the mean unit price in minor units of the last quarter in which it sold, `since` the
    first day of sale. `pull` [kinds, kinds] is how strongly one kind draws another into a basket.
    `habits` [shoppers, items] are unit vectors, `promoted` and `own_label` shoppers' shares of
    purchases. `nearness` [categories, categories] is the cosine of the categories' labels, empty
    where they have no vectors.
    """

    day: int
    buyers: Floats
    month: Floats
    quarter: Floats
    repeats: Floats
    price: Floats
    since: Ints
    item_promoted: Floats
    category_price: Floats
    category_buyers: Floats
    factors: Factors
    pull: Floats
    habits: csr_array
    promoted: Floats
    offers: Offers
    nearness: Floats


def shelf_of(
    items: ItemTable,
    before: Lines,
    shoppers: int,
    day: int,
    offers: Offers,
    nearness: Floats = NO_VECTORS,
) -> Shelf:
    """Gather a store's statistics from the lines before a day; raises ValueError on later ones."""
    events = events_of(before.shopper, before.item, before.day, before.spend, shoppers, day)
    count = len(items)
    bought = _bought(events, count)
    buyers = np.bincount(bought.indices, minlength=count).astype(np.float32)
    trips = np.bincount(before.item, minlength=count)
    price = _prices(before, count, day)
    category_price = _mean(np.log1p(price), items.category, len(items.categories), buyers)
    share = float(before.promoted.mean()) if len(before) else 0.0
    return Shelf(
        day=day,
        buyers=buyers,
        month=_recent(before, count, day - MONTH),
        quarter=_recent(before, count, day - QUARTER),
        repeats=(trips / np.maximum(buyers, 1)).astype(np.float32),
        price=price,
        since=_first(before, count, day),
        item_promoted=_shares(before.item, before.promoted, count, share),
        category_price=category_price,
        category_buyers=_category_buyers(items, before, shoppers),
        factors=fit_factors(_common(bought, buyers)),
        pull=_pull(items, before),
        habits=bought,
        promoted=_shares(before.shopper, before.promoted, shoppers, share),
        offers=offers,
        nearness=nearness,
    )


def home_locations(before: Lines, shoppers: int, locations: int) -> Ints:
    """Return where each shopper mostly bought, -1 where that is unknown."""
    homes = np.full(shoppers, UNKNOWN, np.int32)
    known = before.where(before.location != UNKNOWN)
    if not len(known):
        return homes
    pairs = pair_keys(known.shopper, known.location, locations)
    keys, counts = np.unique(pairs, return_counts=True)
    # Later writes win, so the location with most lines stays.
    order = np.argsort(counts, kind="stable")
    homes[keys[order] // locations] = keys[order] % locations
    return homes


def _bought(events: Events, items: int) -> csr_array:
    """Return what each shopper keeps buying, as unit vectors, shopper x item."""
    shoppers = len(events.trips)
    weights = _FADE ** events.ago.astype(np.float64)
    matrix = csr_array((weights, (events.shopper, events.item)), shape=(shoppers, items))
    matrix.sum_duplicates()
    norms = np.sqrt(np.bincount(_owners(matrix), matrix.data**2, shoppers))
    matrix.data = (matrix.data / np.maximum(norms, 1e-9)[_owners(matrix)]).astype(np.float32)
    return matrix


def _owners(matrix: csr_array) -> Longs:
    owners: Longs = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    return owners


def _common(bought: csr_array, buyers: Floats) -> csr_array:
    """Leave out what too few bought, without renumbering."""
    kept = buyers[bought.indices] >= _FEWEST_BUYERS
    rows = _owners(bought)[kept]
    return csr_array((bought.data[kept], (rows, bought.indices[kept])), shape=bought.shape)


def _recent(before: Lines, items: int, first: int) -> Floats:
    return np.bincount(before.item[before.day >= first], minlength=items).astype(np.float32)


def _first(before: Lines, items: int, day: int) -> Ints:
    first = np.full(items, day, np.int32)
    np.minimum.at(first, before.item, before.day)
    return first


def _prices(before: Lines, items: int, day: int) -> Floats:
    """Return the mean price paid for a unit in the last quarter, else ever; 0 for never sold."""
    prices = np.zeros(items, np.float32)
    for first in (0, day - QUARTER):
        late = before.where(before.day >= first)
        units = np.bincount(late.item, late.quantity, items)
        paid = np.bincount(late.item, late.spend, items)
        prices = np.where(units > 0, paid / np.maximum(units, 1), prices).astype(np.float32)
    return prices


def _mean(values: Floats, group: Ints, groups: int, weights: Floats) -> Floats:
    total = np.bincount(group, weights, groups)
    mean: Floats = np.bincount(group, values * weights, groups) / np.maximum(total, 1)
    return mean.astype(np.float32)


def _shares(rows: Ints, flags: Flags, count: int, prior: float) -> Floats:
    """Return each row's share of flagged lines, drawn to the store's."""
    lines = np.bincount(rows, minlength=count)
    flagged = np.bincount(rows, flags, count)
    return ((flagged + _PRIOR * prior) / (lines + _PRIOR)).astype(np.float32)


def _category_buyers(items: ItemTable, before: Lines, shoppers: int) -> Floats:
    width = max(len(items.categories), 1)
    pairs = np.unique(pair_keys(before.shopper, items.category[before.item], width))
    counts = np.bincount(pairs % width, minlength=width) / max(shoppers, 1)
    return counts.astype(np.float32)


def _pull(items: ItemTable, before: Lines) -> Floats:
    """Return the log lift of kinds in one order, by root of confidence, shrunk; 0 on itself."""
    width = max(items.kinds, 1)
    pairs = np.unique(pair_keys(before.order, items.kind[before.item], width))
    _, order = np.unique(pairs // width, return_inverse=True)
    orders = int(order.max(initial=-1)) + 1
    ones = np.ones(len(pairs), np.float32)
    baskets = csr_array((ones, (order, pairs % width)), shape=(orders, width))
    together = (baskets.T @ baskets).toarray().astype(np.float32)
    sold = np.diag(together).copy()
    np.fill_diagonal(together, 0.0)
    together[together < _FEWEST_TOGETHER] = 0.0
    expected = sold[:, None] * sold[None, :] / max(orders, 1)
    lift = np.log(np.maximum(together, 1e-6) / np.maximum(expected, 1e-6))
    confidence = together / np.maximum(sold, 1)[:, None]
    pull: Floats = np.maximum(lift, 0.0) * np.sqrt(confidence) * together / (together + _SUPPORT)
    return pull
