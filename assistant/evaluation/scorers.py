"""All scorers by the expectation they judge; state and rules only, no model judges."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from assistant.evaluation.card_scorers import CARD_INVARIANTS, CARD_SCORERS
from assistant.evaluation.moment import Moment, Scorer
from assistant.evaluation.order_scorers import ORDER_SCORERS
from assistant.evaluation.records import CaseRecord
from assistant.evaluation.state_scorers import STATE_SCORERS
from assistant.evaluation.turn_scorers import INVARIANTS, TURN_SCORERS

ALWAYS: Mapping[str, Scorer] = MappingProxyType({**INVARIANTS, **CARD_INVARIANTS})
SCORERS: Mapping[str, Scorer] = MappingProxyType(
    {**TURN_SCORERS, **CARD_SCORERS, **STATE_SCORERS, **ORDER_SCORERS}
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One judged expectation of a turn (from 1); `detail` says what was seen where it failed."""

    turn: int
    expectation: str
    passed: bool
    detail: str = ""


def judge(record: CaseRecord) -> tuple[Verdict, ...]:
    """Judge all stated expectations of all turns, and what must hold of every turn."""
    verdicts = []
    for number, case_turn in enumerate(record.case.turns, start=1):
        if number > len(record.turns):
            verdicts.append(Verdict(number, "completed", False, "the turn was not reached"))
            continue
        moment = Moment(record.turns[:number], record.facts, case_turn.expect)
        due = {**ALWAYS, **{name: SCORERS[name] for name in case_turn.expect.stated}}
        for name, scorer in due.items():
            wrong = scorer(moment)
            verdicts.append(Verdict(number, name, wrong is None, wrong or ""))
    return tuple(verdicts)
