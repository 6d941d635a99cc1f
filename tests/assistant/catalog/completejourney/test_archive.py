from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from assistant.catalog.completejourney.archive import PromotionArchive, week_of
from assistant.catalog.completejourney.source import data_folder
from assistant.errors import ConfigurationError


@pytest.fixture
def archive(data: Path) -> Iterator[PromotionArchive]:
    with PromotionArchive(data) as opened:
        yield opened


def test_a_weeks_promotions_are_those_in_a_mailer_or_on_display(archive: PromotionArchive) -> None:
    week = archive.week(date(2017, 12, 26))
    rows = zip(
        week.locations.tolist(),
        week.product_ids.tolist(),
        week.mailer.tolist(),
        week.display.tolist(),
        strict=True,
    )
    assert sorted(rows) == [
        ("10", "1", True, False),
        ("10", "3", True, True),
        ("10", "4", True, False),
        ("10", "5", False, True),
        ("11", "3", False, True),
    ]


def test_another_week_has_its_own_promotions(archive: PromotionArchive) -> None:
    assert archive.week(date(2017, 12, 24)).product_ids.tolist() == ["2"]
    assert archive.week(date(2017, 10, 1)).product_ids.tolist() == []


def test_lines_are_discounted_where_and_when_they_were_promoted(archive: PromotionArchive) -> None:
    lines = archive.discounted()
    marks = {
        (order, product): (promoted, coupon)
        for order, product, promoted, coupon in zip(
            lines.order_ids.tolist(),
            lines.product_ids.tolist(),
            lines.promoted.tolist(),
            lines.coupon.tolist(),
            strict=True,
        )
    }
    # Basket 101 was paid for by a coupon at a location and in a week without promotions.
    assert marks[("101", "3")] == (False, True)
    assert marks[("102", "1")] == (True, True)
    assert marks[("102", "3")] == (True, False)
    assert ("100", "1") not in marks


def test_every_order_has_its_location(archive: PromotionArchive) -> None:
    locations = archive.locations()
    assert locations["100"] == "11"
    assert locations["102"] == "10"


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2017, 1, 1), 1),
        (date(2017, 1, 2), 2),
        (date(2017, 9, 11), 38),
        (date(2017, 12, 31), 53),
    ],
)
def test_weeks_run_from_monday_to_sunday(day: date, week: int) -> None:
    assert week_of(day) == week


def test_the_weeks_are_those_of_the_real_data() -> None:
    weeks = duckdb.execute(
        "SELECT DISTINCT week, ((transaction_timestamp AT TIME ZONE 'UTC')"
        " AT TIME ZONE 'America/New_York')::DATE FROM read_parquet(?)",
        [str(data_folder() / "transactions.parquet")],
    ).fetchall()
    assert all(week_of(day) == week for week, day in weeks)


def test_missing_data_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"transactions\.parquet is missing or broken"):
        PromotionArchive(tmp_path)
