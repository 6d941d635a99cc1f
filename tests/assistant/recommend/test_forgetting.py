from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from assistant.catalog import schema
from assistant.recommend.history import PurchaseHistory
from tests.assistant.little_shop import STORE, Bought, day, little_shop, write_shop

ORDERS = (
    Bought("1", "900", day(1), ["m1", "p1"]),
    Bought("2", "900", day(8), ["m2", "b1"]),
    Bought("3", "901", day(9), ["m1"]),
)


def bought(history: PurchaseHistory, shopper: str) -> list[tuple[str, str]]:
    return [(line.order_id, line.product_id) for line in history.of(shopper)]


def test_a_forgotten_family_is_gone_and_nothing_else(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        history = PurchaseHistory(database, STORE)
        assert not history.forgets("900")
        history.forget("900", "milk")
        history.forget("900", "milk")
        assert bought(history, "900") == [("1", "p1"), ("2", "b1")]
        assert bought(history, "901") == [("3", "m1")]
        assert history.forgets("900")
        assert not history.forgets("901")
        assert dict(history.forgotten("900")) == {"milk": STORE.clock}


def test_all_can_be_forgotten_and_what_is_bought_later_is_remembered(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        history = PurchaseHistory(database, STORE)
        history.forget("900")
        assert bought(history, "900") == []
        later = Bought("4", "900", STORE.clock + timedelta(hours=1), ["m1"])
        write_shop(database, (*ORDERS, later), digest="digest-2")
        # The memory outlives a new load of the store's data.
        assert bought(history, "900") == [("4", "m1")]


def test_the_shops_clock_at_the_time_of_forgetting_counts(tmp_path: Path) -> None:
    with little_shop(tmp_path, ORDERS) as (database, _):
        with database.write() as connection:
            connection.execute(update(schema.stores).values(clock=day(5)))
        history = PurchaseHistory(database, STORE)
        history.forget("900")
        assert bought(history, "900") == [("2", "m2"), ("2", "b1")]
