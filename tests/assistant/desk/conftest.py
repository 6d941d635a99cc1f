"""A desk over a real database, by a clock that a test turns."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from assistant.catalog.database import Database
from assistant.desk.agents import Agents
from assistant.desk.handoffs import HandoffBook

PASSWORD = "correct horse battery"
# As weak as the algorithm allows: a test's password guards nothing.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    now: datetime = field(default=datetime(2026, 5, 1, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    opened.create_all()
    yield opened
    opened.dispose()


@pytest.fixture
def handoffs(database: Database, clock: Clock) -> HandoffBook:
    return HandoffBook(database, "corner", now=clock)


@pytest.fixture
def agents(database: Database, clock: Clock) -> Agents:
    made = Agents(database, hasher=QUICK, now=clock)
    made.add("Ann", PASSWORD)
    made.add("Bob", PASSWORD)
    return made
