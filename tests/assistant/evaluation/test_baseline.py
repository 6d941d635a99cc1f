from pathlib import Path

import pytest

from assistant.errors import BadInput
from assistant.evaluation.baseline import (
    BASELINE,
    compare,
    make_baseline,
    read_baseline,
    verdict,
)
from assistant.evaluation.figures import CaseOutcome, outcomes
from tests.assistant.evaluation.small_shop import card, cards, case, record, turn


def run(suite: str, passed: int, total: int, wanted: int = 1) -> tuple[CaseOutcome, ...]:
    """Outcomes of a suite whose first `passed` cases pass."""
    cases = [case({"products_min": wanted}, id_=f"{suite}-{number:03d}") for number in range(total)]
    return outcomes(
        [
            record(of, [turn(cards(card("milk"), card("bananas")) if i < passed else cards())])
            for i, of in enumerate(cases)
        ]
    )


def test_committed_baseline_can_be_read_where_there_is_one() -> None:
    baseline = read_baseline(BASELINE)
    assert baseline is None or baseline.cases


def test_baseline_comes_back_from_its_file_with_counts_per_suite(tmp_path: Path) -> None:
    kept = make_baseline(run("find", 3, 5), store="s", model="m", repeats=1)
    path = tmp_path / "baseline.json"
    path.write_text(kept.model_dump_json())
    assert read_baseline(path) == kept
    assert kept.counts == {"find": (3, 5)}


def test_no_file_is_no_baseline_and_a_broken_one_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    assert read_baseline(path) is None
    path.write_text("{}")
    with pytest.raises(BadInput, match="baseline"):
        read_baseline(path)


def test_many_lost_cases_are_a_regression() -> None:
    before = make_baseline(run("find", 20, 20), store="s", model="m", repeats=1)
    found = compare(before, run("find", 8, 20))
    assert (found["find"].paired.lost, found["find"].paired.gained) == (12, 0)
    assert verdict(found) == "regressed"


def test_two_lost_cases_of_twenty_are_no_significant_change() -> None:
    before = make_baseline(run("find", 20, 20), store="s", model="m", repeats=1)
    assert verdict(compare(before, run("find", 18, 20))) == "no significant change"


def test_many_gained_cases_are_an_improvement() -> None:
    before = make_baseline(run("find", 4, 20), store="s", model="m", repeats=1)
    assert verdict(compare(before, run("find", 20, 20))) == "improved"


def test_one_suites_regression_shows_although_another_gained() -> None:
    now = (*run("find", 4, 20), *run("lists", 20, 20))
    was = (*run("find", 20, 20), *run("lists", 4, 20))
    before = make_baseline(was, store="s", model="m", repeats=1)
    found = compare(before, now)
    assert found["all"].judgement == "no significant change"
    assert verdict(found) == "regressed"


def test_changed_cases_are_not_compared() -> None:
    before = make_baseline(run("find", 20, 20, wanted=1), store="s", model="m", repeats=1)
    found = compare(before, run("find", 0, 20, wanted=2))
    assert found["all"].paired.total == 0
    assert verdict(found) == "no significant change"
