import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from assistant.errors import AdapterError, ConfigurationError
from finetune import library
from finetune.__main__ import app
from tests.finetune.runs import config

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


def test_an_unknown_task_is_named() -> None:
    with pytest.raises(ConfigurationError, match="telepathy"):
        runner.invoke(app, ["prepare", "telepathy"], catch_exceptions=False)


def test_help_names_all_commands() -> None:
    result = runner.invoke(app, ["--help"])
    for command in ("prepare", "train", "evaluate", "publish", "rollback", "list"):
        assert command in result.stdout


def test_from_a_configuration_to_a_published_adapter_and_back(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    monkeypatch.setenv("ASSISTANT_MODEL", str(tiny_model))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(library, "SHIPPED", tmp_path / "soft")
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(json.loads(config().model_dump_json())), encoding="utf-8")
    assert told("prepare", "understand").startswith("8000 train")
    for seed in ("0", "1"):
        assert "Validation loss" in told("train", str(path), "--seed", seed)
        assert "trained" in told("list")
        assert told("publish", "tiny").startswith("Published tiny")
    assert "published, 2 versions" in told("list")
    assert "again" in told("rollback", "tiny")
    assert "published, 1 versions" in told("list")
    assert "Shipped" in told("publish", "tiny", "--ship")
    assert (tmp_path / "soft" / "tiny" / "card.json").is_file()


def told(*arguments: str) -> str:
    result = runner.invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_an_unknown_adapter_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    with pytest.raises(AdapterError, match="telepathy"):
        runner.invoke(app, ["publish", "telepathy"], catch_exceptions=False)
