"""`python -m finetune`: teaches the frozen model and publishes what it learned."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import yaml
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from assistant.dialogue.classifier import IntentCard
from assistant.errors import AssistantError, ConfigurationError
from assistant.retrieval.embedder import Embedder
from assistant.retrieval.embedder import Progress as Report
from assistant.settings import Settings
from finetune import intents
from finetune.config import TuningConfig, load_tuning

if TYPE_CHECKING:
    from assistant.llm.adapters import AdapterCard
    from finetune.results import Result

PROJECT = Path(__file__).resolve().parent.parent
CONFIGS = PROJECT / "finetune" / "configs"
INTENT = "intent"

app = typer.Typer(no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
errors = Console(stderr=True)
TaskName = Annotated[str, typer.Argument(help="intent, understand, history or reply")]
AdapterName = Annotated[str, typer.Argument(help="an adapter's name, a run, or a folder")]


@app.command()
def prepare(task: TaskName) -> None:
    """Write a task's training examples below the data home."""
    home = Settings().home
    if task == INTENT:
        prepared = intents.prepare(intents.load_config(CONFIGS / "intent.yaml").examples, home)
        told = f"{len(prepared.examples)} examples, digest {prepared.digest[:12]}: {prepared.path}"
        typer.echo(told)
        return
    from finetune.tasks import open_task
    from finetune.tuning import keep_samples

    opened = open_task(task, task_config(task).examples)
    data = opened.prepare(home)
    sizes = ", ".join(f"{len(getattr(data, p))} {p}" for p in ("train", "validation", "test"))
    typer.echo(f"{sizes}, digest {data.digest[:12]}: {keep_samples(opened, data, home)}")


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="a YAML file of finetune/configs")],
    parent: Annotated[
        str | None, typer.Option("--from", help="go on from this adapter, on newer data")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="another seed than the configuration's")] = None,
) -> None:
    """Train what a configuration describes; a run that was cut off goes on where it stopped."""
    if _task_of(config) == INTENT:
        _train_intents(config)
        return
    from finetune.library import find
    from finetune.tuning import ADAPTER_FOLDER, prepare_tuning, tune

    settings = Settings()
    started = find(parent, settings.home) if parent else None
    with _progress() as report:
        told = load_tuning(config).with_seed(seed)
        run = prepare_tuning(told, settings.model, settings.home, report, started)
        result = tune(run, report)
    if result is None:
        return
    _print_results([result], run.config.task)
    typer.echo(f"Validation loss {result.first_loss} before, {result.best_loss} at best.")
    if result.forgotten is not None:
        typer.echo(f"On the parent's test set: {-result.forgotten:+.1%} against the parent.")
    if result.adapter:
        typer.echo(f"Written to {run.folder / ADAPTER_FOLDER}")


@app.command()
def evaluate(
    name: Annotated[str, typer.Argument(help="an adapter's name, a run, a folder, or a task")],
    table: Annotated[bool, typer.Option("--table", help="only print the committed table")] = False,
) -> None:
    """Score an adapter on its task's test set, beside the committed table's rows."""
    from finetune.evaluation import evaluate_adapter
    from finetune.library import find
    from finetune.results import Result, read_table
    from finetune.tasks import TASKS, open_task

    settings = Settings()
    adapter = None if table else find(name, settings.home)
    task = adapter.card.task if adapter is not None else name
    if task not in TASKS:
        raise ConfigurationError(f"There is no task {task!r}: choose one of {', '.join(TASKS)}.")
    opened = open_task(task, task_config(task).examples)
    rows: list[Result] = list(read_table(task, opened.measure).rows)
    if adapter is not None:
        with _progress() as report:
            data = opened.prepare(settings.home)
            again = evaluate_adapter(adapter, opened, data, settings.model, settings.home, report)
        rows.append(again.model_copy(update={"method": f"{again.method} (now)"}))
    _print_results(rows, task)


@app.command()
def publish(
    name: AdapterName,
    ship: Annotated[bool, typer.Option(help="also put it among what comes with the code")] = False,
    anyway: Annotated[bool, typer.Option(help="even where it forgot what its parent knew")] = False,
) -> None:
    """Put a trained adapter in force; a running engine serves it from its next request on."""
    from assistant.llm.adapters import AdapterRegistry
    from finetune import library

    home = Settings().home
    adapter = library.find_trained(name, home)
    if not anyway:
        library.check_forgetting(adapter)
    published = AdapterRegistry(home, library.SHIPPED).publish(adapter.path)
    typer.echo(f"Published {published.card.name} {published.card.digest[:12]}.")
    if ship:
        typer.echo(f"Shipped in {library.ship(published, library.SHIPPED)}")


@app.command()
def rollback(name: Annotated[str, typer.Argument(help="a published adapter's name")]) -> None:
    """Put an adapter's version before back in force."""
    from assistant.llm.adapters import AdapterRegistry
    from finetune import library

    card = AdapterRegistry(Settings().home, library.SHIPPED).rollback(name).card
    typer.echo(f"{card.name} is {card.digest[:12]} of {card.date} again.")


@app.command("list")
def list_adapters() -> None:
    """List published adapters with their versions, and what was trained but is not published."""
    from assistant.llm.adapters import AdapterRegistry
    from finetune import library

    home = Settings().home
    registry = AdapterRegistry(home, library.SHIPPED)
    shown = Table(title="Adapters")
    for column in ("name", "version", "method", "positions", "figures", "from", "date", "state"):
        shown.add_column(column, overflow="fold")
    published = registry.published()
    for adapter in published:
        count = len(registry.versions(adapter.card.name))
        shown.add_row(*_adapter_row(adapter.card), f"published, {count} versions")
    known = {digest for a in published for digest in registry.versions(a.card.name)}
    for adapter in library.trained(home):
        if adapter.card.digest not in known:
            shown.add_row(*_adapter_row(adapter.card), "trained")
    Console().print(shown)


def task_config(task: str) -> TuningConfig:
    """Return a task's main configuration: the file of its name, or of its first method."""
    for path in (CONFIGS / f"{task}.yaml", *sorted(CONFIGS.glob(f"{task}-*.yaml"))):
        if path.is_file():
            return load_tuning(path)
    raise ConfigurationError(f"There is no task {task!r}: no {CONFIGS / task}.yaml describes it.")


def _task_of(config: Path) -> str:
    try:
        return str((yaml.safe_load(config.read_text(encoding="utf-8")) or {}).get("task"))
    except (OSError, yaml.YAMLError, AttributeError) as error:
        raise ConfigurationError(f"{config} is no configuration: {error}") from error


def _train_intents(config: Path) -> None:
    run = intents.load_config(config)
    prepared = intents.prepare(run.examples, Settings().home)
    with _progress() as report:
        trained = intents.train(prepared, run.model, Embedder(), report)
    directory = PROJECT / run.output
    intents.save(trained, directory)
    Console().print(_intent_table(trained.card))
    typer.echo(f"Written to {directory}")


def _print_results(rows: "list[Result]", task: str) -> None:
    from finetune.report import cells, header, lines
    from finetune.tasks import open_task

    shown = Table(title=f"{task}, on the test set")
    for column in header(task):
        shown.add_column(column, overflow="fold")
    measure = open_task(task, {}).measure
    for line in lines(rows, measure):
        shown.add_row(*cells(line, task))
    Console().print(shown)


def _adapter_row(card: "AdapterCard") -> tuple[str, ...]:
    from finetune.report import COLUMNS

    known = [c for c in COLUMNS.get(card.task, ()) if c in card.metrics]
    figures = ", ".join(f"{column} {card.metrics[column]:.3f}" for column in known[:2])
    parent = (card.parent or "")[:8]
    method = f"{card.method} {card.init}".strip()
    return (
        card.name, card.digest[:12], method, str(card.virtual_tokens), figures, parent, card.date
    )  # fmt: skip


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


def _intent_table(card: IntentCard) -> Table:
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
