"""An evaluation as tables for a person; reserved cases are counted and never shown."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assistant.evaluation.baseline import ALL, Comparison
from assistant.evaluation.evaluation import Evaluation
from assistant.evaluation.figures import CaseOutcome, Figures
from assistant.evaluation.statistics import Share

_DETAIL = 90


def show_report(console: Console, evaluation: Evaluation) -> None:
    """Write all tables."""
    everything = evaluation.figures[ALL]
    console.print(_suites(evaluation.figures, evaluation.comparisons))
    console.print(_shares("Expectations", everything.expectations))
    console.print(_shares("Slots by what filled them", everything.slots))
    console.print(_model(everything))
    console.print(_failures(evaluation.outcomes))
    hidden = sum(of.case.reserved and not of.passed for of in evaluation.outcomes)
    console.print(
        f"{hidden} reserved cases failed; they are not shown, so that nobody tunes on them"
    )


def _suites(figures: Mapping[str, Figures], comparisons: Mapping[str, Comparison]) -> Table:
    table = Table("suite", "passed", "rate", "95 % interval", title="Cases")
    if comparisons:
        for heading in ("lost", "gained", "change, 95 %", "judgement"):
            table.add_column(heading)
    for name, found in figures.items():
        table.add_row(name, *_cells(found.cases), *_change(comparisons.get(name)))
    return table


def _change(comparison: Comparison | None) -> tuple[str, ...]:
    if comparison is None:
        return ()
    low, high = comparison.paired.interval
    return (
        str(comparison.paired.lost),
        str(comparison.paired.gained),
        f"{low:+.1%} to {high:+.1%}",
        comparison.judgement,
    )


def _cells(share: Share) -> tuple[str, str, str]:
    low, high = share.interval
    return f"{share.hits}/{share.total}", f"{share.rate:.1%}", f"{low:.1%} to {high:.1%}"


def _shares(title: str, shares: Mapping[str, Share]) -> Table:
    table = Table("name", "right", "rate", "95 % interval", title=title)
    for name, share in sorted(shares.items(), key=lambda item: item[1].rate):
        table.add_row(name, *_cells(share))
    return table


def _model(found: Figures) -> Table:
    table = Table("measure", "count", "rate", "95 % interval", title="The model's part")
    table.add_row("sentences that survive the grounding check", *_cells(found.sentences))
    table.add_row("turns whose visible text is the model's", *_cells(found.model_turns))
    table.add_row("turns without the engine or another part", *_cells(found.degraded_turns))
    table.add_row("seconds a turn, median", f"{found.seconds_median:.2f}", "", "")
    table.add_row("seconds a turn, 95th percentile", f"{found.seconds_p95:.2f}", "", "")
    return table


def _failures(of: Sequence[CaseOutcome]) -> Table:
    table = Table("case", "turn", "message", "expectation", "seen", title="Failed")
    for outcome in of:
        if outcome.case.reserved:
            continue
        for failure in outcome.failures:
            message = outcome.case.turns[failure.turn - 1].user
            table.add_row(
                outcome.case.id,
                str(failure.turn),
                escape(
                    ascii(message[:_DETAIL]) if not message.isprintable() else message[:_DETAIL]
                ),
                failure.expectation,
                escape(failure.detail[:_DETAIL]),
            )
    return table
