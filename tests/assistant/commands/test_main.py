"""How the command line ends, whatever the command."""

import subprocess
import sys
from pathlib import Path

import pytest

from assistant.commands.status import exit_status
from assistant.errors import (
    AssistantError,
    CheckpointError,
    ConfigurationError,
    InvalidArguments,
    ModelUnavailable,
    NotFound,
    NotPrepared,
    UnknownShopper,
    UnknownStore,
)
from tests.assistant.commands.conftest import Command


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnknownShopper, 2),
        (UnknownStore, 2),
        (NotFound, 2),
        (InvalidArguments, 2),
        (NotPrepared, 3),
        (ConfigurationError, 3),
        (CheckpointError, 3),
        (ModelUnavailable, 3),
    ],
)
def test_an_error_is_bad_usage_or_no_answer(error: type[AssistantError], status: int) -> None:
    assert exit_status(error("told")) == status


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    program = (
        "import sys; sys.argv = ['assistant', '--help']; import assistant.__main__ as m\n"
        "try: m.main()\n"
        "finally: print(*sorted({'torch', 'vllm', 'chromadb', 'gradio'} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert shown.splitlines()[-1] == ""
    for name in ("demo", "prepare", "ask", "search", "recommend", "engine", "eval"):
        assert f" {name} " in shown


def test_an_unknown_command_is_bad_usage(command: Command) -> None:
    assert command("serve-me").status == 2


def test_a_default_store_that_is_not_prepared_says_how_to(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    monkeypatch.delenv("ASSISTANT_STORE")
    ended = command("search", "milk", "--json")
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.count("\n") == 1
    assert "python -m assistant prepare" in ended.err


def test_a_store_without_its_index_says_how_to_get_it(
    command: Command, monkeypatch: pytest.MonkeyPatch, shop_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "shop.db").write_bytes((shop_home / "shop.db").read_bytes())
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    ended = command("search", "milk", "--json")
    assert (ended.status, ended.out) == (3, "")
    assert "prepare" in ended.err


def test_preparing_again_changes_nothing_and_says_where_the_store_is(
    command: Command, monkeypatch: pytest.MonkeyPatch, shop_home: Path
) -> None:
    monkeypatch.setenv("ASSISTANT_MODEL", "owner/name")
    before = sorted(shop_home.rglob("manifest*"))
    ended = command("prepare")
    assert (ended.status, ended.out) == (0, "")
    assert "The store 'corner' is ready in" in ended.err
    assert sorted(shop_home.rglob("manifest*")) == before


def test_a_store_that_nothing_can_load_cannot_be_prepared(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_MODEL", "owner/name")
    ended = command("prepare", "--store", "nowhere")
    assert (ended.status, ended.out) == (2, "")
    assert "There is no store 'nowhere'" in ended.err


def test_an_engine_for_a_model_that_is_not_there_does_not_start(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_MODEL", "/no/such/model")
    ended = command("engine")
    assert (ended.status, ended.out) == (3, "")
    assert "There is no model '/no/such/model'" in ended.err


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_cases_that_are_not_there_cannot_be_evaluated(
    command: Command, more: tuple[str, ...]
) -> None:
    ended = command("eval", "no-such-cases.jsonl", *more)
    assert (ended.status, ended.out) == (2, "")
    assert "no-such-cases.jsonl" in ended.err
