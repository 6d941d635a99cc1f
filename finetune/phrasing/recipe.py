"""How many examples to make of what, as a training configuration says it."""

from functools import cache
from importlib.resources import files
from random import Random

import yaml
from pydantic import BaseModel, ConfigDict, Field

from assistant.dialogue.requests import Intent
from finetune.phrasing.generator import Example, Generator
from finetune.phrasing.vocabulary import Vocabulary, default_vocabulary


class Recipe(BaseModel):
    """The `examples` section of a configuration; the same recipe makes the same examples."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    per_intent: int = Field(gt=0)
    weights: dict[Intent, float] = {}

    def examples(self, words: Vocabulary) -> tuple[Example, ...]:
        """Return the examples in a shuffled, reproducible order."""
        made = list(Generator(words).examples(self.per_intent, self.seed, self.weights))
        Random(self.seed).shuffle(made)
        return tuple(made)


@cache
def training_examples() -> tuple[Example, ...]:
    """Return the examples that the committed classifier is trained on."""
    text = files("finetune").joinpath("configs/intent.yaml").read_text(encoding="utf-8")
    return Recipe.model_validate(yaml.safe_load(text)["examples"]).examples(default_vocabulary())
