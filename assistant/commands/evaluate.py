"""`eval`: run cases, write the report to stderr and the summary to stdout."""

from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from assistant.commands.events import print_json
from assistant.commands.progress import progress_bars
from assistant.commands.status import REGRESSED
from assistant.evaluation.command import evaluate
from assistant.evaluation.report import show_report
from assistant.settings import Settings


def run(
    settings: Settings,
    cases: Sequence[str],
    prompts: Sequence[str],
    store: str | None,
    repeats: int,
    *,
    as_json: bool,
) -> None:
    """Evaluate; leave with 1 when something regressed since the committed baseline."""
    paths = [Path(case) for case in cases]
    with progress_bars() as report:
        evaluation = evaluate(settings, paths, prompts, store, repeats, report)
    show_report(Console(stderr=True), evaluation)
    if as_json:
        print_json(evaluation.summary)
    if evaluation.regressed:
        raise typer.Exit(REGRESSED)
