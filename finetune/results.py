"""Rows of the evaluation tables, kept as JSON beside the page that shows them."""

from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import ConfigurationError

TABLES = Path(__file__).resolve().parent.parent / "docs" / "benchmarks" / "learned_prompts"


class Curve(BaseModel):
    """Steps with their losses, in nats a token of the answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train: tuple[tuple[int, float], ...]
    validation: tuple[tuple[int, float], ...]


class Result(BaseModel):
    """One row: a run, or a baseline that learned no prompt.

    `budget` is the most tokens the run might read. Of a run that went on from a parent, `kept`
    are its figures on the parent's test set, `forgotten` what it lost there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    method: str
    init: str = ""
    seed: int = 0
    budget: int = 0
    metrics: Mapping[str, float]
    parameters: int = 0
    tokens: int = 0
    steps: int = 0
    seconds: float = 0.0
    first_loss: float | None = None
    best_loss: float | None = None
    curve: Curve | None = None
    adapter: str = ""
    parent: str = ""
    kept: Mapping[str, float] = {}
    forgotten: float | None = None
    data_digest: str
    base_digest: str
    note: str = ""
    date: str
    machine: str

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same row when it is made again."""
        told = (self.method, self.init, self.seed, self.budget, self.parent)
        return (*map(str, told), self.data_digest, self.base_digest)


class Table(BaseModel):
    """All rows of a task; `measure` is the figure by which they compare."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    measure: str
    rows: tuple[Result, ...] = ()

    def has(self, row: Result) -> bool:
        """Tell whether a row was made before."""
        return any(row.key == known.key for known in self.rows)


def read_table(task: str, measure: str, folder: Path = TABLES) -> Table:
    """Read a task's table; an empty one where none is kept."""
    path = folder / f"{task}.json"
    if not path.is_file():
        return Table(task=task, measure=measure)
    try:
        return Table.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ConfigurationError(f"{path} is no table of results: {error}") from error


def add_row(row: Result, measure: str, folder: Path = TABLES) -> Table:
    """Put a row into its task's table, in place of the same one made before."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{row.task}.json"
    with FileLock(folder / f".{row.task}.lock"):
        before = read_table(row.task, measure, folder)
        kept = tuple(known for known in before.rows if known.key != row.key)
        table = before.model_copy(update={"rows": (*kept, row)})
        partial = path.with_suffix(".partial")
        partial.write_text(table.model_dump_json(indent=1) + "\n", encoding="utf-8")
        partial.replace(path)
    return table
