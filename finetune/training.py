"""One tuning run: transformers' Trainer over a base model with a method's parameters."""

import hashlib
import json
import math
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR
from torch.utils.data import Sampler
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
from transformers.trainer_pt_utils import LengthGroupedSampler

from assistant.llm.chat import Message
from assistant.llm.model_store import ModelFolder
from finetune.config import TrainingConfig, TuningConfig
from finetune.methods import learned_parameters, load_prefix, trainable
from finetune.tasks.task import Dataset, Sample, Task

IGNORED = -100
_WEIGHTS = "trainable.safetensors"
_ELAPSED = "elapsed.json"


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
    steps: int
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


def run_digest(config: TuningConfig, data_digest: str, base_digest: str, parent: str = "") -> str:
    """Return what identifies a run: configuration, in any order, data, base model and parent."""
    told = json.dumps(config.model_dump(mode="json"), sort_keys=True)
    text = f"{told} {data_digest} {base_digest} {parent}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def load_base(model: ModelFolder) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load a base model in bfloat16 with its tokenizer, which is made to pad."""
    tokenizer = AutoTokenizer.from_pretrained(model.path)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    base = AutoModelForCausalLM.from_pretrained(model.path, dtype=torch.bfloat16)
    return base, tokenizer


def train(
    config: TuningConfig,
    task: Task,
    data: Dataset,
    model: ModelFolder,
    folder: Path,
    start: torch.Tensor | None = None,
) -> Trained:
    """Train in `folder`, going on from its last checkpoint where a run was cut off.

    The best state by validation loss counts. `start` is a parent's prefix to go on from.
    """
    base, tokenizer = load_base(model)
    training = config.training
    encoded = [encode(sample, tokenizer) for sample in data.train]
    steps = planned_steps(encoded, training, int(os.environ.get("WORLD_SIZE", "1")))
    method = config.method
    if not method.init_text:
        method = method.model_copy(update={"init_text": task.opening})
    wrapped = trainable(base, tokenizer, method, steps=steps, seed=training.seed)
    if start is not None:
        load_prefix(wrapped, start)
    adaptive = method.name == "adalora"
    begun = last_checkpoint(folder)
    trainer = AnswerTrainer(
        config=training,
        whole_loss=adaptive,
        model=wrapped,
        args=_arguments(training, folder, steps, fresh=begun is None),
        # Trainer takes any map-style dataset, a list of encoded samples too.
        train_dataset=encoded,
        eval_dataset=[encode(sample, tokenizer) for sample in data.validation],
        data_collator=DataCollatorForSeq2Seq(
            # Fewer shapes: CPU kernels keep what they prepared for each one.
            tokenizer,
            label_pad_token_id=IGNORED,
            pad_to_multiple_of=8,
        ),
        callbacks=[
            EarlyStoppingCallback(training.patience),
            *([_RankSchedule()] if adaptive else []),
        ],
    )
    trainer.train(resume_from_checkpoint=str(begun) if begun else None)
    return Trained(
        model=trainer.model.eval(),
        tokenizer=tokenizer,
        points=_points(trainer.state),
        steps=trainer.state.global_step,
        seconds=round(trainer.elapsed, 1),
        tokens=int(trainer.state.num_input_tokens_seen),
        parameters=sum(parameter.numel() for parameter in learned_parameters(wrapped)),
    )


def encode(sample: Sample, tokenizer: PreTrainedTokenizerBase) -> dict[str, list[int]]:
    """Return token ids and labels of a sample; only the answer and its end are learned."""
    prompt = prompt_ids(sample.messages, tokenizer)
    answer = tokenizer(sample.answer, add_special_tokens=False).input_ids
    answer = [*answer, tokenizer.eos_token_id]
    return {
        "input_ids": [*prompt, *answer],
        "attention_mask": [1] * (len(prompt) + len(answer)),
        "labels": [*[IGNORED] * len(prompt), *answer],
    }


def prompt_ids(messages: Sequence[Message], tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Return the ids of what the model reads, as the engine's chat template gives them."""
    told = [{"role": message.role, "content": message.content} for message in messages]
    ids: list[int] = tokenizer.apply_chat_template(
        told, add_generation_prompt=True, return_dict=False
    )
    return ids


def planned_steps(
    encoded: Sequence[dict[str, list[int]]], training: TrainingConfig, processes: int = 1
) -> int:
    """Return how many steps the token budget pays for."""
    mean = sum(len(example["input_ids"]) for example in encoded) / len(encoded)
    a_step = mean * training.batch_size * training.accumulation * processes
    return max(1, math.ceil(training.max_tokens / a_step))


def last_checkpoint(folder: Path) -> Path | None:
    """Return the newest whole checkpoint; one that a kill cut off lacks its last file."""
    whole = [path for path in folder.glob("checkpoint-*") if _is_whole(path)]
    return max(whole, key=lambda path: int(path.name.rpartition("-")[2]), default=None)


def _is_whole(checkpoint: Path) -> bool:
    """Tell whether the file that is written last is there and readable."""
    try:
        json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return (checkpoint / _WEIGHTS).is_file()


class AnswerTrainer(Trainer):  # type: ignore[misc]
    """Computes logits only where answers are, and keeps checkpoints of what is trained alone.

    `whole_loss` leaves the training loss to the model: AdaLoRA adds a term of its own. PEFT's own
    checkpoints of P-tuning lack the network that makes the prompt.
    """

    def __init__(self, *, config: TrainingConfig, whole_loss: bool, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._config = config
        self._whole_loss = whole_loss
        self._before = 0.0
        self._began = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds of training, those before an interruption included."""
        return self._before + time.monotonic() - self._began

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, torch.Tensor],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> Any:
        """Return the mean loss over the tokens of answers."""
        if self._whole_loss and model.training:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        labels = inputs["labels"]
        answered = labels != IGNORED
        first = int(answered.any(0).nonzero()[0])
        asked = {name: value for name, value in inputs.items() if name != "labels"}
        outputs = model(**asked, logits_to_keep=labels.shape[1] - first + 1)
        chosen = answered[:, first:]
        logits = outputs.logits[:, :-1][chosen].float()
        targets = labels[:, first:][chosen]
        counted = num_items_in_batch if num_items_in_batch is not None else targets.numel()
        loss = cross_entropy(logits, targets, reduction="sum") / counted
        return (loss, outputs) if return_outputs else loss

    def _get_train_sampler(self, train_dataset: object = None) -> Sampler[int]:
        del train_dataset
        batch = self.args.train_batch_size * self.args.gradient_accumulation_steps
        lengths = [len(example["input_ids"]) for example in self.train_dataset]
        return _SimilarLengths(batch, lengths, self.args.seed)

    def create_scheduler(
        self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None
    ) -> Any:
        """Add the one-cycle schedule, which transformers lacks."""
        config = self._config
        if self._scheduler is None and config.schedule == "one_cycle":
            self.lr_scheduler = OneCycleLR(
                optimizer or self.optimizer,
                max_lr=config.learning_rate,
                total_steps=num_training_steps + 1,
                # Torch divides by the length of the rise, which must not be no step at all.
                pct_start=min(1.0, max(config.warmup, 2 / (num_training_steps + 1))),
                cycle_momentum=config.optimizer == "adamw",
            )
            self._created_lr_scheduler = True
        return super().create_scheduler(num_training_steps, optimizer)

    @property
    def _scheduler(self) -> LRScheduler | None:
        found: LRScheduler | None = getattr(self, "lr_scheduler", None)
        return found

    def _save(self, output_dir: str | None = None, state_dict: object = None) -> None:
        del state_dict
        folder = Path(output_dir or str(self.args.output_dir))
        folder.mkdir(parents=True, exist_ok=True)
        save_file(_learned(self.accelerator.unwrap_model(self.model)), folder / _WEIGHTS)
        (folder / _ELAPSED).write_text(json.dumps(self.elapsed), encoding="utf-8")

    def _load_from_checkpoint(
        self, resume_from_checkpoint: str, model: torch.nn.Module | None = None
    ) -> None:
        folder = Path(resume_from_checkpoint)
        _restore(self.accelerator.unwrap_model(model or self.model), folder)
        self._before = float(json.loads((folder / _ELAPSED).read_text(encoding="utf-8")))
        self._began = time.monotonic()

    def _load_best_model(self) -> None:
        best = Path(str(self.state.best_model_checkpoint))
        _restore(self.accelerator.unwrap_model(self.model), best)


class _SimilarLengths(LengthGroupedSampler):  # type: ignore[misc]
    """Draws batches of similar lengths, in each epoch the same, so that a run can go on."""

    def __init__(self, batch_size: int, lengths: list[int], seed: int) -> None:
        super().__init__(batch_size, lengths=lengths, generator=torch.Generator())
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Draw an epoch's order; the Trainer tells which."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        self.generator.manual_seed(self._seed + self._epoch)
        indices: Iterator[int] = super().__iter__()
        return indices


def _learned(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    named = model.named_parameters()
    return {name: p.detach().cpu().contiguous() for name, p in named if p.requires_grad}


def _restore(model: torch.nn.Module, checkpoint: Path) -> None:
    kept = load_file(checkpoint / _WEIGHTS)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in kept:
                parameter.copy_(kept[name])


def _arguments(
    training: TrainingConfig, folder: Path, steps: int, *, fresh: bool
) -> TrainingArguments:
    every = max(1, steps // training.evaluations)
    sgd = {"optim_args": f"momentum={training.momentum}"} if training.optimizer == "sgd" else {}
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=training.batch_size,
        per_device_eval_batch_size=training.batch_size,
        learning_rate=training.learning_rate,
        lr_scheduler_type="constant" if training.schedule == "one_cycle" else training.schedule,
        gradient_accumulation_steps=training.accumulation,
        bf16=True,
        warmup_steps=round(training.warmup * steps),
        weight_decay=training.weight_decay,
        max_grad_norm=training.clip,
        optim="sgd" if training.optimizer == "sgd" else "adamw_torch",
        seed=training.seed,
        eval_strategy="steps",
        eval_steps=every,
        # A run that goes on was measured at its checkpoint; again would count as no progress.
        eval_on_start=fresh,
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
        prediction_loss_only=True,
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
