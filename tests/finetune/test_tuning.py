from pathlib import Path

import pytest

from assistant.errors import AdapterError
from assistant.llm.adapters import read_adapter
from assistant.retrieval.embedder import no_progress
from finetune.library import check_forgetting
from finetune.results import Result
from finetune.tuning import ADAPTER_FOLDER, FORGOTTEN, Tuning, prepare_tuning, tune
from tests.finetune.runs import config, run


def tuned(made: Tuning) -> Result:
    result = tune(made, no_progress)
    assert result is not None
    return result


def test_a_run_lowers_the_validation_loss_and_leaves_an_adapter_with_its_card(
    tiny_model: Path, tmp_path: Path
) -> None:
    made = run(tiny_model, tmp_path)
    result = tuned(made)
    assert result.best_loss is not None
    assert result.first_loss is not None
    assert result.best_loss < result.first_loss
    assert {"intent_accuracy", "slot_f1", "quality"} <= result.metrics.keys()
    card = read_adapter(made.folder / ADAPTER_FOLDER).card
    assert (card.virtual_tokens, card.layers, card.kv_heads, card.head_dim) == (5, 2, 2, 8)
    assert card.digest == result.adapter
    assert card.data_digest == made.data.digest
    assert card.prompt.startswith("understand@")
    assert not list(made.folder.glob("checkpoint-*"))


def test_a_run_that_is_done_is_not_trained_again(tiny_model: Path, tmp_path: Path) -> None:
    made = run(tiny_model, tmp_path)
    assert tuned(made) == tuned(made)


def test_another_seed_is_another_run(tiny_model: Path, tmp_path: Path) -> None:
    folders = {run(tiny_model, tmp_path, config().with_seed(seed)).folder for seed in (0, 1)}
    assert len(folders) == 2


@pytest.mark.parametrize("method", ["lora", "adalora", "top_layers"])
def test_methods_without_a_prompt_are_scored_and_leave_no_adapter(
    tiny_model: Path, tmp_path: Path, method: str
) -> None:
    made = run(tiny_model, tmp_path, config(method))
    assert not tuned(made).adapter
    assert not (made.folder / ADAPTER_FOLDER).exists()


@pytest.mark.parametrize(
    "training", [{"optimizer": "sgd"}, {"schedule": "cosine"}, {"accumulation": 2}]
)
def test_optimizers_and_schedules_can_be_chosen(
    tiny_model: Path, tmp_path: Path, training: dict[str, object]
) -> None:
    result = tuned(run(tiny_model, tmp_path, config("prefix_tuning", **training)))
    assert result.steps > 0


def test_a_run_from_a_parent_is_checked_against_what_the_parent_knew(
    tiny_model: Path, tmp_path: Path
) -> None:
    first = run(tiny_model, tmp_path)
    tuned(first)
    parent = read_adapter(first.folder / ADAPTER_FOLDER)
    newer = config().model_copy(
        update={"examples": {"seed": 8, "train": 40, "validation": 6, "test": 6}}
    )
    made = prepare_tuning(newer, str(tiny_model), tmp_path, no_progress, parent)
    result = tuned(made)
    assert result.forgotten is not None
    assert result.kept.keys() >= {"quality"}
    card = read_adapter(made.folder / ADAPTER_FOLDER).card
    assert card.parent == parent.card.digest
    assert card.metrics[FORGOTTEN] == result.forgotten


def test_a_parent_of_another_shape_or_method_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    first = run(tiny_model, tmp_path)
    tuned(first)
    parent = read_adapter(first.folder / ADAPTER_FOLDER)
    told = config()
    longer = told.method.model_copy(update={"virtual_tokens": 6})
    made = prepare_tuning(
        told.model_copy(update={"method": longer}), str(tiny_model), tmp_path, no_progress, parent
    )
    with pytest.raises(AdapterError, match="make them equal"):
        tune(made, no_progress)
    other = prepare_tuning(config("prompt_tuning"), str(tiny_model), tmp_path, no_progress, parent)
    with pytest.raises(AdapterError, match="Only prefix tuning"):
        tune(other, no_progress)


def test_an_adapter_that_forgot_is_not_published_by_accident(
    tiny_model: Path, tmp_path: Path
) -> None:
    made = run(tiny_model, tmp_path)
    tuned(made)
    adapter = read_adapter(made.folder / ADAPTER_FOLDER)
    check_forgetting(adapter)
    lost = adapter.card.model_copy(update={"metrics": {FORGOTTEN: 0.05}})
    with pytest.raises(AdapterError, match=r"5\.0 points worse"):
        check_forgetting(type(adapter)(lost, adapter.path))
