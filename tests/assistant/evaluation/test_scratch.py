from pathlib import Path

from assistant.evaluation.scratch import copied
from assistant.orders.cart import CartBook
from tests.assistant.evaluation.small_shop import SmallShop


def test_changes_to_the_copy_leave_the_shop_alone(tmp_path: Path) -> None:
    shop = SmallShop(tmp_path)
    shop.carts.add("shopper:900", "milk", 1)
    (tmp_path / "run").mkdir()
    copy = CartBook(copied(shop.database, tmp_path / "run"), shop.catalogue.store)
    assert [line.quantity for line in copy.lines("shopper:900")] == [1]
    copy.clear("shopper:900")
    assert [line.quantity for line in shop.carts.lines("shopper:900")] == [1]
