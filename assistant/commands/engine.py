"""`engine`: run only the language engine."""

import signal
import sys
import threading
from contextlib import ExitStack

from assistant import wiring
from assistant.commands.progress import progress_bars
from assistant.settings import Settings


def run(settings: Settings) -> None:
    """Start the engine, or find it running, and keep it until Ctrl-C or SIGTERM."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopped.set())
    with ExitStack() as held:
        with progress_bars() as report:
            handle = held.enter_context(wiring.open_engine(settings, report))
        state = "started" if handle.owned else "was running already"
        sys.stderr.write(f"The engine {state} at {handle.base_url()}; Ctrl-C stops it.\n")
        try:
            stopped.wait()
        except KeyboardInterrupt:
            return
