import numpy as np
import pytest

from assistant.recommend.ranking.habits import NAMES, NEVER, events_of, habit_columns, habit_of
from assistant.recommend.ranking.items import ItemTable
from tests.assistant.recommend.ranking.toy import toy_items


def _columns(
    on: list[int], item: list[int], day: int, asked: int, items: ItemTable
) -> dict[str, float]:
    rows = np.zeros(len(on), np.int32)
    events = events_of(rows, np.array(item, np.int32), np.array(on, np.int32), rows + 100, 1, day)
    habit = habit_of(events, np.arange(len(items), dtype=np.int32), len(items))
    one = np.zeros(1, np.int32)
    row = habit_columns(events, habit, one, np.array([asked], np.int32))[0]
    return dict(zip(NAMES, row.tolist(), strict=True))


def test_what_was_bought_in_the_last_and_third_last_trip_has_both_weights() -> None:
    found = _columns([10, 20, 30], [1, 2, 1], 32, 1, toy_items(3))
    assert found["fade_95"] == pytest.approx(1 + 0.95**2)
    assert found["fade_80"] == pytest.approx(1 + 0.8**2)
    assert found["log_recency"] == pytest.approx(np.log(1 + 0.95**2 + NEVER))
    assert found["count"] == pytest.approx(np.log(3))
    assert found["rate"] == pytest.approx(2 / 3)
    assert found["days_since"] == pytest.approx(np.log(3))
    assert found["trips_since"] == pytest.approx(0)
    # Twenty days lay between the two; two of them have passed.
    assert found["gap"] == pytest.approx(np.log(21))
    assert found["due"] == pytest.approx(0.1)


def test_two_lines_of_one_day_are_one_trip() -> None:
    found = _columns([10, 10], [1, 1], 12, 1, toy_items(3))
    assert found["fade_95"] == pytest.approx(1)
    assert found["count"] == pytest.approx(np.log(2))


def test_what_was_never_bought_is_at_the_bottom() -> None:
    found = _columns([10], [1], 12, 2, toy_items(3))
    assert found["log_recency"] == pytest.approx(np.log(NEVER))
    assert (found["fade_95"], found["count"], found["due"]) == (0, 0, 0)


def test_a_shopper_without_purchases_has_columns_all_the_same() -> None:
    assert _columns([], [], 12, 2, toy_items(3))["count"] == 0
