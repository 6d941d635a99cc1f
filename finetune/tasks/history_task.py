"""The task `history` as the commands know it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from assistant.errors import ConfigurationError
from assistant.prompting import PROMPTS, load_prompt
from assistant.recommend.household import household_values
from assistant.retrieval.embedder import Embedder
from finetune.tasks.history import (
    HistoryRecipe,
    HistorySplit,
    Moment,
    history_split,
    training_answer,
)
from finetune.tasks.history_report import AdapterScores, history_report
from finetune.tasks.history_scores import text_nearest
from finetune.tasks.task import Dataset, Runner, Sample, rendered


class HistoryTask:
    """Names to try next; scored by ranking all names, without free generation."""

    name = "history"
    measure = "new_ndcg history"
    opening = (
        "A grocery shop knows what each household buys every week and what was in its last basket. "
        "It names the groceries that the household has never bought before and will buy next, such "
        "as bread, cheese, soup, chips, juice, candy, vegetables and frozen meals."
    )

    def __init__(self, recipe: HistoryRecipe) -> None:
        self.prompt = load_prompt("history", PROMPTS / "tuned")
        self._recipe = recipe
        self._split: HistorySplit | None = None

    def prepare(self, home: Path) -> Dataset:
        """Make a prepared store's samples; a group is one household at one moment."""
        self._split = history_split(self._recipe, home)
        return self.samples(self._split)

    def samples(self, split: HistorySplit) -> Dataset:
        """Turn moments into samples; the order of names in an answer is drawn once, by the seed."""
        self._split = split
        return Dataset(
            tuple(self._samples(split.train)),
            tuple(self._samples(split.validation)),
            tuple(self._samples(split.test)),
        )

    def evaluate(self, runner: Runner, samples: Sequence[Sample]) -> Mapping[str, float]:
        """Rank the next baskets of samples that this task has prepared, beside every baseline."""
        if self._split is None:
            raise ConfigurationError("The history task ranks what it has prepared: prepare first.")
        split = self._split
        known = {moment.key: moment for moment in (*split.validation, *split.test)}
        moments = [known[sample.group] for sample in samples]
        adapter = AdapterScores(runner, self.prompt, split.names)
        text = text_nearest(split.names, Embedder())
        return history_report(split, moments, adapter, text).metrics()

    def _samples(self, moments: Sequence[Moment]) -> Iterator[Sample]:
        for moment in moments:
            rng = Random(f"{self._recipe.seed} {moment.key}")
            answer = training_answer(moment, self._recipe, rng)
            messages = rendered(self.prompt, household_values(moment.state))
            yield Sample(messages, answer, moment.key)
