"""Small runs on the tiny model."""

from pathlib import Path

from assistant.retrieval.embedder import no_progress
from finetune.config import TuningConfig
from finetune.tuning import Tuning, prepare_tuning


def config(method: str = "prefix_tuning", **training: object) -> TuningConfig:
    return TuningConfig.model_validate(
        {
            "name": "tiny",
            "task": "understand",
            "examples": {"train": 40, "validation": 6, "test": 6},
            "method": {"name": method, "virtual_tokens": 5, "rank": 2, "layers": 1, "hidden": 16},
            "training": {
                "learning_rate": 1e-1,
                "max_tokens": 6000,
                "evaluations": 3,
                "batch_size": 4,
                **training,
            },
        }
    )


def run(model: Path, home: Path, told: TuningConfig | None = None) -> Tuning:
    return prepare_tuning(told or config(), str(model), home, no_progress)
