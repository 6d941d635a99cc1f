"""`eval`: run evaluation cases and report pass rates."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from assistant.commands.events import print_json
from assistant.commands.progress import progress_bars
from assistant.commands.status import ANSWERED, REGRESSED
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
    save_baseline: bool = False,
) -> None:
    """Run the cases, draw the report on stderr; exit 1 where a suite has become worse."""
    with progress_bars() as report:
        evaluation = evaluate(
            settings,
            [Path(case) for case in cases],
            prompts,
            store,
            repeats,
            report,
            save_baseline=save_baseline,
        )
    show_report(Console(stderr=True), evaluation)
    if as_json:
        print_json(evaluation.summary)
    sys.exit(REGRESSED if evaluation.regressed else ANSWERED)
