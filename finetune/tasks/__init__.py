"""What the frozen model is taught: one module a task, all with the protocol of `task`."""

from collections.abc import Mapping

from pydantic import ValidationError

from assistant.errors import ConfigurationError
from finetune.tasks.task import Dataset, Runner, Sample, Task

__all__ = ["TASKS", "Dataset", "Runner", "Sample", "Task", "open_task"]

TASKS = ("understand", "history", "reply")


def open_task(name: str, examples: Mapping[str, object]) -> Task:
    """Return a task by name; `examples` is that section of a configuration.

    Raises ConfigurationError for a task or a section that is unknown.
    """
    try:
        return _opened(name, examples)
    except (ImportError, ValidationError) as error:
        raise ConfigurationError(f"The examples of {name} cannot be made: {error}") from error


def _opened(name: str, examples: Mapping[str, object]) -> Task:
    """Import only the task that is asked for: each brings its own part of the product."""
    if name == "understand":
        from finetune.tasks.understand import UnderstandRecipe, UnderstandTask

        return UnderstandTask(UnderstandRecipe.model_validate(examples))
    raise ConfigurationError(f"There is no task {name!r}: choose one of {', '.join(TASKS)}.")
