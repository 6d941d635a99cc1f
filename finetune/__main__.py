"""`python -m finetune`: prepares training data and trains what the assistant learns."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from assistant.dialogue.classifier import IntentCard
from assistant.errors import AssistantError
from assistant.retrieval.embedder import Embedder
from assistant.retrieval.embedder import Progress as Report
from assistant.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent
CONFIGS = PROJECT / "finetune" / "configs"

app = typer.Typer(no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
errors = Console(stderr=True)


class Task(StrEnum):
    """What can be trained."""

    INTENT = "intent"


@app.command()
def prepare(task: Annotated[Task, typer.Argument(help="what to make examples for")]) -> None:
    """Write a task's training examples below the data home."""
    from finetune import intents

    config = intents.load_config(CONFIGS / f"{task}.yaml")
    prepared = intents.prepare(config.examples, Settings().home)
    typer.echo(f"{len(prepared.examples)} examples, digest {prepared.digest[:12]}: {prepared.path}")


@app.command()
def train(config: Annotated[Path, typer.Argument(help="a YAML file of finetune/configs")]) -> None:
    """Train what a configuration describes and write its weights and card."""
    from finetune import intents

    run = intents.load_config(config)
    prepared = intents.prepare(run.examples, Settings().home)
    with _progress() as report:
        trained = intents.train(prepared, run.model, Embedder(), report)
    directory = PROJECT / run.output
    intents.save(trained, directory)
    Console().print(_table(trained.card))
    typer.echo(f"Written to {directory}")


@contextmanager
def _progress() -> Iterator[Report]:
    """Show each step of a run as a bar on stderr."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeElapsedColumn(), console=errors) as bars:
        started = {}

        def report(label: str, fraction: float | None) -> None:
            if label not in started:
                started[label] = bars.add_task(label, total=None if fraction is None else 1.0)
            bars.update(started[label], completed=fraction or 0.0)

        yield report


def _table(card: IntentCard) -> Table:
    """Draw what the card says about unseen templates."""
    table = Table(title=f"{card.templates} templates, {card.examples} examples, unseen templates")
    table.add_column("intent")
    table.add_column("accuracy", justify="right")
    for intent, accuracy in card.accuracy_by_intent.items():
        table.add_row(intent, f"{accuracy:.1%}")
    table.add_section()
    table.add_row("all", f"{card.accuracy:.1%}")
    table.add_row(f"confident ({card.share_answered:.0%})", f"{card.accuracy_when_answered:.1%}")
    table.add_row("calibration error", f"{card.calibration_error:.1%}")
    return table


def main() -> None:
    """Run a command; an expected failure is one sentence on stderr and exit status 2."""
    try:
        app()
    except AssistantError as error:
        errors.print(str(error), style="red", markup=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
