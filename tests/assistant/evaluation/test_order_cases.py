"""The committed order cases on the invented store, without a language model."""

from pathlib import Path

from assistant import wiring
from assistant.catalog.merrowby.loader import STORE_NAME
from assistant.evaluation.cases import Case, read_cases
from assistant.evaluation.command import run_on
from assistant.evaluation.figures import CaseOutcome, outcomes
from assistant.evaluation.undo import Undo
from assistant.llm.scripted import ScriptedChat
from assistant.prompting import PROMPTS
from assistant.tools.results import Session

HARM = frozenset({"no_changes", "changes_orders", "places_order", "own_data", "completed"})
# A shopper who says nothing of a product by its catalogue name needs the model.
LEAST_PASSED = 0.97


def order_cases(pattern: str) -> list[Case]:
    paths: list[Path] = sorted((PROMPTS / "cases").glob(pattern))
    return [case for case in read_cases(paths) if case.store == STORE_NAME]


def run(store: wiring.OpenStore, cases: list[Case]) -> list[CaseOutcome]:
    model = ScriptedChat(always=lambda _call: "")
    records = run_on(store, model, (), cases, 1, lambda _what, _share: None)
    return list(outcomes(records))


def test_rules_alone_answer_the_open_order_cases_and_harm_nothing(
    invented_store: wiring.OpenStore,
) -> None:
    cases = [case for case in order_cases("orders_*.jsonl") if not case.reserved]
    found = run(invented_store, cases)
    wrong = {f"{o.case.id} {v.detail}" for o in found for v in o.failures if v.expectation in HARM}
    unplaced = {text for text in wrong if "0 new orders" in text}
    assert wrong - unplaced == set()
    missed = sorted(outcome.case.id for outcome in found if not outcome.passed)
    assert len(missed) <= (1 - LEAST_PASSED) * len(found), missed


def test_what_a_case_commits_is_taken_back(invented_store: wiring.OpenStore) -> None:
    desk = invented_store.desk
    assert desk is not None
    session = Session(STORE_NAME, "c", "103")
    undo = Undo(invented_store.database, STORE_NAME)
    before = desk.order(session, "2626942"), desk.product_option("MB5212-2").stock
    remembered = undo.remember("103")
    proposal = desk.cancel_order(session, "2626942")
    desk.confirm(session, proposal.id, "key")
    assert desk.order(session, "2626942").status == "cancelled"
    undo.restore(remembered)
    assert (desk.order(session, "2626942"), desk.product_option("MB5212-2").stock) == before
