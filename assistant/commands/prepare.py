"""`prepare`: build what a store still lacks."""

import sys

from assistant import wiring
from assistant.commands.progress import progress_bars
from assistant.settings import Settings


def run(settings: Settings, store: str | None) -> None:
    """Prepare a store and say where it is."""
    name = store or settings.store
    with progress_bars() as report:
        wiring.prepare(settings, name, report)
    sys.stderr.write(f"The store {name!r} is ready in {settings.home}.\n")
