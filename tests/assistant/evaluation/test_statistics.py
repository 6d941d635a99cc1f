import pytest

from assistant.evaluation.statistics import Paired, Share, holm


def test_wilson_interval_of_eight_in_ten() -> None:
    # By hand with z = 1.96: middle (0.8 + 0.192) / 1.384, half 1.96 * sqrt(0.016 + 0.0096) / 1.384.
    low, high = Share(8, 10).interval
    assert [low, high] == pytest.approx([0.4902, 0.9433], abs=1e-4)


def test_all_or_none_still_leave_doubt_on_the_other_side() -> None:
    assert list(Share(10, 10).interval) == pytest.approx([0.7225, 1.0], abs=1e-4)
    assert list(Share(0, 10).interval) == pytest.approx([0.0, 0.2775], abs=1e-4)


def test_nothing_counted_says_nothing() -> None:
    assert Share(0, 0).rate == 0.0
    assert Share(0, 0).interval == (0.0, 1.0)


def test_mcnemar_is_the_sign_test_of_the_changed_cases() -> None:
    # 9 lost, 1 gained: 2 * (1 + 10) / 1024.
    assert Paired(lost=9, gained=1, total=100).p_value == pytest.approx(22 / 1024)
    assert Paired(lost=3, gained=3, total=100).p_value == pytest.approx(1.0)
    assert Paired(lost=0, gained=0, total=100).p_value == 1.0


def test_interval_of_the_change_lies_around_it() -> None:
    # (1.5 - 9.5) / 102 = -0.0784; sqrt(11 - 64 / 102) / 102 * 1.96 = 0.0619.
    low, high = Paired(lost=9, gained=1, total=100).interval
    assert [low, high] == pytest.approx([-0.1403, -0.0165], abs=1e-3)


def test_holm_multiplies_the_smallest_by_the_number_of_tests() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == {
        "a": pytest.approx(0.03),
        "c": pytest.approx(0.06),
        "b": pytest.approx(0.06),
    }
    assert holm({"a": 0.9, "b": 0.8}) == {"b": 1.0, "a": 1.0}
