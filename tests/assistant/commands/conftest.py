"""A small prepared shop in a data home of its own, and the command line run on it."""

import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import update

from assistant.__main__ import main
from assistant.catalog import schema
from assistant.catalog.completejourney.loader import STORE_NAME
from assistant.recommend.statistics import build_statistics
from assistant.retrieval.embedder import Embedder
from assistant.retrieval.index import build_index
from tests.assistant.little_shop import STORE, Bought, day, little_shop

ORDERS = (
    Bought("o1", "ann", day(6), ("m1", "p1", "s1")),
    Bought("o2", "ann", day(13), ("m1",)),
    Bought("o3", "bob", day(14), ("p1", "s1", "b1")),
    Bought("o4", "cy", day(15), ("p1", "s1")),
)
PROMOTIONS = (("north", "s1", "mailer"),)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it wrote."""

    status: int
    out: str
    err: str


class Command(Protocol):
    """Runs `python -m assistant` with these arguments."""

    def __call__(self, *arguments: str) -> Ended: ...


@pytest.fixture(scope="session")
def shop_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home in which the little shop is prepared, search index and statistics included."""
    home = tmp_path_factory.mktemp("shop-home")
    with little_shop(home, ORDERS, PROMOTIONS) as (database, catalogue):
        with database.write() as connection:
            connection.execute(update(schema.stores).values(policy=STORE_NAME))
        folder = home / "stores" / STORE.name
        build_index(catalogue.families.values(), Embedder(), folder / "index")
        build_statistics(database, STORE, folder / "statistics", lambda _what, _share: None)
    return home


@pytest.fixture
def command(
    shop_home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """The command line on the little shop; without an engine, and unable to start one."""
    monkeypatch.setenv("ASSISTANT_HOME", str(shop_home))
    monkeypatch.setenv("ASSISTANT_STORE", STORE.name)
    # Nothing listens on port 9, so every answer is the plain rendering.
    monkeypatch.setenv("ASSISTANT_ENGINE_URL", "http://127.0.0.1:9/v1")
    for name in ("ASSISTANT_DATABASE_URL", "ASSISTANT_CHROMA_URL", "ASSISTANT_MODEL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["assistant", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    # Some commands end by SIGTERM in their own way, which the other tests must not inherit.
    before = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, before)
