from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from assistant.catalog.completejourney.archive import DiscountedLines
from assistant.recommend.ranking.items import read_items
from assistant.recommend.ranking.log import PurchaseLog, discounted, located, read_log
from tests.assistant.little_shop import STORE, Bought, day, little_shop

ORDERS = (
    Bought("b", "2", day(5), ["m1", "b1"]),
    Bought("a", "1", datetime(2020, 4, 6, 3, 30, tzinfo=UTC), ["p1", "gone"]),
    Bought("c", "1", day(2), ["z1"]),
)


def _read(folder: Path) -> tuple[PurchaseLog, list[str]]:
    with little_shop(folder, ORDERS) as (database, _):
        items = read_items(database, STORE.name)
        return read_log(database, STORE, items), list(items.product_ids)


def test_lines_are_in_order_of_shopper_and_day(tmp_path: Path) -> None:
    log, products = _read(tmp_path)
    lines = log.lines
    assert [log.shopper_ids[row] for row in lines.shopper] == ["1", "1", "2", "2"]
    assert [products[row] for row in lines.item] == ["z1", "p1", "b1", "m1"]
    assert [log.order_ids[row] for row in lines.order] == ["c", "a", "b", "b"]
    assert lines.spend.tolist() == [100] * 4


def test_half_past_three_utc_is_still_the_day_before_in_the_shop(tmp_path: Path) -> None:
    log, _ = _read(tmp_path)
    assert date.fromordinal(int(log.lines.day[1])) == date(2020, 4, 5)


def test_orders_are_located_and_others_are_not(tmp_path: Path) -> None:
    log, _ = _read(tmp_path)
    placed = located(log, {"c": "north"})
    where = [placed.location_ids[row] for row in placed.lines.location]
    assert where == ["north", "", "", ""]


def test_only_the_lines_that_were_discounted_are_marked(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        items = read_items(database, STORE.name)
        log = read_log(database, STORE, items)
    marks = DiscountedLines(
        np.array(["b", "b", "c", "other"]),
        np.array(["m1", "z1", "z1", "m1"]),
        np.array([True, True, False, True]),
        np.array([False, True, True, True]),
    )
    lines = discounted(log, items, marks).lines
    assert lines.promoted.tolist() == [False, False, False, True]
    assert lines.coupon.tolist() == [True, False, False, False]


def test_restricted_products_are_known_as_such(tmp_path: Path) -> None:
    with little_shop(tmp_path) as (database, _):
        items = read_items(database, STORE.name)
    shown = dict(zip(items.product_ids, items.volunteered.tolist(), strict=True))
    assert not shown["z1"]
    assert shown["m1"]


def test_sizes_of_one_name_are_of_one_kind(tmp_path: Path) -> None:
    with little_shop(tmp_path) as (database, _):
        items = read_items(database, STORE.name)
    row = items.row_of
    assert items.kind[row["m1"]] == items.kind[row["h1"]]
    assert items.family[row["m1"]] != items.family[row["h1"]]
    assert items.family[row["m1"]] == items.family[row["m2"]]


def test_a_cancelled_order_is_no_purchase(tmp_path: Path) -> None:
    called_off = Bought("d", "1", day(3), ["m1"], status="cancelled")
    with little_shop(tmp_path, (*ORDERS, called_off)) as (database, _):
        log = read_log(database, STORE, read_items(database, STORE.name))
    assert "d" not in log.order_ids
    assert len(log.lines) == 4
