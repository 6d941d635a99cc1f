"""The committed baseline: which cases passed, and whether a run is significantly worse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import BadInput
from assistant.evaluation.figures import CaseOutcome, by_suite
from assistant.evaluation.statistics import Paired, holm
from assistant.prompting import PROMPTS

BASELINE = PROMPTS / "cases" / "baseline.json"
ALL = "all"
_ALPHA = 0.05
Judgement = Literal["regressed", "improved", "no significant change"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BaselineCase(_Part):
    """How a case ended; the digest tells whether it is still the same case."""

    suite: str
    digest: str
    passed: bool


class Baseline(_Part):
    """A run to compare later runs with; only one of the same store, model and k is."""

    store: str
    model: str
    repeats: int
    cases: dict[str, BaselineCase]

    def made_by(self, store: str, model: str, repeats: int) -> bool:
        """Whether it came from the same store, model and number of repeats."""
        return (self.store, self.model, self.repeats) == (store, model, repeats)

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Passed and all cases per suite."""
        found: dict[str, tuple[int, int]] = {}
        for case in self.cases.values():
            passed, total = found.get(case.suite, (0, 0))
            found[case.suite] = (passed + case.passed, total + 1)
        return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """The change of one suite, or of all, since the baseline; `p` is adjusted for their number."""

    paired: Paired
    p: float

    @property
    def judgement(self) -> Judgement:
        """Worse, better or neither at the 5 % level."""
        if self.p >= _ALPHA:
            return "no significant change"
        return "regressed" if self.paired.lost > self.paired.gained else "improved"


def read_baseline(path: Path) -> Baseline | None:
    """Read a baseline, None where there is none; raises BadInput for a broken one."""
    if not path.exists():
        return None
    try:
        return Baseline.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise BadInput(
            f"{path.name} is no baseline ({error.error_count()} errors); save one"
        ) from error


def make_baseline(of: Sequence[CaseOutcome], *, store: str, model: str, repeats: int) -> Baseline:
    """Keep how each case ended."""
    cases = {
        outcome.case.id: BaselineCase(
            suite=outcome.case.suite, digest=outcome.case.digest, passed=outcome.passed
        )
        for outcome in sorted(of, key=lambda outcome: outcome.case.id)
    }
    return Baseline(store=store, model=model, repeats=repeats, cases=cases)


def compare(baseline: Baseline, of: Sequence[CaseOutcome]) -> dict[str, Comparison]:
    """Compare case by case, per suite and in all; changed and new cases are left out.

    The tests' p-values are adjusted together (Holm), so that many suites raise no false alarm.
    """
    groups = {ALL: tuple(of), **by_suite(of)}
    paired = {name: _paired(baseline, group) for name, group in groups.items()}
    adjusted = holm({name: pair.p_value for name, pair in paired.items()})
    return {name: Comparison(paired[name], adjusted[name]) for name in groups}


def verdict(comparisons: Mapping[str, Comparison]) -> Judgement:
    """Say whether anything regressed, else whether all together improved."""
    if any(found.judgement == "regressed" for found in comparisons.values()):
        return "regressed"
    return comparisons[ALL].judgement


def _paired(baseline: Baseline, of: Sequence[CaseOutcome]) -> Paired:
    lost = gained = total = 0
    for outcome in of:
        before = baseline.cases.get(outcome.case.id)
        if before is None or before.digest != outcome.case.digest:
            continue
        total += 1
        lost += before.passed and not outcome.passed
        gained += outcome.passed and not before.passed
    return Paired(lost, gained, total)
