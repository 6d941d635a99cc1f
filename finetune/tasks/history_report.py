"""The whole comparison of the task `history`: an adapter against every baseline, in one run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.llm.chat import Message
from assistant.prompting import PROMPTS, load_prompt
from assistant.recommend.household import household_values
from assistant.retrieval.embedder import Embedder
from finetune.name_ranking import NameRanker
from finetune.tasks.history import HistorySplit, Moment, ndcg
from finetune.tasks.history_scores import (
    Interval,
    Row,
    Scores,
    another_household,
    fused_with_recency,
    interval,
    neighbours,
    new_log_probability,
    popularity,
    recency,
    rows,
    text_nearest,
    top,
    tuned_fusion,
    unbought,
)
from finetune.tasks.samples import asked

Render = Callable[[Sequence[Message]], Sequence[int]]
"""Turns messages into the token ids that follow the learned positions."""

# So many habits are scored too, for the fusion with personal recency.
_HABITS = 25


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


def adapter_scores(
    ranker: NameRanker,
    render: Render,
    told: Sequence[Moment],
    own: Sequence[Moment],
    names: Sequence[str],
) -> tuple[Scores, ...]:
    """Score names for moments whose prompts tell the histories of `told`."""
    prompt = load_prompt("history", PROMPTS / "tuned")
    found = []
    for shown, moment in zip(told, own, strict=True):
        recent = moment.state.recency
        habits = sorted(recent, key=lambda name: (-recent[name], name))[:_HABITS]
        ids = render(asked(prompt, dict(household_values(shown.state))))
        scores = ranker.scores(ids, unbought(moment, names), always=[*habits, *moment.new])
        found.append(scores)
    return tuple(found)


def history_report(
    split: HistorySplit, ranker: NameRanker, render: Render, embedder: Embedder
) -> HistoryReport:
    """Compare an adapter on the test moments; fusions are tuned on validation moments only."""
    test, names, households = split.test, split.names, split.households
    own = adapter_scores(ranker, render, test, test, names)
    other = adapter_scores(ranker, render, another_household(test), test, names)
    tuning = adapter_scores(ranker, render, split.validation, split.validation, names)
    popular, popular_before = (
        popularity(households, split.last_cut),
        popularity(households, split.first_cut),
    )
    near, text = neighbours(households, names, split.last_cut), text_nearest(names, embedder)
    weights = tuned_fusion(split.validation, tuning)
    plain = tuned_fusion(
        split.validation, [_among(popular_before(m), names) for m in split.validation]
    )
    rankings: dict[str, Sequence[Scores]] = {
        "popularity": [popular(m) for m in test],
        "recency": [recency(m) for m in test],
        "text-nearest": [text(m) for m in test],
        "neighbours": [near(m) for m in test],
        "history": own,
        "history, another household's": other,
        "recency + popularity": [
            fused_with_recency(_among(popular(m), names), m, *plain) for m in test
        ],
        "recency + history": [
            fused_with_recency(scores, m, *weights) for m, scores in zip(test, own, strict=True)
        ],
    }
    places = [at for at, moment in enumerate(test) if moment.new]
    ranked = [_new_quality(test[at], own[at], names) for at in places]
    mixed = [_new_quality(test[at], other[at], names) for at in places]
    logs = [
        new_log_probability(test[at], own[at]) - new_log_probability(test[at], other[at])
        for at in places
    ]
    return HistoryReport(
        rows(test, split, rankings),
        interval(np.array(ranked) - np.array(mixed)),
        interval(np.array(logs)),
        *weights,
    )


def _new_quality(moment: Moment, scores: Scores, names: Sequence[str]) -> float:
    return ndcg(top(scores, unbought(moment, names)), moment.new)


def _among(scores: Scores, names: Sequence[str]) -> Scores:
    return {name: scores[name] for name in names if name in scores}
