from assistant.dialogue.events import printed_events
from assistant.evaluation.baseline import make_baseline
from assistant.evaluation.evaluation import compared
from assistant.evaluation.figures import CaseOutcome, outcomes
from tests.assistant.evaluation.small_shop import card, cards, case, record, turn


def run(passed: int, total: int = 20) -> tuple[CaseOutcome, ...]:
    cases = [case({"products_min": 1}, id_=f"find-{number:03d}") for number in range(total)]
    return outcomes(
        [
            record(of, [turn(cards(card("milk")) if number < passed else cards())])
            for number, of in enumerate(cases)
        ]
    )


def test_summary_is_a_printable_event_with_every_suite_and_all() -> None:
    summary = compared(run(15), None).summary
    assert printed_events.validate_json(summary.model_dump_json()) == summary
    assert set(summary.suites) == {"find", "all"}


def test_without_a_baseline_there_is_no_verdict() -> None:
    found = compared(run(15), None)
    assert found.summary.verdict is None and not found.regressed


def test_a_regression_is_said_and_told_to_the_command() -> None:
    before = make_baseline(run(20), store="s", model="m", repeats=1)
    found = compared(run(5), before)
    assert found.summary.verdict == "regressed" and found.regressed
    assert not compared(run(20), before).regressed
