"""`replay`: gold actions of benchmark tasks on the shop's own order tools."""

import sys
from pathlib import Path

from assistant.commands.status import ANSWERED, REGRESSED
from assistant.evaluation.replay.replay import replay


def run(store_file: Path, tasks: Path, expected: Path) -> None:
    """Print the report as JSON and exit with 1 where a task ended differently."""
    report = replay(store_file, tasks, expected)
    sys.stdout.write(report.as_json() + "\n")
    sys.exit(REGRESSED if report.different else ANSWERED)
