import pytest

from assistant.dialogue.requests import Intent
from assistant.dialogue.trace import TracedSentence, TurnTrace
from assistant.evaluation.cases import Case
from assistant.evaluation.figures import as_json, by_suite, figures, outcomes
from assistant.evaluation.records import CaseRecord, TurnRecord
from assistant.evaluation.statistics import Share
from tests.assistant.evaluation.small_shop import (
    EMPTY,
    asked,
    card,
    cards,
    case,
    done,
    record,
    turn,
)


def one_card(of: Case) -> CaseRecord:
    return record(of, [turn(cards(card("milk")))])


def test_case_passes_only_when_all_its_runs_pass() -> None:
    wanted = case({"products_min": 1})
    good, bad = one_card(wanted), record(wanted, [turn()])
    assert outcomes([good, good])[0].passed
    mixed = outcomes([good, bad])
    assert len(mixed) == 1 and not mixed[0].passed
    assert [(f.expectation, f.detail) for f in mixed[0].failures] == [("products_min", "0 cards")]


def test_same_failure_in_two_runs_is_listed_once() -> None:
    bad = record(case({"products_min": 1}), [turn()])
    assert len(outcomes([bad, bad])[0].failures) == 1


def test_suites_are_counted_apart() -> None:
    ran = outcomes(
        [
            one_card(case({"products_min": 1}, id_="find-001")),
            record(case({"products_min": 1}, id_="find-002"), [turn()]),
            one_card(case({"products_min": 1}, id_="lists-001")),
        ]
    )
    rates = {suite: figures(group).cases for suite, group in by_suite(ran).items()}
    assert rates == {"find": Share(1, 2), "lists": Share(1, 1)}
    assert figures(ran).expectations["products_min"] == Share(2, 3)


def test_slots_are_counted_by_what_filled_them() -> None:
    wanted = case({"slots": [{"query_words": ["milk"], "max_price": 300, "min_price": None}]})
    request = asked(
        Intent.FIND, {"query": "model", "max_price": "rule"}, query="bread", max_price=300
    )
    seen = figures(outcomes([record(wanted, [turn(trace=TurnTrace(requests=(request,)))])]))
    assert seen.slots == {"model": Share(0, 1), "nothing": Share(1, 1), "rule": Share(1, 1)}


def test_model_is_credited_with_kept_sentences_and_turns_of_its_text() -> None:
    kept = TracedSentence(text="a", kept=True, reason="")
    dropped = TracedSentence(text="b", kept=False, reason="price")
    first = turn(trace=TurnTrace(sentences=(kept, dropped), model_text=True))
    second = turn(trace=TurnTrace(sentences=(dropped,)))
    silent = turn(text="", trace=TurnTrace(model_text=False))
    seen = figures(outcomes([record(case({}, {}, {}), [first, second, silent])]))
    assert seen.sentences == Share(1, 3)
    assert seen.model_turns == Share(1, 2)


def test_json_gives_shares_with_their_interval() -> None:
    seen = as_json(figures(outcomes([one_card(case({"products_min": 1}))])))
    assert seen["cases"] == {
        "hits": 1, "total": 1, "rate": 1.0, "low": pytest.approx(0.2065), "high": 1.0,
    }  # fmt: skip
    assert seen["seconds"] == {"median": 0.5, "p95": 0.5}


def test_turns_without_the_engine_are_counted() -> None:
    down = done().model_copy(update={"degraded": ("engine",)})
    without = TurnRecord("hi", (down,), TurnTrace(), EMPTY, EMPTY)
    seen = figures(outcomes([record(case({}, {}), [turn(), without])]))
    assert seen.degraded_turns == Share(1, 2)
