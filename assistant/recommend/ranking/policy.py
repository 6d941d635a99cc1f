"""The merchant's ranking policy: what weighs how much in each scenario, and what lists keep to."""

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.errors import ConfigurationError
from assistant.recommend.ranking.ranker import Wish
from assistant.recommend.ranking.scalarisation import DEFAULT_WEIGHTS, Constraints
from assistant.recommend.scenarios import Objective, Scenario

Share = Annotated[float, Field(ge=0, le=1)]


class ScenarioPolicy(BaseModel):
    """One scenario's; `budget` is in minor units for a whole list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: dict[Objective, Annotated[float, Field(ge=0, le=100)]] = dict(DEFAULT_WEIGHTS)
    least_own_label: Share = 0.0
    most_own_label: Share = 1.0
    budget: Annotated[int, Field(gt=0)] | None = None
    category_cap: Annotated[int, Field(gt=0)] | None = None
    diversity: Share = 0.0

    @model_validator(mode="after")
    def _can_be_kept(self) -> "ScenarioPolicy":
        if self.least_own_label > self.most_own_label:
            raise ValueError("least_own_label is above most_own_label")
        if not any(self.weights.values()):
            raise ValueError("all weights are 0")
        return self

    def wish(self) -> Wish:
        """Return it as the ranking takes it."""
        shares = (self.least_own_label, self.most_own_label)
        return Wish(
            self.weights, Constraints(shares, self.budget, self.category_cap, self.diversity)
        )


class RankingPolicy(BaseModel):
    """A policy by scenario; a scenario that is not named ranks by purchase alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenarios: dict[Scenario, ScenarioPolicy] = {}

    def wish(self, scenario: Scenario) -> Wish:
        """Return a scenario's wish."""
        return self.scenarios.get(scenario, ScenarioPolicy()).wish()


def read_ranking_policy(path: Path) -> RankingPolicy:
    """Read a policy file, YAML; an absent one is no policy. Raises ConfigurationError."""
    if not path.exists():
        return RankingPolicy()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return RankingPolicy(scenarios=content)
    except (yaml.YAMLError, ValidationError, OSError) as error:
        raise ConfigurationError(f"{path} is no ranking policy ({error}); mend it.") from error
