"""The whole comparison of the task `history`: an adapter against every baseline, in one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

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
    blended,
    fused_with_recency,
    interval,
    neighbours,
    popularity,
    recency,
    rows,
    top,
    tuned_fusion,
    tuned_share,
    unbought,
)
from finetune.tasks.task import Runner, rendered

# So many habits are scored too, for the fusion with personal recency.
_HABITS = 15


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """Rows of the table, and what the right household's history adds to another's.

    `household_new` is nDCG@10 on names that neither of the two bought before, own history minus
    the other's; `household_all` the same on whole baskets. Fusion weights are validation's.
    """

    rows: tuple[Row, ...]
    household_new: Interval
    household_all: Interval
    weight: float
    floor: float
    share: float

    def metrics(self) -> dict[str, float]:
        """Write the report as named figures."""
        found: dict[str, float] = {
            "fusion_weight": self.weight,
            "fusion_floor": self.floor,
            "fusion_share": self.share,
        }
        for row in self.rows:
            found |= _named(f"{row.target}_ndcg {row.name}", row.ndcg)
            found[f"{row.target}_recall {row.name}"] = row.recall
            if row.difference is not None:
                found |= _named(f"{row.target}_gain {row.name}", row.difference)
        found |= _named("own_minus_other_ndcg", self.household_new)
        found |= _named("own_minus_other_all", self.household_all)
        return found


class AdapterScores:
    """Scores names by a model under a learned prefix."""

    def __init__(self, runner: Runner, prompt: Prompt, names: Sequence[str]) -> None:
        self._ranker = NameRanker(runner.model, runner.tokenizer, names, runner.prefix)
        self._runner = runner
        self._prompt = prompt
        self._names = names

    def of(self, moment: Moment, told: Moment | None = None) -> Scores:
        """Score a moment's unbought names, the habits that the prompt tells and what it bought.

        `told`, where given, is the moment whose history the prompt tells instead.
        """
        state = (told or moment).state
        habits = sorted(state.recency, key=lambda name: (-state.recency[name], name))[:_HABITS]
        ids = self._runner.prompt_ids(rendered(self._prompt, household_values(state)))
        return self._ranker.scores(
            ids, unbought(moment, self._names), always=[*habits, *moment.new]
        )


def history_report(
    split: HistorySplit, test: Sequence[Moment], adapter: AdapterScores, text: Scorer
) -> HistoryReport:
    """Compare an adapter on test moments; fusions are tuned on validation moments only."""
    own = [adapter.of(moment) for moment in test]
    tuning = [adapter.of(moment) for moment in split.validation]
    popular = _popularity(split, split.last_cut)
    before = _popularity(split, split.first_cut)
    share = tuned_share(split, [before(m) for m in split.validation], tuning)
    blend = [blended(popular(m), s, share) for m, s in zip(test, own, strict=True)]
    blends = [blended(before(m), s, share) for m, s in zip(split.validation, tuning, strict=True)]
    weight, floor = tuned_fusion(split.validation, blends)
    fused = [fused_with_recency(s, m, weight, floor) for m, s in zip(test, blend, strict=True)]
    rankings = {
        **_baselines(split, test, text),
        "history": own,
        "popularity + history": blend,
        "recency + history": _fused(split, test, own, tuning),
        "recency + popularity + history": fused,
    }
    found = rows(test, split, rankings)
    return HistoryReport(found, *_households(test, split, own, adapter), weight, floor, share)


def _fused(
    split: HistorySplit, test: Sequence[Moment], own: Sequence[Scores], tuning: Sequence[Scores]
) -> list[Scores]:
    weights = tuned_fusion(split.validation, tuning)
    return [fused_with_recency(s, m, *weights) for m, s in zip(test, own, strict=True)]


def _households(
    test: Sequence[Moment], split: HistorySplit, own: Sequence[Scores], adapter: AdapterScores
) -> tuple[Interval, Interval]:
    """Return what the own history adds to another household's, on new names and on all.

    A name that only the other household bought is given away in its prompt, and none is in the
    own one: new names count where neither bought them.
    """
    new: list[float] = []
    whole: list[float] = []
    for moment, scores, stranger in zip(test, own, another_household(test), strict=True):
        told = adapter.of(moment, told=stranger)
        whole.append(ndcg(top(scores), moment.basket) - ndcg(top(told), moment.basket))
        given = stranger.state.recency
        wanted = [name for name in moment.new if name not in given]
        allowed = [name for name in unbought(moment, split.names) if name not in given]
        if wanted:
            new.append(ndcg(top(scores, allowed), wanted) - ndcg(top(told, allowed), wanted))
    return interval(np.array(new)), interval(np.array(whole))


def _baselines(
    split: HistorySplit, test: Sequence[Moment], text: Scorer
) -> Mapping[str, Sequence[Scores]]:
    """Rank by what needs no model of language; popularity and neighbours stop at the last cut."""
    popular, before = (_popularity(split, cut) for cut in (split.last_cut, split.first_cut))
    near = neighbours(split.households, split.names, split.last_cut)
    plain = tuned_fusion(split.validation, [before(moment) for moment in split.validation])
    return {
        "popularity": [popular(moment) for moment in test],
        "recency": [recency(moment) for moment in test],
        "text-nearest": [text(moment) for moment in test],
        "neighbours": [near(moment) for moment in test],
        "recency + popularity": [fused_with_recency(popular(m), m, *plain) for m in test],
    }


def _popularity(split: HistorySplit, cut: datetime) -> Scorer:
    return _among(popularity(split.households, cut), split.names)


def _among(scorer: Scorer, names: Sequence[str]) -> Scorer:
    def scores(moment: Moment) -> Scores:
        found = scorer(moment)
        return {name: found[name] for name in names if name in found}

    return scores


def _named(name: str, found: Interval) -> dict[str, float]:
    return {name: found.mean, f"{name} low": found.low, f"{name} high": found.high}
