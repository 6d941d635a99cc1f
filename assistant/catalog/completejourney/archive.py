"""What the data set records of promotions over its whole year, read column-wise.

The table of promotions has 20.9 million rows: a query reads the columns it needs and keeps one
week, or only what touches a purchase.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.catalog.completejourney.source import ParquetViews, data_folder

# Weeks run from Monday to Sunday; the first one has only its Sunday, 2017-01-01.
_FIRST_MONDAY = date(2016, 12, 26)
_MEMORY = "1500MB"

_WEEK = """
SELECT store_id, product_id, bool_or(mailer_location <> '0') AS mailer,
       bool_or(display_location <> '0') AS display
FROM promotions
WHERE week = ? AND (mailer_location <> '0' OR display_location <> '0')
GROUP BY ALL
"""

# Labels of purchases: never features of the purchase they stand beside.
_DISCOUNTED = """
WITH bought AS (SELECT DISTINCT product_id, store_id, week FROM transactions),
promoted AS (
    SELECT DISTINCT product_id, store_id, week
    FROM promotions SEMI JOIN bought USING (product_id, store_id, week)
    WHERE mailer_location <> '0' OR display_location <> '0'
)
SELECT basket_id, product_id, promoted.week IS NOT NULL AS promoted, coupon_disc > 0 AS coupon
FROM transactions LEFT JOIN promoted USING (product_id, store_id, week)
WHERE promoted.week IS NOT NULL OR coupon_disc > 0
"""

_LOCATIONS = (
    "SELECT basket_id, any_value(store_id) AS store_id FROM transactions GROUP BY basket_id"
)

Columns = Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class PromotedWeek:
    """One week's promotions; the columns hold a row for each location and product."""

    locations: NDArray[np.str_]
    product_ids: NDArray[np.str_]
    mailer: NDArray[np.bool_]
    display: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DiscountedLines:
    """Bought products that were promoted there that week, or that a coupon paid for."""

    order_ids: NDArray[np.str_]
    product_ids: NDArray[np.str_]
    promoted: NDArray[np.bool_]
    coupon: NDArray[np.bool_]


def week_of(day: date) -> int:
    """Return the number of the data set's week that a local day lies in."""
    return (day - _FIRST_MONDAY).days // 7 + 1


class PromotionArchive(ParquetViews):
    """The promotions of all weeks, and where orders were placed."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(folder or data_folder(), ("transactions", "promotions"))
        self._connection.execute(f"SET memory_limit='{_MEMORY}'")

    def week(self, day: date) -> PromotedWeek:
        """Return the promotions of the week that a local day lies in."""
        found = self._columns(_WEEK, [week_of(day)])
        return PromotedWeek(
            found["store_id"].astype(np.str_),
            found["product_id"].astype(np.str_),
            np.asarray(found["mailer"], np.bool_),
            np.asarray(found["display"], np.bool_),
        )

    def discounted(self) -> DiscountedLines:
        """Return the lines that were bought on promotion or coupon, all weeks."""
        found = self._columns(_DISCOUNTED, [])
        return DiscountedLines(
            found["basket_id"].astype(np.str_),
            found["product_id"].astype(np.str_),
            np.asarray(found["promoted"], np.bool_),
            np.asarray(found["coupon"], np.bool_),
        )

    def locations(self) -> dict[str, str]:
        """Return the location of every order, by order id."""
        found = self._columns(_LOCATIONS, [])
        orders, places = (found[name].astype(np.str_) for name in ("basket_id", "store_id"))
        return dict(zip(orders.tolist(), places.tolist(), strict=True))

    def _columns(self, query: str, values: list[int]) -> Columns:
        found = self._connection.execute(query, values).fetchnumpy()
        return {name: np.asarray(column) for name, column in found.items()}
