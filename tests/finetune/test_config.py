from pathlib import Path

import pytest

from assistant.errors import ConfigurationError
from finetune import config
from finetune.config import load_tuning
from finetune.tasks import open_task

CONFIGS = sorted(
    path
    for path in (Path(config.__file__).parent / "configs").glob("*.yaml")
    if path.stem != "intent"
)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_committed_configuration_describes_a_run_of_a_known_task(path: Path) -> None:
    run = load_tuning(path)
    assert open_task(run.task, run.examples).name == run.task


def test_every_method_has_a_configuration_for_understand() -> None:
    runs = [load_tuning(path) for path in CONFIGS if path.stem.startswith("understand")]
    assert {(run.method.name, run.method.init) for run in runs} >= {
        ("prompt_tuning", "text"),
        ("p_tuning", "text"),
        ("prefix_tuning", "text"),
        ("prefix_tuning", "zero"),
        ("prefix_tuning", "random"),
        ("lora", "text"),
        ("adalora", "text"),
        ("head_only", "text"),
        ("top_layers", "text"),
        ("full", "text"),
    }
    assert len({run.training.max_tokens for run in runs}) == 1
    assert len({str(run.examples) for run in runs}) == 1


@pytest.mark.parametrize("text", ["name: x\n", "task: [\n", "name: X\ntask: understand\n"])
def test_a_broken_configuration_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"broken\.yaml"):
        load_tuning(path)


def test_examples_that_a_task_does_not_know_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="surprise"):
        open_task("understand", {"surprise": 1})
    with pytest.raises(ConfigurationError, match="choose one of"):
        open_task("telepathy", {})
