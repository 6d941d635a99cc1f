"""The purchases of a whole store as columns, and their cut in time."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select

from assistant.catalog.completejourney.archive import DiscountedLines
from assistant.catalog.database import Database
from assistant.catalog.schema import order_lines, orders
from assistant.catalog.stores import Store
from assistant.recommend.ranking.columns import Flags, Ints, codes, find, pair_keys
from assistant.recommend.ranking.items import ItemTable

UNKNOWN = -1
_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Lines:
    """Order lines in order of shopper, local day and order; all columns are of one length.

    `shopper`, `order`, `item` and `location` are rows of their ids, `day` counts as
    `date.toordinal` does, `spend` is in minor units. `promoted` and `coupon` tell that the line
    was promoted that week where it was bought, and that a coupon paid for it: both describe the
    purchase itself, so they are labels, and features only of later days.
    """

    shopper: Ints
    day: Ints
    order: Ints
    item: Ints
    quantity: Ints
    spend: Ints
    location: Ints
    promoted: Flags
    coupon: Flags

    def __len__(self) -> int:
        return len(self.shopper)

    def where(self, chosen: "Flags | Ints") -> "Lines":
        """Return some of the lines, in their order."""
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})

    def before(self, day: date) -> "Lines":
        """Return the lines of the days before one."""
        return self.where(self.day < day.toordinal())

    def between(self, first: date, end: date) -> "Lines":
        """Return the lines from the day `first` on and before `end`."""
        return self.where((self.day >= first.toordinal()) & (self.day < end.toordinal()))


@dataclass(frozen=True, slots=True)
class PurchaseLog:
    """A store's lines with the ids that their columns are rows of."""

    lines: Lines
    shopper_ids: tuple[str, ...]
    order_ids: tuple[str, ...]
    location_ids: tuple[str, ...] = ()


def read_log(database: Database, store: Store, items: ItemTable) -> PurchaseLog:
    """Read a store's purchases; where they were made, and promotions, are not recorded there.

    A cancelled order is no purchase.
    """
    zone = ZoneInfo(store.timezone)
    with database.read() as connection:
        placed = connection.execute(
            select(orders.c.id, orders.c.shopper_id, orders.c.placed_at)
            .where(orders.c.store == store.name, orders.c.status != "cancelled")
            .order_by(orders.c.id)
        ).all()
        order_of = {row.id: at for at, row in enumerate(placed)}
        query = select(
            order_lines.c.order_id,
            order_lines.c.product_id,
            order_lines.c.quantity,
            order_lines.c.total,
        ).where(order_lines.c.store == store.name)
        parts = [np.empty((0, 4), np.int64)]
        for rows in connection.execute(query).partitions(_ROWS):
            cells = [
                (order_of[order], items.row_of[product], quantity, total)
                for order, product, quantity, total in rows
                if product in items.row_of and order in order_of
            ]
            parts.append(np.array(cells, np.int64).reshape(-1, 4))
    shopper, shopper_ids = codes([row.shopper_id for row in placed])
    days = np.array([local_day(row.placed_at, zone) for row in placed], np.int32)
    lines = _lines(np.concatenate(parts).astype(np.int32), shopper, days)
    return PurchaseLog(lines, shopper_ids, tuple(order_of))


def local_day(moment: datetime, zone: ZoneInfo) -> int:
    """Return the ordinal of the day that a moment falls on in a zone."""
    return moment.astimezone(zone).toordinal()


def _lines(cells: Ints, shopper_of: Ints, day_of: Ints) -> Lines:
    """Make sorted lines of cells [lines, 4]: order, item, quantity and total."""
    order, item, quantity, spend = cells.T
    by = np.lexsort((item, order, day_of[order], shopper_of[order]))
    order = order[by]
    none = np.zeros(len(by), np.bool_)
    return Lines(
        shopper=shopper_of[order],
        day=day_of[order],
        order=order,
        item=item[by],
        quantity=np.maximum(quantity[by], 1),
        spend=spend[by],
        location=np.full(len(by), UNKNOWN, np.int32),
        promoted=none,
        coupon=none.copy(),
    )


def located(log: PurchaseLog, location_of: Mapping[str, str]) -> PurchaseLog:
    """Add where orders were placed, by order id."""
    location, location_ids = codes([location_of.get(order, "") for order in log.order_ids])
    lines = replace(log.lines, location=location[log.lines.order])
    return replace(log, lines=lines, location_ids=location_ids)


def discounted(log: PurchaseLog, items: ItemTable, marks: DiscountedLines) -> PurchaseLog:
    """Mark the lines that were promoted or paid for by a coupon."""
    order_of = {order: row for row, order in enumerate(log.order_ids)}
    orders, products = marks.order_ids.tolist(), marks.product_ids.tolist()
    order = np.array([order_of.get(name, UNKNOWN) for name in orders], np.int64)
    item = np.array([items.row_of.get(name, UNKNOWN) for name in products], np.int64)
    kept = np.flatnonzero((order >= 0) & (item >= 0))
    keys = pair_keys(order[kept], item[kept], len(items))
    by = np.argsort(keys)
    at = find(keys[by], pair_keys(log.lines.order, log.lines.item, len(items)))
    marked = np.flatnonzero(at >= 0)
    flags = np.zeros((2, len(log.lines)), np.bool_)
    for flag, values in zip(flags, (marks.promoted, marks.coupon), strict=True):
        flag[marked] = values[kept][by][at[marked]]
    return replace(log, lines=replace(log.lines, promoted=flags[0], coupon=flags[1]))
