"""`python -m tests.benchmarks.learned_prompts`: every method of a task at one token budget.

Each finished run adds its row to docs/benchmarks/learned_prompts; those that are there are skipped,
and a run that was cut off goes on from its last checkpoint.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from assistant.settings import Settings
from finetune.config import TuningConfig, load_tuning
from finetune.report import write_page
from finetune.results import Result, add_row, read_table
from finetune.tasks import open_task
from finetune.tuning import prepare_tuning, tune

CONFIGS = Path(__file__).resolve().parents[2] / "finetune" / "configs"


@dataclass(frozen=True, slots=True)
class Planned:
    """One run of the sweep."""

    config: TuningConfig

    def __str__(self) -> str:
        method = self.config.method
        return f"{method.name} ({method.init}), seed {self.config.training.seed}"


def planned(task: str, budget: int, seeds: tuple[int, ...]) -> Iterator[Planned]:
    """Yield a task's configurations with each seed; all methods of a seed before the next one."""
    paths = (*CONFIGS.glob(f"{task}.yaml"), *sorted(CONFIGS.glob(f"{task}-*.yaml")))
    for seed in seeds:
        for config in map(load_tuning, paths):
            training = config.training.model_copy(update={"max_tokens": budget})
            yield Planned(config.model_copy(update={"training": training}).with_seed(seed))


def main(
    task: Annotated[str, typer.Option(help="understand, history or reply")] = "understand",
    budget: Annotated[int, typer.Option(help="tokens that each run may read")] = 300_000,
    seeds: Annotated[str, typer.Option(help="seeds, with commas")] = "0",
    only: Annotated[str, typer.Option(help="methods, with commas; all where not given")] = "",
    baselines: Annotated[bool, typer.Option(help="also those of understand")] = True,
) -> None:
    """Run what the table lacks."""
    settings = Settings()
    chosen = tuple(name for name in only.split(",") if name)
    runs = list(planned(task, budget, tuple(int(seed) for seed in seeds.split(","))))
    measure = open_task(task, runs[0].config.examples).measure
    for run in runs:
        if chosen and run.config.method.name not in chosen:
            continue
        made = prepare_tuning(run.config, settings.model, settings.home, _say)
        _say(str(run), None)
        result = tune(made, _say)
        if result is not None:
            _add(result, measure)
    if baselines and task == "understand":
        _add_baselines(settings, runs[0].config, measure)
    write_page(read_table(task, measure))


def _add_baselines(settings: Settings, config: TuningConfig, measure: str) -> None:
    from finetune.baselines import BASELINES, Bench
    from finetune.tasks.understand import UnderstandRecipe

    bench = Bench(settings, UnderstandRecipe.model_validate(config.examples), _say)
    for name in BASELINES:
        if not read_table("understand", measure).has(bench.row(name, {})):
            _say(name, None)
            _add(bench.result(name), measure)


def _add(result: Result, measure: str) -> None:
    write_page(add_row(result, measure))


def _say(label: str, fraction: float | None) -> None:
    if fraction is None:
        sys.stderr.write(f"{label}\n")


if __name__ == "__main__":
    typer.run(main)
