"""Leaks planted on purpose: what happens from the cut on must not move one column."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from assistant.recommend.ranking.data import RankingData
from assistant.recommend.ranking.habits import events_of
from assistant.recommend.ranking.lists import Lists, lists_of
from assistant.recommend.ranking.log import Lines
from assistant.recommend.scenarios import Scenario
from tests.assistant.recommend.ranking.toy import after, habitual_lines, toy_data

CUT = after(98)
Change = Callable[[Lines, np.ndarray], Lines]


def _changed(data: RankingData, change: Change, *, later: bool) -> RankingData:
    lines = data.log.lines
    rows = (lines.day >= CUT.toordinal()) == later
    return replace(data, log=replace(data.log, lines=change(lines, rows)))


def _browse(data: RankingData) -> Lists:
    return lists_of(data.scene(CUT), [Scenario.BROWSE], 0)[Scenario.BROWSE]


def _one_product(lines: Lines, rows: np.ndarray) -> Lines:
    return replace(lines, item=np.where(rows, 7, lines.item).astype(np.int32))


def _all_promoted(lines: Lines, rows: np.ndarray) -> Lines:
    return replace(lines, promoted=lines.promoted | rows)


def _all_by_coupon(lines: Lines, rows: np.ndarray) -> Lines:
    return replace(lines, coupon=lines.coupon | rows)


def _dear(lines: Lines, rows: np.ndarray) -> Lines:
    return replace(lines, spend=np.where(rows, 99_999, lines.spend).astype(np.int32))


@pytest.mark.parametrize("change", [_one_product, _all_promoted, _all_by_coupon, _dear])
def test_nothing_from_the_cut_on_reaches_the_columns_or_the_pool(change: Change) -> None:
    data = toy_data(shoppers=20)
    plain, planted = _browse(data), _browse(_changed(data, change, later=True))
    assert plain.item.tolist() == planted.item.tolist()
    assert np.array_equal(plain.columns, planted.columns)


def test_the_planted_leak_would_be_seen_before_the_cut() -> None:
    data = toy_data(shoppers=20)
    planted = _browse(_changed(data, _one_product, later=False))
    assert not np.array_equal(_browse(data).columns.shape, planted.columns.shape)


def test_a_coupon_on_a_bought_line_is_never_a_feature() -> None:
    data = toy_data(shoppers=20)
    planted = _browse(_changed(data, _all_by_coupon, later=False))
    assert np.array_equal(_browse(data).columns, planted.columns)


def test_a_purchase_of_the_cut_itself_is_refused_as_history() -> None:
    rows = np.zeros(1, np.int32)
    on = np.array([CUT.toordinal()], np.int32)
    with pytest.raises(ValueError, match="no history"):
        events_of(rows, rows, on, rows, 1, CUT.toordinal())


def test_promotions_are_those_of_the_cuts_own_week() -> None:
    data = toy_data(shoppers=4)
    even, odd = (data.scene(day).shelf.offers for day in (after(98), after(91)))
    assert 0 in even.items_at(0).tolist()
    assert 0 not in odd.items_at(0).tolist()


def test_every_list_is_of_a_shopper_who_came_back() -> None:
    lines = habitual_lines(20, 30, 150)
    came = {line.shopper for line in lines if 98 <= line.day < 126}
    assert set(_browse(toy_data(shoppers=20)).shopper.tolist()) <= came
