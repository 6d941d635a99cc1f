import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import yaml

from assistant.llm.adapters import read_adapter
from assistant.llm.chat import Message
from assistant.llm.model_store import prepare_model
from assistant.retrieval.embedder import no_progress
from finetune.config import TrainingConfig
from finetune.tasks import Sample
from finetune.training import (
    IGNORED,
    AnswerTrainer,
    encode,
    last_checkpoint,
    load_base,
    planned_steps,
)
from finetune.tuning import ADAPTER_FOLDER, tune
from tests.finetune.runs import config, run

SAMPLE = Sample((Message("user", "milk"),), "[1]", "")


def test_only_the_answer_and_its_end_are_learned(tiny_model: Path, tmp_path: Path) -> None:
    _, tokenizer = load_base(prepare_model(str(tiny_model), tmp_path, no_progress))
    row = encode(SAMPLE, tokenizer)
    learned = [label for label in row["labels"] if label != IGNORED]
    assert tokenizer.decode(learned) == "[1]<|im_end|>"
    told = tokenizer.decode(row["input_ids"])
    assert told == "<|im_start|>user\nmilk<|im_end|>\n<|im_start|>assistant\n[1]<|im_end|>"


def test_a_token_budget_becomes_steps() -> None:
    rows = [{"input_ids": [1] * 10}, {"input_ids": [1] * 30}]
    told = TrainingConfig(learning_rate=1e-3, max_tokens=4000, batch_size=4, accumulation=2)
    assert planned_steps(rows, told) == 25
    assert planned_steps(rows, told, processes=5) == 5


def test_the_loss_over_answers_equals_the_models_own(tiny_model: Path, tmp_path: Path) -> None:
    model, tokenizer = load_base(prepare_model(str(tiny_model), tmp_path, no_progress))
    model.float()
    rows = [encode(SAMPLE, tokenizer), encode(Sample(SAMPLE.messages, "[1,2]", ""), tokenizer)]
    width = max(len(row["input_ids"]) for row in rows)
    fills = {"input_ids": 0, "attention_mask": 0, "labels": IGNORED}
    batch = {
        name: torch.tensor([row[name] + [fill] * (width - len(row[name])) for row in rows])
        for name, fill in fills.items()
    }
    trainer = AnswerTrainer.__new__(AnswerTrainer)
    trainer._whole_loss = False
    assert torch.allclose(trainer.compute_loss(model, dict(batch)), model(**batch).loss, atol=1e-5)


def test_a_checkpoint_that_a_kill_cut_off_is_passed_over(tmp_path: Path) -> None:
    for step, state in ((5, "{}"), (10, "{}"), (15, '{"half'), (20, None)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "trainable.safetensors").touch()
        if state is not None:
            (folder / "trainer_state.json").write_text(state, encoding="utf-8")
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-10"
    assert last_checkpoint(tmp_path / "nowhere") is None


@pytest.mark.timeout(600)
@pytest.mark.parametrize("method", ["p_tuning"])
def test_a_killed_run_goes_on_from_its_checkpoint_to_the_end(
    tiny_model: Path, tmp_path: Path, method: str
) -> None:
    told = config(method, max_tokens=40_000, evaluations=10, patience=50)
    path = tmp_path / "told.yaml"
    path.write_text(yaml.safe_dump(json.loads(told.model_dump_json())), encoding="utf-8")
    killed = run(tiny_model, tmp_path / "killed", told)
    environment = {
        **os.environ,
        "ASSISTANT_HOME": str(tmp_path / "killed"),
        "ASSISTANT_MODEL": str(tiny_model),
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "finetune", "train", str(path)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while last_checkpoint(killed.folder) is None and child.poll() is None:
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    begun = last_checkpoint(killed.folder)
    assert begun is not None
    resumed = tune(killed, no_progress)
    whole = run(tiny_model, tmp_path / "whole", told)
    undisturbed = tune(whole, no_progress)
    assert resumed is not None
    assert undisturbed is not None
    assert resumed.curve is not None
    assert undisturbed.curve is not None
    assert resumed.curve == undisturbed.curve
    assert resumed.steps == undisturbed.steps
    assert read_adapter(killed.folder / ADAPTER_FOLDER).card.virtual_tokens == 5


@pytest.mark.timeout(600)
def test_two_processes_share_the_token_budget_of_a_run(tiny_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "told.yaml"
    told = config("prefix_tuning")
    path.write_text(yaml.safe_dump(json.loads(told.model_dump_json())), encoding="utf-8")
    home = tmp_path / "home"
    # What `accelerate launch` starts for several GPUs; for several CPUs it wants MPI.
    launched = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2"]
    done = subprocess.run(
        [*launched, "-m", "finetune", "train", str(path)],
        env={**os.environ, "ASSISTANT_HOME": str(home), "ASSISTANT_MODEL": str(tiny_model)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    kept = tune(run(tiny_model, home, told), no_progress)  # reads the result that is there
    alone = tune(run(tiny_model, tmp_path / "alone", told), no_progress)
    assert kept is not None
    assert alone is not None
    assert kept.steps == -(-alone.steps // 2)
    assert kept.tokens == pytest.approx(alone.tokens, rel=0.15)
    assert kept.first_loss is not None
    assert kept.best_loss is not None
    assert kept.best_loss < kept.first_loss
