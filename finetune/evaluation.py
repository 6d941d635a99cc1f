"""Scores a model that answers: on a task's own test set, and on what others wrote."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import torch

from assistant.errors import AdapterError
from assistant.llm.adapters import Adapter
from assistant.llm.model_store import prepare_model
from finetune.answering import Answering, Report
from finetune.export import read_prefix
from finetune.results import Result
from finetune.tasks import Runner, Sample, Task
from finetune.tasks.support import support_check
from finetune.tasks.task import Dataset
from finetune.tasks.understand import UnderstandTask
from finetune.training import load_base


def evaluated(task: Task, runner: Runner, samples: Sequence[Sample]) -> dict[str, float]:
    """Return a task's figures; of `understand` those of the outside check too."""
    found = dict(task.evaluate(runner, samples))
    if isinstance(task, UnderstandTask):
        found |= support_check(task, runner)
    return found


def evaluate_adapter(
    adapter: Adapter, task: Task, data: Dataset, base_name: str, home: Path, report: Report
) -> Result:
    """Score an adapter again, on the test set; AdapterError where it is another model's."""
    base = prepare_model(base_name, home, report)
    card = adapter.card
    if card.base_digest != base.digest:
        raise AdapterError(
            f"{card.name} was trained on {card.base_model} ({card.base_digest}), not on "
            f"{base.served_name} ({base.digest}): set ASSISTANT_MODEL to that model."
        )
    model, tokenizer = load_base(base)
    runner = Answering(model, tokenizer, read_prefix(adapter), report)
    return Result(
        task=task.name,
        method=card.method,
        init=card.init,
        seed=card.seed,
        metrics=evaluated(task, runner, data.test),
        parameters=card.trainable_parameters,
        tokens=card.trained_tokens,
        seconds=card.seconds,
        adapter=card.digest,
        data_digest=data.digest,
        base_digest=base.digest,
        note="" if card.data_digest == data.digest else "trained on other samples of the task",
        date=today(),
        machine=machine(),
    )


def machine() -> str:
    """Describe where figures come from."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else platform.machine()
    return f"{os.cpu_count()} cores, {device}"


def today() -> str:
    """Return the date of a figure."""
    return datetime.now(UTC).date().isoformat()
