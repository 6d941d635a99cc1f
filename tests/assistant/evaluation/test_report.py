from io import StringIO

from rich.console import Console

from assistant.evaluation.baseline import Baseline, make_baseline
from assistant.evaluation.cases import Case
from assistant.evaluation.evaluation import compared
from assistant.evaluation.figures import CaseOutcome, outcomes
from assistant.evaluation.report import show_report
from tests.assistant.evaluation.small_shop import card, cards, case, record, turn


def written(of: tuple[CaseOutcome, ...], before: Baseline | None = None) -> str:
    console = Console(record=True, width=200, file=StringIO())
    show_report(console, compared(of, before))
    return console.export_text()


def failing(message: str, *, reserved: bool) -> Case:
    turns = [{"user": message, "expect": {"products_min": 1}}]
    return case(turns=turns, reserved=reserved)


def test_pass_rates_come_with_their_interval() -> None:
    text = written(outcomes([record(case({"products_min": 1}), [turn(cards(card("milk")))])]))
    assert "1/1" in text and "20.7% to 100.0%" in text


def test_failures_are_shown_with_what_was_seen() -> None:
    text = written(outcomes([record(failing("got [any] milk?", reserved=False), [turn()])]))
    assert "got [any] milk?" in text and "0 cards" in text
    assert "0 reserved cases failed" in text


def test_reserved_failures_are_counted_but_never_shown() -> None:
    text = written(outcomes([record(failing("a secret message", reserved=True), [turn()])]))
    assert "a secret message" not in text and "find-001" not in text
    assert "1 reserved cases failed" in text


def test_messages_cannot_write_to_the_terminal() -> None:
    text = written(outcomes([record(failing("\x1b[31mred\u202e", reserved=False), [turn()])]))
    assert "\x1b[31m" not in text and "\u202e" not in text


def test_comparison_names_lost_and_gained_cases() -> None:
    good = outcomes([record(case({"products_min": 1}), [turn(cards(card("milk")))])])
    bad = outcomes([record(case({"products_min": 1}), [turn()])])
    text = written(bad, make_baseline(good, store="s", model="m", repeats=1))
    assert "lost" in text and "no significant change" in text
