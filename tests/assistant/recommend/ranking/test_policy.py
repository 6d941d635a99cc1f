from pathlib import Path

import pytest

from assistant.errors import ConfigurationError
from assistant.prompting import PROMPTS
from assistant.recommend.ranking.policy import read_ranking_policy
from assistant.recommend.ranking.ranker import Wish
from assistant.recommend.ranking.scalarisation import Constraints
from assistant.recommend.scenarios import Objective, Scenario


def _policy(folder: Path, text: str) -> Path:
    path = folder / "corner.ranking.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_scenario_ranks_as_its_policy_says(tmp_path: Path) -> None:
    path = _policy(
        tmp_path,
        "browse: {weights: {purchase: 1, private_label: 2}, least_own_label: 0.3, category_cap: 2}",
    )
    policy = read_ranking_policy(path)
    assert policy.wish(Scenario.BROWSE) == Wish(
        {Objective.PURCHASE: 1.0, Objective.PRIVATE_LABEL: 2.0},
        Constraints(own_label=(0.3, 1.0), category_cap=2),
    )
    assert policy.wish(Scenario.CART) == Wish()


def test_without_a_policy_purchase_alone_ranks(tmp_path: Path) -> None:
    assert read_ranking_policy(tmp_path / "absent.yaml").wish(Scenario.BROWSE) == Wish()


@pytest.mark.parametrize(
    "text",
    [
        "browse: {weights: {clicks: 1}}",
        "browse: {least_own_label: 0.9, most_own_label: 0.1}",
        "browse: {weights: {purchase: 0}}",
        "window: {}",
        "browse: {colour: red}",
        "browse: [",
    ],
)
def test_a_policy_that_cannot_be_kept_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"corner\.ranking\.yaml is no ranking policy"):
        read_ranking_policy(_policy(tmp_path, text))


def test_the_default_stores_policy_can_be_read() -> None:
    policy = read_ranking_policy(PROMPTS / "policies" / "completejourney.ranking.yaml")
    assert policy.wish(Scenario.BROWSE).constraints.category_cap == 2
