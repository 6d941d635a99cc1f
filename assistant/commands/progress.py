"""Progress bars on stderr, so that stdout holds nothing but answers."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from assistant.wiring import Progress as Report


@contextmanager
def progress_bars() -> Iterator[Report]:
    """Give a callable that draws one bar for each thing reported."""
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, TaskID] = {}

        def report(what: str, share: float | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=None)
            if share is not None:
                bars.update(tasks[what], total=1.0, completed=min(share, 1.0))

        yield report
        for task in tasks.values():
            bars.update(task, total=1.0, completed=1.0)
