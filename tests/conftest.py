"""What every test may use: the session's data home and one language engine for all of them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import socket_allow_hosts

from assistant.llm.engine import EngineHandle, acquire_engine
from assistant.llm.model_store import prepare_model
from assistant.settings import DEFAULT_MODEL
from tests.postgres import PostgresServer, binaries, running_server

REPOSITORY = Path(__file__).parent.parent


def pytest_runtest_setup() -> None:
    """Let no test reach beyond this machine."""
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def home() -> Path:
    """The data home that tests share; what is prepared there is kept for the next run."""
    path = Path(os.environ.get("ASSISTANT_HOME", REPOSITORY / ".test-home"))
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture(scope="session")
def engine(home: Path) -> Iterator[EngineHandle]:
    """The session's one real vLLM engine with the default model; tests using it are `engine`."""
    model = prepare_model(DEFAULT_MODEL, home, lambda _what, _share: None)
    with acquire_engine(model, home, lambda _what, _share: None) as handle:
        yield handle


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The session's one PostgreSQL server; `make test` installs one where it may."""
    if binaries() is None:
        pytest.skip("no PostgreSQL server is installed; apt-get install postgresql")
    with running_server() as server:
        yield server
