"""A judged run: figures by suite, and the change since the baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.dialogue.events import SummaryEvent
from assistant.evaluation.baseline import ALL, Baseline, Comparison, compare, verdict
from assistant.evaluation.figures import CaseOutcome, Figures, as_json, by_suite, figures


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A judged run: outcomes by case, figures by suite and for all, changes since the baseline."""

    outcomes: tuple[CaseOutcome, ...]
    figures: Mapping[str, Figures]
    comparisons: Mapping[str, Comparison]

    @property
    def regressed(self) -> bool:
        """Whether anything got significantly worse."""
        return self.summary.verdict == "regressed"

    @property
    def summary(self) -> SummaryEvent:
        """The event that `eval` prints last; no verdict where there is nothing to compare with."""
        return SummaryEvent(
            suites={suite: as_json(found) for suite, found in self.figures.items()},
            verdict=verdict(self.comparisons) if self.comparisons else None,
        )


def compared(judged: Sequence[CaseOutcome], before: Baseline | None) -> Evaluation:
    """Count the figures and compare with a baseline, where there is one."""
    groups = {**by_suite(judged), ALL: tuple(judged)}
    return Evaluation(
        outcomes=tuple(judged),
        figures={suite: figures(group) for suite, group in groups.items()},
        comparisons={} if before is None else compare(before, judged),
    )
