"""What is read from order lines: baskets by household and what sold reduced when."""

from datetime import timedelta

from finetune.tasks.baskets import Line, purchases_of
from tests.finetune.tasks.shop import START, ZONE, bought


def line(day: int, price: float, order: str = "") -> Line:
    at = START + timedelta(days=day)
    return Line("1", order or f"o{day}", at, "p", "Milk", 1, price)


def test_a_line_below_the_latest_prices_counts_as_reduced() -> None:
    diary = purchases_of([line(0, 100), line(1, 100), line(2, 80), line(3, 95)], ZONE).diary
    days = [(START + timedelta(days=day)).date() for day in range(4)]
    assert [diary.reduced[day]["Milk"] for day in days] == [0, 0, 1, 0]


def test_a_later_price_never_changes_what_counted_as_reduced() -> None:
    before = [line(0, 100), line(1, 100), line(2, 95)]
    later = [line(day, 500) for day in range(3, 30)]
    day = (START + timedelta(days=2)).date()
    assert purchases_of([*before, *later], ZONE).diary.reduced[day]["Milk"] == 0


def test_lines_of_an_order_make_one_basket_with_quantities() -> None:
    found = purchases_of([line(0, 100, "o"), line(0, 100, "o"), line(1, 100)], ZONE)
    assert [dict(basket.names) for basket in found.households[0].baskets] == [
        {"Milk": 2},
        {"Milk": 1},
    ]


def test_baskets_come_oldest_first() -> None:
    for household in bought().households:
        times = [basket.at for basket in household.baskets]
        assert times == sorted(times)
