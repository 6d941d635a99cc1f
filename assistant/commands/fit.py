"""`fit`: train a store's ranking heads."""

import sys

from assistant import wiring
from assistant.commands.progress import progress_bars
from assistant.recommend.ranking.report import report_lines
from assistant.settings import Settings


def run(settings: Settings, store: str | None) -> None:
    """Fit a store's heads and print how they did on households that were left out."""
    name = store or settings.store
    with progress_bars() as report:
        card, folder = wiring.fit(settings, name, report)
    sys.stdout.write("\n".join(report_lines(card)) + "\n")
    sys.stderr.write(f"The heads of {name!r} are in {folder}; `recommend` uses them now.\n")
