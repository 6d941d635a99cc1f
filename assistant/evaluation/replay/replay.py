"""Runs the gold actions of benchmark tasks on the shop and compares the end states."""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import TypeAdapter

from assistant.catalog.database import Database
from assistant.catalog.tau2retail.loader import write_retail_store
from assistant.catalog.tau2retail.source import read_retail_store
from assistant.errors import BadInput, ToolError
from assistant.evaluation.replay.changes import Rows, all_rows, touched
from assistant.evaluation.replay.comparison import Difference, differences
from assistant.evaluation.replay.customer import customer_of
from assistant.evaluation.replay.records import record_as_written
from assistant.evaluation.replay.tasks import (
    Expected,
    Task,
    read_expected,
    read_tasks,
)
from assistant.evaluation.replay.tools import RetailTools
from assistant.orders.verification import Verifier
from assistant.prompting import PROMPTS
from assistant.tools.order_desk import open_order_desk
from assistant.tools.results import Session

STORE = "tau2-retail"


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """How many tasks ended as expected, and every difference of the others."""

    tasks: int
    equal: int
    different: tuple[Difference, ...]

    def as_json(self) -> str:
        """Return the report as one JSON object."""
        return TypeAdapter(ReplayReport).dump_json(self).decode()


def replay(store_file: Path, task_file: Path, expected_file: Path) -> ReplayReport:
    """Run every task on a fresh store; raises BadInput for files that cannot be read."""
    tasks, expected = read_tasks(task_file), read_expected(expected_file)
    absent = [task.id for task in tasks if task.id not in expected]
    if absent:
        raise BadInput(f"{expected_file.name} has no end state for task {absent[0]}; add it.")
    with TemporaryDirectory(prefix="replay-") as folder:
        fresh, used = Path(folder) / "fresh.db", Path(folder) / "used.db"
        _write(store_file, fresh)
        originals, database = Database(f"sqlite:///{fresh}"), Database(f"sqlite:///{used}")
        rows = _rows(originals)
        found = []
        for task in tasks:
            shutil.copyfile(fresh, used)
            found.append(list(_run(task, expected[task.id], originals, rows, database)))
            # Closing the last connection leaves one file, which the next copy replaces.
            database.dispose()
        originals.dispose()
    different = tuple(difference for one in found for difference in one)
    return ReplayReport(len(tasks), sum(not one for one in found), different)


def _write(store_file: Path, path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    database.create_all()
    with database.write() as connection:
        write_retail_store(connection, STORE, read_retail_store(store_file), digest="replay")
    database.dispose()


def _run(
    task: Task, expected: Expected, originals: Database, rows: Rows, database: Database
) -> Iterator[Difference]:
    """Run one task and yield what differs; `rows` are all of the store's before it."""
    refused = _act(task, database)
    yield from _refusals(task, expected, refused)
    yield from _records(task, expected, touched(rows, _rows(database)), originals, database)


def _rows(database: Database) -> Rows:
    with database.read() as connection:
        return all_rows(connection, STORE)


def _act(task: Task, database: Database) -> Counter[str]:
    """Carry the gold actions out as the task's customer; return which calls were refused."""
    customer = customer_of(task, database, STORE)
    session = Session(STORE, f"task {task.id}", customer)
    tools = RetailTools(
        open_order_desk(database, STORE, PROMPTS / "policies"), Verifier(database, STORE), session
    )
    refused: Counter[str] = Counter()
    for number, action in enumerate(task.actions):
        try:
            tools.call(action, key=f"{task.id}-{number}")
        except ToolError:
            refused[action.name] += 1
    return refused


def _refusals(task: Task, expected: Expected, refused: Counter[str]) -> Iterator[Difference]:
    """Yield the calls that the benchmark's tools refused and ours did not."""
    for name, reason in expected.tool_errors:
        if refused[name] == 0:
            yield Difference(task.id, name, "refused", reason, None)
        refused[name] -= 1


def _records(
    task: Task,
    expected: Expected,
    changed: set[tuple[str, str]],
    originals: Database,
    database: Database,
) -> Iterator[Difference]:
    """Compare the records that either side changed; the others' is as it was."""
    wanted = {
        (kind, name): record
        for kind, records in expected.changed.items()
        for name, record in records.items()
    }
    with originals.read() as before, database.read() as after:
        for kind, name in sorted(changed | wanted.keys()):
            original = record_as_written(before, STORE, kind, name) or {}
            record = record_as_written(after, STORE, kind, name)
            expectation = wanted.get((kind, name), original)
            yield from differences(task.id, f"{kind}/{name}", expectation, record)
