"""A tuning run as its YAML file says it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from assistant.errors import ConfigurationError

PROMPT_METHODS = ("prompt_tuning", "p_tuning", "prefix_tuning")
Method = Literal[
    "prompt_tuning",
    "p_tuning",
    "prefix_tuning",
    "lora",
    "adalora",
    "head_only",
    "top_layers",
    "full",
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MethodConfig(_Part):
    """What is trained, and where it starts.

    `init` is `text` (from `init_text`, by default the task's opening), `zero` or `random`; `rank`
    is LoRA's, `layers` the number of top layers, `hidden` the width of P-tuning's encoder.
    """

    name: Method
    virtual_tokens: int = Field(default=64, gt=0, le=512)
    init: Literal["text", "zero", "random"] = "text"
    init_text: str = ""
    rank: int = Field(default=8, gt=0)
    layers: int = Field(default=2, gt=0)
    hidden: int = Field(default=128, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)


class TrainingConfig(_Part):
    """How it is trained; `max_tokens` is the budget of real tokens that the model reads.

    The validation loss is taken `evaluations` times; after `patience` of them without a better one
    training ends, and the best state counts.
    """

    seed: int = 0
    optimizer: Literal["adamw", "sgd"] = "adamw"
    learning_rate: float = Field(gt=0)
    schedule: Literal["one_cycle", "cosine", "linear", "constant_with_warmup"] = "one_cycle"
    warmup: float = Field(default=0.1, ge=0, lt=1)
    weight_decay: float = Field(default=0.0, ge=0)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    clip: float = Field(default=1.0, gt=0)
    batch_size: int = Field(default=16, gt=0)
    accumulation: int = Field(default=1, gt=0)
    max_tokens: int = Field(default=300_000, gt=0)
    evaluations: int = Field(default=6, gt=0)
    patience: int = Field(default=3, gt=0)


class TuningConfig(_Part):
    """One run: the adapter's name, its task with the task's recipe, method and training."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")
    task: str
    examples: Mapping[str, JsonValue] = {}
    method: MethodConfig
    training: TrainingConfig

    def with_seed(self, seed: int | None) -> "TuningConfig":
        """Return the same run with another seed, where one is given."""
        if seed is None:
            return self
        training = self.training.model_copy(update={"seed": seed})
        return self.model_copy(update={"training": training})


def load_tuning(path: Path) -> TuningConfig:
    """Read a configuration; raises ConfigurationError naming what is wrong with it."""
    try:
        return TuningConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(f"{path} is no tuning configuration: {error}") from error
