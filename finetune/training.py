"""One tuning run: transformers' Trainer over a base model with a method's parameters."""

import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    EarlyStoppingCallback,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.trainer_utils import get_last_checkpoint

from assistant.llm.model_store import ModelFolder
from finetune.config import TrainingConfig, TuningConfig
from finetune.methods import trainable
from finetune.samples import Sample, Samples

IGNORED = -100


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement of a run: at which step, loss in nats a token, of which split."""

    step: int
    loss: float
    split: str


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished run: the best model by validation loss and how it went."""

    model: torch.nn.Module
    tokenizer: PreTrainedTokenizerBase
    points: tuple[Point, ...]
    seconds: float
    tokens: int
    parameters: int

    @property
    def validation_loss(self) -> float:
        """The best validation loss, in nats a token."""
        return min(point.loss for point in self.points if point.split == "validation")

    @property
    def first_validation_loss(self) -> float:
        """The validation loss before the first step."""
        return next(point.loss for point in self.points if point.split == "validation")


def run_digest(config: TuningConfig, data: Samples, model: ModelFolder) -> str:
    """Return what identifies a run: configuration, data and base model."""
    text = f"{config.model_dump_json()} {data.digest} {model.digest}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def load_base(model: ModelFolder) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load a base model in bfloat16 with its tokenizer, which is made to pad."""
    tokenizer = AutoTokenizer.from_pretrained(model.path)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    base = AutoModelForCausalLM.from_pretrained(model.path, dtype=torch.bfloat16)
    return base, tokenizer


def train(config: TuningConfig, data: Samples, model: ModelFolder, runs: Path) -> Trained:
    """Train, going on from the last checkpoint where a run was cut off.

    The checkpoints lie in `runs` under the run's digest; the best one by validation loss counts.
    """
    base, tokenizer = load_base(model)
    training = config.training
    encoded = [encode(sample, tokenizer) for sample in data.train]
    steps = planned_steps(encoded, training)
    wrapped = trainable(base, tokenizer, config.method, steps=steps, seed=training.seed)
    folder = runs / run_digest(config, data, model)
    trainer = Trainer(
        model=wrapped,
        args=_arguments(training, folder, steps),
        # Trainer takes any map-style dataset, a list of encoded samples too.
        train_dataset=encoded,
        eval_dataset=[encode(sample, tokenizer) for sample in data.validation],
        data_collator=DataCollatorForSeq2Seq(tokenizer, label_pad_token_id=IGNORED),
        callbacks=[EarlyStoppingCallback(training.patience), _RankSchedule()],
    )
    started = time.monotonic()
    trainer.train(resume_from_checkpoint=get_last_checkpoint(folder) if folder.is_dir() else None)
    return Trained(
        model=trainer.model.eval(),
        tokenizer=tokenizer,
        points=_points(trainer.state),
        seconds=round(time.monotonic() - started, 1),
        tokens=int(trainer.state.num_input_tokens_seen),
        parameters=sum(p.numel() for p in wrapped.parameters() if p.requires_grad),
    )


def encode(sample: Sample, tokenizer: PreTrainedTokenizerBase) -> dict[str, list[int]]:
    """Return token ids and labels of a sample; only the answer and its end are learned."""
    prompt = prompt_ids(sample, tokenizer)
    answer = tokenizer(sample.answer, add_special_tokens=False).input_ids
    answer = [*answer, tokenizer.eos_token_id]
    return {
        "input_ids": [*prompt, *answer],
        "attention_mask": [1] * (len(prompt) + len(answer)),
        "labels": [*[IGNORED] * len(prompt), *answer],
    }


def prompt_ids(sample: Sample, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Return the ids of what the model reads, as the engine's chat template gives them."""
    messages = [{"role": m.role, "content": m.content} for m in sample.messages]
    ids: list[int] = tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, return_dict=False
    )
    return ids


def planned_steps(encoded: Sequence[dict[str, list[int]]], training: TrainingConfig) -> int:
    """Return how many steps the token budget pays for."""
    mean = sum(len(example["input_ids"]) for example in encoded) / len(encoded)
    return max(1, math.ceil(training.max_tokens / (mean * training.batch_size)))


def _arguments(training: TrainingConfig, folder: Path, steps: int) -> TrainingArguments:
    every = max(1, steps // training.evaluations)
    sgd = {"optim_args": f"momentum={training.momentum}"} if training.optimizer == "sgd" else {}
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=training.batch_size,
        per_device_eval_batch_size=training.batch_size,
        learning_rate=training.learning_rate,
        lr_scheduler_type=training.schedule,
        warmup_steps=round(training.warmup * steps),
        weight_decay=training.weight_decay,
        max_grad_norm=training.clip,
        optim="sgd" if training.optimizer == "sgd" else "adamw_torch",
        seed=training.seed,
        train_sampling_strategy="group_by_length",
        eval_strategy="steps",
        eval_steps=every,
        eval_on_start=True,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        greater_is_better=False,
        logging_steps=max(1, every // 4),
        include_num_input_tokens_seen="non_padding",
        report_to="tensorboard",
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        remove_unused_columns=False,
        label_names=["labels"],
        **sgd,
    )


class _RankSchedule(TrainerCallback):  # type: ignore[misc]
    """Lets AdaLoRA move its ranks between the layers after every step."""

    def on_optimizer_step(
        self,
        args: TrainingArguments,  # noqa: ARG002 (the Trainer's interface)
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        model: torch.nn.Module | None = None,
        **_: object,
    ) -> None:
        update = getattr(getattr(model, "base_model", None), "update_and_allocate", None)
        if update is not None:
            update(state.global_step)


def _points(state: TrainerState) -> tuple[Point, ...]:
    points = []
    for entry in state.log_history:
        if "eval_loss" in entry:
            points.append(Point(int(entry["step"]), float(entry["eval_loss"]), "validation"))
        elif "loss" in entry:
            points.append(Point(int(entry["step"]), float(entry["loss"]), "train"))
    return tuple(points)
