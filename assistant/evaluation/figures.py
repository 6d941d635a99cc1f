"""Figures of an evaluation: pass rates, slots by source, and what the model contributed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

from pydantic import JsonValue

from assistant.evaluation.cases import Case
from assistant.evaluation.records import CaseRecord, TurnRecord
from assistant.evaluation.scorers import Verdict, judge
from assistant.evaluation.slots import judge_slots
from assistant.evaluation.statistics import Share


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """A case with all its runs and their verdicts; it passes when every run passes in full."""

    case: Case
    runs: tuple[CaseRecord, ...]
    verdicts: tuple[tuple[Verdict, ...], ...]

    @property
    def passed(self) -> bool:
        """Whether everything held in every run."""
        return all(verdict.passed for run in self.verdicts for verdict in run)

    @property
    def failures(self) -> tuple[Verdict, ...]:
        """What failed, each expectation of a turn once."""
        failed = [verdict for run in self.verdicts for verdict in run if not verdict.passed]
        return tuple({(v.turn, v.expectation): v for v in reversed(failed)}.values())[::-1]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is reported of a suite, or of all of them.

    `slots` counts judged slots by what filled them, `sentences` the model's sentences that the
    grounding check kept, `model_turns` the turns whose visible text is the model's,
    `degraded_turns` those that had to do without the engine or another part.
    """

    cases: Share
    expectations: Mapping[str, Share]
    slots: Mapping[str, Share]
    sentences: Share
    model_turns: Share
    degraded_turns: Share
    seconds_median: float
    seconds_p95: float


def outcomes(records: Sequence[CaseRecord]) -> tuple[CaseOutcome, ...]:
    """Judge all runs and gather them by case, in the order of their first run."""
    runs: dict[str, list[CaseRecord]] = {}
    for record in records:
        runs.setdefault(record.case.id, []).append(record)
    return tuple(
        CaseOutcome(of_case[0].case, tuple(of_case), tuple(judge(run) for run in of_case))
        for of_case in runs.values()
    )


def figures(of: Sequence[CaseOutcome]) -> Figures:
    """Count the figures of some outcomes."""
    turns = [turn for outcome in of for run in outcome.runs for turn in run.turns]
    verdicts = [verdict for outcome in of for run in outcome.verdicts for verdict in run]
    sentences = [sentence for turn in turns for sentence in turn.trace.sentences]
    spoken = [turn for turn in turns if turn.text.strip()]
    median, p95 = _seconds(turns)
    return Figures(
        cases=Share(sum(outcome.passed for outcome in of), len(of)),
        expectations=_shares((v.expectation, v.passed) for v in verdicts),
        slots=_shares(_slots(of)),
        sentences=Share(sum(sentence.kept for sentence in sentences), len(sentences)),
        model_turns=Share(sum(turn.trace.model_text for turn in spoken), len(spoken)),
        degraded_turns=Share(sum(_degraded(turn) for turn in turns), len(turns)),
        seconds_median=median,
        seconds_p95=p95,
    )


def by_suite(of: Sequence[CaseOutcome]) -> dict[str, tuple[CaseOutcome, ...]]:
    """Group outcomes by suite."""
    groups: defaultdict[str, list[CaseOutcome]] = defaultdict(list)
    for outcome in of:
        groups[outcome.case.suite].append(outcome)
    return {suite: tuple(group) for suite, group in groups.items()}


def as_json(found: Figures) -> dict[str, JsonValue]:
    """Write figures as plain JSON; shares with their interval, seconds to the hundredth."""
    return {
        "cases": _share_json(found.cases),
        "expectations": {name: _share_json(s) for name, s in found.expectations.items()},
        "slots": {source: _share_json(s) for source, s in found.slots.items()},
        "sentences_kept": _share_json(found.sentences),
        "turns_with_model_text": _share_json(found.model_turns),
        "turns_degraded": _share_json(found.degraded_turns),
        "seconds": {"median": found.seconds_median, "p95": found.seconds_p95},
    }


def _share_json(share: Share) -> JsonValue:
    low, high = share.interval
    return {
        "hits": share.hits,
        "total": share.total,
        "rate": round(share.rate, 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def _shares(judged: Iterable[tuple[str, bool]]) -> dict[str, Share]:
    hits: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for name, right in judged:
        hits[name] += right
        totals[name] += 1
    return {name: Share(hits[name], totals[name]) for name in sorted(totals)}


def _slots(of: Sequence[CaseOutcome]) -> Iterable[tuple[str, bool]]:
    for outcome in of:
        for run in outcome.runs:
            for case_turn, turn in zip(outcome.case.turns, run.turns, strict=False):
                for verdict in judge_slots(case_turn.expect.slots or (), turn.trace.requests):
                    yield verdict.source, verdict.right


def _degraded(turn: TurnRecord) -> bool:
    return turn.done is not None and bool(turn.done.degraded)


def _seconds(turns: Sequence[TurnRecord]) -> tuple[float, float]:
    seconds = [turn.done.seconds for turn in turns if turn.done is not None]
    if len(seconds) < 2:
        return (seconds or [0.0])[0], (seconds or [0.0])[0]
    cuts = quantiles(seconds, n=20, method="inclusive")
    return round(cuts[9], 2), round(cuts[18], 2)
