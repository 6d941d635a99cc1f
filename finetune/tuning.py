"""One tuning run from its configuration to a scored adapter; picked up where it was cut off."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from assistant.errors import AdapterError
from assistant.llm.adapters import Adapter, AdapterCard
from assistant.llm.model_store import ModelFolder, prepare_model
from finetune.answering import Answering, Report
from finetune.config import PROMPT_METHODS, TuningConfig
from finetune.evaluation import evaluated, machine, today
from finetune.export import prefix_of, read_prefix, write_adapter
from finetune.results import Curve, Result
from finetune.tasks import Dataset, Task, open_task
from finetune.tasks.task import read_samples, write_samples
from finetune.training import Point, Trained, run_digest, train

RESULT_FILE = "result.json"
ADAPTER_FOLDER = "adapter"
FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a run is made of; `home` is where its files lie, `parent` an adapter to go on from."""

    config: TuningConfig
    task: Task
    data: Dataset
    base: ModelFolder
    home: Path
    parent: Adapter | None = None

    @property
    def folder(self) -> Path:
        """Where the run keeps its checkpoints and what it made."""
        parent = "" if self.parent is None else self.parent.card.digest
        digest = run_digest(self.config, self.data.digest, self.base.digest, parent)
        seed = self.config.training.seed
        return self.home / "finetune" / "runs" / f"{self.config.name}-{digest}-{seed}"


def prepare_tuning(
    config: TuningConfig,
    base_name: str,
    home: Path,
    report: Report,
    parent: Adapter | None = None,
) -> Tuning:
    """Make a run's samples and model ready."""
    task = open_task(config.task, config.examples)
    base = prepare_model(base_name, home, report)
    return Tuning(config, task, task.prepare(home), base, home, parent)


def samples_folder(task: Task, digest: str, home: Path) -> Path:
    """Return where a task's samples of a digest lie."""
    return home / "finetune" / task.name / digest[:12]


def keep_samples(task: Task, data: Dataset, home: Path) -> Path:
    """Write a task's samples below the data home, in a folder named by their digest."""
    folder = samples_folder(task, data.digest, home)
    for part in ("train", "validation", "test"):
        write_samples(getattr(data, part), folder / f"{part}.jsonl")
    return folder


def tune(run: Tuning, report: Report) -> Result | None:
    """Train, export and score; a run that is done already is only read.

    Where several processes train, the first scores and the others return None. Raises AdapterError
    where a parent cannot be gone on from.
    """
    done = run.folder / RESULT_FILE
    if done.is_file():
        kept = Result.model_validate_json(done.read_bytes())
        return kept.model_copy(update={"budget": run.config.training.max_tokens})
    start = None if run.parent is None else _start(run.parent, run)
    trained = train(run.config, run.task, run.data, run.base, run.folder, start)
    if int(os.environ.get("RANK", "0")) > 0:
        return None
    keep_samples(run.task, run.data, run.home)
    runner = _runner(run.config, trained, report)
    result = _result(run, trained, evaluated(run.task, runner, run.data.test))
    if run.parent is not None:
        result = _with_what_was_kept(run, run.parent, runner, result)
    if runner.prefix is not None:
        card = write_adapter(run.folder / ADAPTER_FOLDER, runner.prefix, _card(run, result))
        result = result.model_copy(update={"adapter": card.digest})
    _finish(run.folder, result)
    return result


def _with_what_was_kept(run: Tuning, parent: Adapter, runner: Answering, result: Result) -> Result:
    """Score the test set that the parent was scored on, where its samples are still here."""
    path = samples_folder(run.task, parent.card.data_digest, run.home) / "test.jsonl"
    if not path.is_file():
        note = "the parent's test set is not in this data home: forgetting was not checked"
        return result.model_copy(update={"note": note})
    kept = dict(run.task.evaluate(runner, read_samples(path)))
    measure = run.task.measure
    lost = parent.card.metrics.get(measure, 0.0) - kept.get(measure, 0.0)
    return result.model_copy(update={"kept": kept, "forgotten": round(lost, 4)})


def _start(parent: Adapter, run: Tuning) -> torch.Tensor:
    """Return the prefix of a parent that fits the run."""
    card, method = parent.card, run.config.method
    if method.name != "prefix_tuning":
        raise AdapterError(
            "Only prefix tuning goes on from an adapter, whatever method made that one: choose a "
            "configuration with `name: prefix_tuning` under `method`."
        )
    if (card.base_digest, card.virtual_tokens) != (run.base.digest, method.virtual_tokens):
        raise AdapterError(
            f"{card.name} has {card.virtual_tokens} positions on the model {card.base_digest}, the "
            f"run {method.virtual_tokens} on {run.base.digest}: make them equal."
        )
    return read_prefix(parent)


def _runner(config: TuningConfig, trained: Trained, report: Report) -> Answering:
    """Score a prompt method by the prefix that is served, another one by its own model."""
    model: Any = trained.model  # PEFT's wrapper or the model itself
    tokenizer = trained.tokenizer
    if config.method.name in PROMPT_METHODS:
        return Answering(model.get_base_model(), tokenizer, prefix_of(model), report)
    return Answering(model.to(torch.bfloat16), tokenizer, None, report)


def _result(run: Tuning, trained: Trained, metrics: Mapping[str, float]) -> Result:
    method, training = run.config.method, run.config.training
    from_text = method.name in {"prefix_tuning", "prompt_tuning"}
    return Result(
        task=run.config.task,
        method=method.name,
        init=method.init if from_text else "",
        seed=training.seed,
        budget=training.max_tokens,
        parent="" if run.parent is None else run.parent.card.digest,
        metrics=metrics,
        parameters=trained.parameters,
        tokens=trained.tokens,
        steps=trained.steps,
        seconds=trained.seconds,
        first_loss=round(trained.first_validation_loss, 4),
        best_loss=round(trained.validation_loss, 4),
        curve=_curve(trained.points),
        data_digest=run.data.digest,
        base_digest=run.base.digest,
        date=today(),
        machine=machine(),
    )


def _curve(points: Sequence[Point]) -> Curve:
    def of(split: str) -> tuple[tuple[int, float], ...]:
        return tuple((p.step, round(p.loss, 4)) for p in points if p.split == split)

    return Curve(train=of("train"), validation=of("validation"))


def _card(run: Tuning, result: Result) -> AdapterCard:
    """Describe an adapter; shape and digest are filled in when it is written."""
    prompt = run.task.prompt
    return AdapterCard(
        name=run.config.name,
        task=run.config.task,
        method=result.method,
        base_model=run.base.served_name,
        base_digest=run.base.digest,
        virtual_tokens=1,
        layers=1,
        kv_heads=1,
        head_dim=1,
        digest="0" * 64,
        data_digest=result.data_digest,
        prompt=f"{prompt.name}@{prompt.version}",
        init=result.init,
        seed=result.seed,
        trained_tokens=result.tokens,
        trainable_parameters=result.parameters,
        seconds=result.seconds,
        metrics={**result.metrics, **_forgotten(result)},
        parent=None if run.parent is None else run.parent.card.digest,
        date=result.date,
    )


def _forgotten(result: Result) -> dict[str, float]:
    return {} if result.forgotten is None else {FORGOTTEN: result.forgotten}


def _finish(folder: Path, result: Result) -> None:
    """Write the result, whole or not at all, and drop what only resuming needed."""
    partial = folder / "result.partial"
    partial.write_text(result.model_dump_json(indent=1) + "\n", encoding="utf-8")
    partial.replace(folder / RESULT_FILE)
    for checkpoint in folder.glob("checkpoint-*"):
        shutil.rmtree(checkpoint)
