from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.__main__ import app
from assistant.catalog.database import Database
from assistant.desk.agents import Agents
from assistant.errors import BadInput
from assistant.settings import Settings


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    monkeypatch.delenv("ASSISTANT_DATABASE_URL", raising=False)
    return CliRunner()


def test_an_agent_added_without_a_terminal_gets_a_password_that_works(runner: CliRunner) -> None:
    added = runner.invoke(app, ["agent", "add", "Ann"])
    assert added.exit_code == 0
    password = added.stdout.strip()
    agents = Agents(Database(Settings().resolved_database_url))
    assert agents.signed_in(agents.sign_in("Ann", password, "here")) == "Ann"


def test_agents_are_listed_and_removed(runner: CliRunner) -> None:
    runner.invoke(app, ["agent", "add", "Bob"])
    runner.invoke(app, ["agent", "add", "Ann"])
    assert runner.invoke(app, ["agent", "list"]).stdout == "Ann\nBob\n"
    assert runner.invoke(app, ["agent", "remove", "Bob"]).exit_code == 0
    assert runner.invoke(app, ["agent", "list"]).stdout == "Ann\n"


def test_a_name_that_is_taken_is_refused(runner: CliRunner) -> None:
    runner.invoke(app, ["agent", "add", "Ann"])
    refused = runner.invoke(app, ["agent", "add", "Ann"])
    assert isinstance(refused.exception, BadInput)
