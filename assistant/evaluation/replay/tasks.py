"""Benchmark tasks and the end states that the benchmark's own tools left."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter, ValidationError

from assistant.errors import BadInput

Record = dict[str, JsonValue]
T = TypeVar("T")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class GoldAction(_Part):
    """One call of a benchmark tool."""

    name: str
    arguments: dict[str, JsonValue]


class Criteria(_Part):
    """What a task is judged by; the calls come in sequence."""

    actions: tuple[GoldAction, ...] = ()


class Task(_Part):
    """One task, reduced to its gold actions."""

    id: str
    evaluation_criteria: Criteria

    @property
    def actions(self) -> tuple[GoldAction, ...]:
        """The gold actions in sequence."""
        return self.evaluation_criteria.actions


class Expected(_Part):
    """What the benchmark's tools did in a task.

    `changed` holds whole records by kind and id; `tool_errors` the names of the calls that were
    refused, each with the reason.
    """

    changed: dict[str, dict[str, Record]]
    tool_errors: tuple[tuple[str, str], ...]


_TASKS = TypeAdapter(list[Task])
_EXPECTED = TypeAdapter(dict[str, Expected])


def read_tasks(path: Path) -> list[Task]:
    """Read a task file; raises BadInput."""
    return _read(path, _TASKS)


def read_expected(path: Path) -> dict[str, Expected]:
    """Read the expected end states by task id; raises BadInput."""
    return _read(path, _EXPECTED)


def _read(path: Path, kind: TypeAdapter[T]) -> T:
    try:
        return kind.validate_json(path.read_bytes())
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check the path.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = " / ".join(str(part) for part in first["loc"])
        raise BadInput(f"{path.name}: {where}: {first['msg']}.") from error
