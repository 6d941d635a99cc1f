"""The history task: nothing after a moment leaks into it, and its targets are new."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from assistant.errors import ConfigurationError
from assistant.recommend.household import (
    HouseholdState,
    answer_text,
    household_values,
    said_names,
)
from finetune.tasks.history import (
    HistoryRecipe,
    HistorySplit,
    Moment,
    moment_at,
    split_purchases,
)
from finetune.tasks.history_task import HistoryTask
from finetune.tasks.task import Dataset
from tests.finetune.tasks.shop import CLOCK, bought

RECIPE = HistoryRecipe(
    train=60, validation=8, test=8, test_days=20, validation_days=20, least_baskets=4
)


@pytest.fixture(scope="module")
def split() -> HistorySplit:
    return split_purchases(RECIPE, bought(), CLOCK)


def data(split: HistorySplit) -> Dataset:
    return HistoryTask(RECIPE).samples(split)


def test_parts_are_cut_by_time(split: HistorySplit) -> None:
    assert split.train and split.validation and split.test
    assert all(moment.at < split.first_cut for moment in split.train)
    assert all(split.first_cut <= moment.at < split.last_cut for moment in split.validation)
    assert all(split.last_cut <= moment.at for moment in split.test)


def test_training_is_the_same_with_everything_after_the_first_cut_taken_away(
    split: HistorySplit,
) -> None:
    earlier = split_purchases(RECIPE, bought(until=split.first_cut), CLOCK)
    assert earlier.names == split.names
    assert earlier.train == split.train
    assert data(earlier).train == data(split).train


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_a_prompt_is_the_same_with_everything_from_its_moment_on_taken_away(
    split: HistorySplit, part: str
) -> None:
    for moment in getattr(split, part)[:8]:
        assert household_values(state_before(moment, split.names)) == household_values(moment.state)


def state_before(moment: Moment, names: Sequence[str]) -> HouseholdState:
    """The household's state out of purchases that end at the moment, one invented line apart."""
    known = bought(until=moment.at)
    own = next(h for h in known.households if h.shopper == moment.shopper)
    again = replace(own.baskets[-1], at=moment.at)
    household = replace(own, baskets=(*own.baskets, again))
    return moment_at(household, len(own.baskets), known, frozenset(names)).state


def test_answers_hold_new_names_and_few_repeats(split: HistorySplit) -> None:
    for sample, moment in zip(data(split).train, split.train, strict=True):
        assert sample.group == moment.key
        said = said_names(sample.answer, split.names)
        repeats = [name for name in said if name in moment.state.recency]
        assert said and len(repeats) <= RECIPE.repeats
        assert set(repeats) <= set(moment.repeats)
        assert set(said) - set(repeats) <= {*moment.new, *moment.later}


def test_no_offer_was_bought_before(split: HistorySplit) -> None:
    assert any(moment.state.offers for moment in split.train)
    for moment in split.train:
        assert not set(moment.state.offers) & set(moment.state.recency)


def test_the_same_recipe_gives_the_same_digest_and_another_seed_another(
    split: HistorySplit,
) -> None:
    again = data(split_purchases(RECIPE, bought(), CLOCK))
    assert again.digest == data(split).digest
    other = RECIPE.model_copy(update={"seed": 8})
    assert data(split_purchases(other, bought(), CLOCK)).digest != again.digest


def test_an_answer_is_json_that_reads_back() -> None:
    text = answer_text(("Sour cream", "Sugar"))
    assert json.loads(text) == [" sour cream", " sugar"]
    assert said_names(text, ("Sugar", "Sour cream")) == ("Sour cream", "Sugar")
    assert said_names('[" sugar"," sour cr', ("Sugar", "Sour cream")) == ("Sugar",)


def test_a_task_that_prepared_nothing_ranks_nothing() -> None:
    with pytest.raises(ConfigurationError, match="prepare first"):
        HistoryTask(RECIPE).evaluate(None, ())  # type: ignore[arg-type]
