"""Heads fitted once on a toy store."""

import pytest

from assistant.recommend.ranking.data import RankingData
from assistant.recommend.ranking.fit import Plan, fit_heads
from assistant.recommend.ranking.heads import Heads
from assistant.recommend.ranking.lists import Sampling
from assistant.recommend.ranking.training import Recipe
from tests.assistant.recommend.ranking.toy import toy_data


@pytest.fixture(scope="session")
def toy() -> RankingData:
    """A store whose shoppers keep three habits each."""
    return toy_data()


@pytest.fixture(scope="session")
def heads(toy: RankingData) -> Heads:
    """Heads fitted on it in seconds."""
    plan = Plan(cuts=4, sampling=Sampling(20))
    return fit_heads(
        toy, "toy", plan, Recipe(epochs=3, lists_a_step=32), lambda _what, _share: None
    )
