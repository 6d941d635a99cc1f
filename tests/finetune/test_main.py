import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from finetune.__main__ import app

runner = CliRunner()


def test_prepare_writes_examples_below_the_data_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    result = runner.invoke(app, ["prepare", "intent"])
    assert result.exit_code == 0
    (path,) = (tmp_path / "finetune" / "intent").glob("*.jsonl")
    assert path.stem in result.stdout
    first = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    assert first.keys() == {"text", "intent", "slots", "template_id", "plain"}


def test_an_unknown_task_is_a_usage_error() -> None:
    assert runner.invoke(app, ["prepare", "telepathy"]).exit_code == 2


def test_help_names_both_commands() -> None:
    result = runner.invoke(app, ["--help"])
    assert "prepare" in result.stdout
    assert "train" in result.stdout
