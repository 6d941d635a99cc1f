"""Every fact that a persona states, computed again from the data."""

from collections import Counter
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

import duckdb
import pytest

from assistant.catalog.completejourney.families import GroupedFamily
from assistant.catalog.completejourney.personas import PERSONAS
from assistant.catalog.completejourney.source import LineRow, OrderRow, Source, data_folder
from assistant.catalog.showcase import Persona

NEW_YORK = ZoneInfo("America/New_York")
BY_ID = {persona.id: persona for persona in PERSONAS}


class History:
    """What the personas bought, by household id."""

    def __init__(self, source: Source, families: dict[str, GroupedFamily]) -> None:
        self.family_of = {
            product.product_id: family
            for family in families.values()
            for product in family.products
        }
        self.orders: dict[str, list[OrderRow]] = {persona.id: [] for persona in PERSONAS}
        for order in source.orders():
            if order.shopper_id in self.orders:
                self.orders[order.shopper_id].append(order)
        buyers = {order.id: buyer for buyer, orders in self.orders.items() for order in orders}
        self.lines: dict[str, list[LineRow]] = {persona.id: [] for persona in PERSONAS}
        for line in source.lines():
            if line.order_id in buyers:
                self.lines[buyers[line.order_id]].append(line)

    def names(self, shopper_id: str) -> Counter[str]:
        return Counter(self.family_of[line.product_id].name for line in self.lines[shopper_id])

    def share(self, shopper_id: str, aisle: str) -> float:
        aisles = Counter(self.family_of[line.product_id].aisle for line in self.lines[shopper_id])
        return aisles[aisle] / aisles.total()


@pytest.fixture(scope="module")
def history(real_families: dict[str, GroupedFamily], real: Source) -> History:
    return History(real, real_families)


def says(persona: Persona, *facts: str) -> bool:
    return all(fact in persona.description for fact in facts)


def test_there_are_six_and_900_is_one() -> None:
    assert len(BY_ID) == len(PERSONAS) == 6
    assert len({persona.label for persona in PERSONAS}) == 6
    assert "900" in BY_ID


def test_little_and_often(history: History) -> None:
    assert says(BY_ID["900"], "607 orders", "half of them of one or two", "dog food", "water")
    assert len(history.orders["900"]) == 607
    per_order = Counter(line.order_id for line in history.lines["900"])
    assert median(per_order.values()) == 2
    assert [name for name, _ in history.names("900").most_common(2)] == [
        "Canned dog food, gourmet & super premium",
        "Still drinking & mineral water",
    ]


def test_the_weekly_baker(history: History) -> None:
    assert says(BY_ID["907"], "48 orders", "a quarter", "layer cake mix 41 times")
    assert len(history.orders["907"]) == 48
    assert history.share("907", "Baking & spices") == pytest.approx(0.25, abs=0.01)
    assert history.names("907")["Layer cake mix"] == 41


def test_life_with_cats(history: History) -> None:
    assert says(BY_ID["733"], "Two in five", "146 times", "69 times")
    assert history.share("733", "Pets") == pytest.approx(0.4, abs=0.01)
    assert history.names("733")["Canned cat food"] == 146
    assert history.names("733")["Cat treats"] == 69


def test_a_baby_in_the_house(history: History) -> None:
    assert says(BY_ID["1839"], "38 %", "146 times", "81 times")
    assert round(100 * history.share("1839", "Baby")) == 38
    assert history.names("1839")["Beginner baby food"] == 146
    assert history.names("1839")["Junior baby food"] == 81


def test_the_night_owl(history: History) -> None:
    assert says(BY_ID["2070"], "395 orders", "two thirds", "9 in the evening", "5 in the morning")
    orders = history.orders["2070"]
    assert len(orders) == 395

    def at_night(placed_at: datetime) -> bool:
        hour = placed_at.astimezone(NEW_YORK).hour
        return hour >= 21 or hour < 5

    assert sum(at_night(order.placed_at) for order in orders) / 395 == pytest.approx(
        0.667, abs=0.01
    )


def test_the_coupon_clipper() -> None:
    assert says(BY_ID["574"], "52 of its 72 shopping trips", "$369.66")
    row = duckdb.execute(
        "SELECT count(DISTINCT basket_id), count(DISTINCT basket_id) FILTER (coupon_disc > 0),"
        " round(sum(coupon_disc), 2) FROM read_parquet(?) WHERE household_id = 574",
        [str(data_folder() / "transactions.parquet")],
    ).fetchone()
    assert row == (72, 52, 369.66)
