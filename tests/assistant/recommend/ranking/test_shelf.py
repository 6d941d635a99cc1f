from pathlib import Path

import numpy as np
import pytest

from assistant.errors import CheckpointError, NotPrepared
from assistant.recommend.ranking.data import RankingData
from assistant.recommend.ranking.items import ItemTable
from assistant.recommend.ranking.offers import offers_of
from assistant.recommend.ranking.shelf import Shelf, home_locations, shelf_of
from assistant.recommend.ranking.shelf_file import open_shelf, save_shelf, shelf_path
from tests.assistant.recommend.ranking.toy import START, Line, after, toy_items, toy_log

NONE = np.empty(0, np.bool_)


def _shelf(lines: list[Line], items: ItemTable, shoppers: int = 3, day: int = 100) -> Shelf:
    log = toy_log(lines, shoppers)
    offers = offers_of(items, (), (), NONE, NONE)
    return shelf_of(items, log.lines, shoppers, START.toordinal() + day, offers)


def test_buyers_trips_and_recent_lines_are_counted() -> None:
    lines = [Line(0, 1, 0), Line(0, 80, 0), Line(1, 20, 0), Line(1, 20, 1)]
    shelf = _shelf(lines, toy_items(3))
    assert shelf.buyers.tolist() == [2, 1, 0]
    assert shelf.month.tolist() == [1, 0, 0]
    assert shelf.quarter.tolist() == [2, 1, 0]
    assert shelf.repeats.tolist() == [1.5, 1, 0]


def test_a_price_is_that_of_the_last_quarter_else_the_last_known() -> None:
    lines = [Line(0, 1, 0, 500), Line(0, 80, 0, 200), Line(0, 90, 0, 400), Line(1, 2, 1, 70)]
    assert _shelf(lines, toy_items(3)).price.tolist() == [300, 70, 0]


def test_kinds_bought_together_draw_each_other_and_not_themselves() -> None:
    together = [Line(s, d, item) for s in range(3) for d in range(0, 40, 4) for item in (0, 1)]
    alone = [Line(s, d, 2) for s in range(3) for d in range(2, 40, 4)]
    pull = _shelf(together + alone, toy_items(3)).pull
    assert pull[0, 1] > 0
    assert pull[0, 2] == pull[0, 0] == 0


def test_a_home_is_where_most_lines_were_bought() -> None:
    lines = [Line(0, 1, 0, location=1), Line(0, 2, 0, location=0), Line(0, 3, 0, location=1)]
    log = toy_log([*lines, Line(1, 1, 0, location=-1)], 3)
    assert home_locations(log.lines, 3, 2).tolist() == [1, -1, -1]


def test_lines_of_the_day_itself_are_refused() -> None:
    with pytest.raises(ValueError, match="no history"):
        _shelf([Line(0, 100, 0)], toy_items(3), day=100)


def test_an_absent_shelf_is_named_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(NotPrepared, match="python -m assistant prepare"):
        open_shelf(shelf_path(tmp_path, "0123456789abcdef0123"))


def test_a_broken_shelf_is_named_with_its_remedy(toy: RankingData, tmp_path: Path) -> None:
    path = shelf_path(tmp_path, "0123456789abcdef0123")
    save_shelf(toy.shelf_now(after(150), toy.offers(after(150))), path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match="is broken; remove it"):
        open_shelf(path)
