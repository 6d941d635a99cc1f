from datetime import timedelta

from assistant.recommend.ranking.cuts import WINDOW, cut_at, training_days
from tests.assistant.recommend.ranking.toy import START, Line, after, toy_log


def test_the_truth_is_the_first_day_of_shopping_from_the_cut_on() -> None:
    log = toy_log(
        [Line(0, 1, 5), Line(0, 10, 6, 70), Line(0, 10, 7), Line(0, 11, 8), Line(0, 9, 9)], 1
    )
    cut = cut_at(log, after(10))
    assert cut.truth.item.tolist() == [6, 7]
    assert cut.truth.spend.tolist() == [70, 100]
    assert cut.before.item.tolist() == [5, 9]


def test_a_first_day_after_the_window_is_no_truth() -> None:
    log = toy_log([Line(0, 0, 1), Line(0, 10 + WINDOW.days, 2)], 1)
    assert len(cut_at(log, after(10)).truth.item) == 0
    inside = toy_log([Line(0, 0, 1), Line(0, 9 + WINDOW.days, 2)], 1)
    assert cut_at(inside, after(10)).truth.item.tolist() == [2]


def test_only_shoppers_with_a_history_and_a_truth_are_ranked_for() -> None:
    log = toy_log([Line(0, 0, 1), Line(1, 12, 1), Line(2, 0, 1), Line(2, 12, 1)], 3)
    assert cut_at(log, after(10)).shoppers.tolist() == [2]


def test_a_product_in_two_lines_counts_once_with_all_that_was_paid() -> None:
    log = toy_log([Line(0, 0, 1), Line(0, 12, 1, 30), Line(0, 12, 1, 40, coupon=True)], 1)
    truth = cut_at(log, after(10)).truth
    assert (truth.item.tolist(), truth.spend.tolist()) == ([1], [70])
    assert truth.discounted.tolist() == [True]


def test_training_windows_close_before_the_day_that_is_tested() -> None:
    test = after(100)
    days = training_days(test, 3, timedelta(days=14), START)
    assert [(test - day).days for day in days] == [28, 42, 56]
    assert all(day + WINDOW <= test for day in days)


def test_no_training_day_lies_before_the_first_one_allowed() -> None:
    assert training_days(after(100), 9, timedelta(days=14), after(60)) == (after(72),)
