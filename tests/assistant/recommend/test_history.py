from pathlib import Path

from assistant.recommend.history import Purchase, PurchaseHistory, baskets
from tests.assistant.little_shop import STORE, Bought, day, little_shop

ORDERS = (
    Bought("2", "900", day(3), ["h1"]),
    Bought("1", "900", day(1), ["m1", "b1"]),
    Bought("9", "901", day(2), ["p1"]),
    Bought("3", "900", day(4), ["gone"]),
)


def test_purchases_come_oldest_first_with_an_orders_lines_together(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        assert PurchaseHistory(database, STORE).of("900") == (
            Purchase("1", day(1), "m1", "milk", 1, 100),
            Purchase("1", day(1), "b1", "bread", 1, 100),
            Purchase("2", day(3), "h1", "milk-half", 1, 100),
        )


def test_only_the_shoppers_own_purchases_of_what_is_still_offered(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        history = PurchaseHistory(database, STORE)
        assert "gone" not in {line.product_id for line in history.of("900")}
        assert [line.order_id for line in history.of("901")] == ["9"]
        assert history.of("nobody") == ()


def test_baskets_are_orders_in_their_order(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        grouped = baskets(PurchaseHistory(database, STORE).of("900"))
    assert [[line.product_id for line in basket] for basket in grouped] == [["m1", "b1"], ["h1"]]


def test_a_cancelled_order_is_no_purchase(tmp_path: Path) -> None:
    cancelled = Bought("4", "902", day(5), ["m1"], status="cancelled")
    with little_shop(tmp_path, (cancelled, Bought("5", "902", day(6), ["b1"]))) as (database, _):
        bought = PurchaseHistory(database, STORE).of("902")
    assert [purchase.product_id for purchase in bought] == ["b1"]
