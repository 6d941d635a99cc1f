"""The whole comparison of the task `history`: an adapter against every baseline, in one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.prompting import Prompt
from assistant.recommend.household import household_values
from finetune.name_ranking import NameRanker
from finetune.tasks.history import HistorySplit, Moment, ndcg
from finetune.tasks.history_scores import (
    Interval,
    Row,
    Scorer,
    Scores,
    another_household,
    fused_with_recency,
    interval,
    neighbours,
    new_log_probability,
    popularity,
    recency,
    rows,
    top,
    tuned_fusion,
    unbought,
)
from finetune.tasks.task import Runner, rendered

# So many habits are scored too, for the fusion with personal recency.
_HABITS = 15


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """Rows of the table; `household` is nDCG@10 on new names, own history minus another's.

    `household_log` is the same in log-probability a name. Fusion weights are validation's.
    """

    rows: tuple[Row, ...]
    household: Interval
    household_log: Interval
    weight: float
    floor: float

    def metrics(self) -> dict[str, float]:
        """Write the report as named figures."""
        found: dict[str, float] = {"fusion_weight": self.weight, "fusion_floor": self.floor}
        for row in self.rows:
            found |= _named(f"{row.target}_ndcg {row.name}", row.ndcg)
            found[f"{row.target}_recall {row.name}"] = row.recall
            if row.difference is not None:
                found |= _named(f"{row.target}_gain {row.name}", row.difference)
        found |= _named("own_minus_other_ndcg", self.household)
        found |= _named("own_minus_other_log", self.household_log)
        return found


class AdapterScores:
    """Scores names by a model under a learned prefix."""

    def __init__(self, runner: Runner, prompt: Prompt, names: Sequence[str]) -> None:
        self._ranker = NameRanker(runner.model, runner.tokenizer, names, runner.prefix)
        self._runner = runner
        self._prompt = prompt
        self._names = names

    def of(self, moment: Moment, told: Moment | None = None) -> Scores:
        """Score a moment's unbought names, its habits and what it bought.

        `told`, where given, is the moment whose history the prompt tells instead.
        """
        recent = moment.state.recency
        habits = sorted(recent, key=lambda name: (-recent[name], name))[:_HABITS]
        values = household_values((told or moment).state)
        ids = self._runner.prompt_ids(rendered(self._prompt, values))
        always = () if told is not None else habits
        return self._ranker.scores(
            ids, unbought(moment, self._names), always=[*always, *moment.new]
        )


def history_report(
    split: HistorySplit, test: Sequence[Moment], adapter: AdapterScores, text: Scorer
) -> HistoryReport:
    """Compare an adapter on test moments; fusions are tuned on validation moments only."""
    own = [adapter.of(moment) for moment in test]
    tuning = [adapter.of(moment) for moment in split.validation]
    fresh = [at for at, moment in enumerate(test) if moment.new]
    strangers = another_household(test)
    other = [adapter.of(test[at], told=strangers[at]) for at in fresh]
    weights = tuned_fusion(split.validation, tuning)
    logs = [
        new_log_probability(test[at], own[at]) - new_log_probability(test[at], told)
        for at, told in zip(fresh, other, strict=True)
    ]
    gains = [
        _new_quality(test[at], own[at], split) - _new_quality(test[at], told, split)
        for at, told in zip(fresh, other, strict=True)
    ]
    fused = [fused_with_recency(s, m, *weights) for m, s in zip(test, own, strict=True)]
    rankings = {**_baselines(split, test, text), "history": own, "recency + history": fused}
    return HistoryReport(
        rows(test, split, rankings), interval(_array(gains)), interval(_array(logs)), *weights
    )


def _baselines(
    split: HistorySplit, test: Sequence[Moment], text: Scorer
) -> Mapping[str, Sequence[Scores]]:
    """Rank by what needs no model of language; popularity and neighbours stop at the last cut."""
    popular = _among(popularity(split.households, split.last_cut), split.names)
    before = _among(popularity(split.households, split.first_cut), split.names)
    near = neighbours(split.households, split.names, split.last_cut)
    plain = tuned_fusion(split.validation, [before(moment) for moment in split.validation])
    return {
        "popularity": [popular(moment) for moment in test],
        "recency": [recency(moment) for moment in test],
        "text-nearest": [text(moment) for moment in test],
        "neighbours": [near(moment) for moment in test],
        "recency + popularity": [fused_with_recency(popular(m), m, *plain) for m in test],
    }


def _new_quality(moment: Moment, scores: Scores, split: HistorySplit) -> float:
    return ndcg(top(scores, unbought(moment, split.names)), moment.new)


def _among(scorer: Scorer, names: Sequence[str]) -> Scorer:
    def scores(moment: Moment) -> Scores:
        found = scorer(moment)
        return {name: found[name] for name in names if name in found}

    return scores


def _named(name: str, found: Interval) -> dict[str, float]:
    return {name: found.mean, f"{name} low": found.low, f"{name} high": found.high}


def _array(values: Sequence[float]) -> NDArray[np.float64]:
    return np.array(values, np.float64)
