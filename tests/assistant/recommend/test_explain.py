from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from assistant.recommend.explain import Why, beside, bought, lifted, promoted
from assistant.recommend.history import Purchase
from assistant.recommend.promotion import Offer, Placement
from assistant.recommend.scenarios import Objective

ZONE = ZoneInfo("America/New_York")
CLOCK = datetime(2020, 5, 1, 16, tzinfo=UTC)


def test_something_never_bought_has_no_reason() -> None:
    assert bought((), CLOCK, ZONE) == ()


@pytest.mark.parametrize(
    ("placed", "text"),
    [
        (datetime(2020, 5, 1, 5, tzinfo=UTC), "Bought once, today"),
        # Four in the morning in London is still the evening before in New York.
        (datetime(2020, 5, 1, 3, tzinfo=UTC), "Bought once, yesterday"),
        (datetime(2020, 4, 9, 16, tzinfo=UTC), "Bought once, on 9 Apr"),
        (datetime(2020, 1, 1, 4, tzinfo=UTC), "Bought once, on 31 Dec 2019"),
    ],
)
def test_the_day_is_told_in_the_shops_zone_by_its_clock(placed: datetime, text: str) -> None:
    assert bought([_line("1", placed)], CLOCK, ZONE) == (Why(text, ("1",)),)


def test_times_count_orders_and_not_lines() -> None:
    first, second = datetime(2020, 4, 1, 16, tzinfo=UTC), datetime(2020, 4, 3, 16, tzinfo=UTC)
    lines = [_line("1", first), _line("1", first), _line("2", second)]
    assert bought(lines, CLOCK, ZONE) == (Why("Bought twice, last on 3 Apr", ("2", "1")),)


def test_from_four_purchases_on_the_usual_gap_is_told() -> None:
    # Gaps of 9, 2 and 10 days: the middle one is 9.
    lines = _on(1, 10, 12, 22)
    evidence = ("4", "3", "2", "1")
    assert bought(lines, CLOCK, ZONE) == (
        Why("Bought 4 times, last on 22 Apr", evidence),
        Why("Usually every 9 days", evidence),
    )
    assert len(bought(lines[:3], CLOCK, ZONE)) == 1


def test_a_gap_between_two_counts_of_days_is_rounded_up() -> None:
    # Gaps of 8, 8, 9 and 9 days: the middle is 8.5.
    assert bought(_on(1, 9, 17, 26), CLOCK, ZONE)[1].text == "Usually every 8 days"
    four = [8, 8, 9, 9]
    days = [1, *(1 + sum(four[:at]) for at in range(1, 5))]
    lines = [
        _line(str(at), datetime(2020, 3, 1, 16, tzinfo=UTC) + timedelta(days=number))
        for at, number in enumerate(days)
    ]
    assert bought(lines, CLOCK, ZONE)[1].text == "Usually every 9 days"


def test_daily_purchases_read_naturally_and_one_days_have_no_rhythm() -> None:
    assert bought(_on(1, 2, 3, 4), CLOCK, ZONE)[1].text == "Usually every day"
    assert len(bought(_on(1, 1, 1, 1), CLOCK, ZONE)) == 1


def test_evidence_is_the_newest_five_orders_newest_first() -> None:
    why = bought(_on(1, 2, 3, 4, 5, 6, 7), CLOCK, ZONE)[0]
    assert why == Why("Bought 7 times, last on 7 Apr", ("7", "6", "5", "4", "3"))


@pytest.mark.parametrize(
    ("placement", "text"),
    [
        (Placement.MAILER, "In this week's mailer"),
        (Placement.DISPLAY, "On display this week"),
        (Placement.MOST_MAILERS, "In this week's mailer at most of our locations"),
    ],
)
def test_a_promotion_tells_its_place_and_its_former_price(placement: Placement, text: str) -> None:
    reduced = Offer("m1", "milk", 249, 349, 9, placement)
    plain = Offer("m1", "milk", 249, 249, 9, placement)
    assert promoted(reduced, "USD") == (Why(text), Why("Was $3.49"))
    assert promoted(plain, "USD") == (Why(text),)


def test_a_companion_tells_what_it_goes_with() -> None:
    assert beside("Spaghetti") == Why("Often bought with Spaghetti")


def _on(*days: int) -> list[Purchase]:
    return [
        _line(str(at), datetime(2020, 4, number, 16, tzinfo=UTC))
        for at, number in enumerate(days, start=1)
    ]


def _line(order_id: str, placed_at: datetime) -> Purchase:
    return Purchase(order_id, placed_at, "m1", "milk", 1, 100)


def test_what_lifted_a_product_is_told_for_every_objective() -> None:
    assert lifted(Objective.PRIVATE_LABEL).text == "Higher up because it is own label"
    assert len({lifted(objective).text for objective in Objective}) == len(Objective)
