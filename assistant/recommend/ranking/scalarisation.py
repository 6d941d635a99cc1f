"""From calibrated objectives to one list: weights, constraints, diversity, and what lifted what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from assistant.errors import BadInput
from assistant.recommend.ranking.columns import Flags, Floats, Ints, Longs
from assistant.recommend.scenarios import Objective

DEFAULT_WEIGHTS: Mapping[Objective, float] = {Objective.PURCHASE: 1.0}
# How alike two products are beside each other.
_SAME_KIND, _SAME_CATEGORY = 1.0, 0.5


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a list must keep to; money in minor units, None for no bound.

    `own_label` bounds the share of own labels from below and above. `diversity` from 0 to 1 says
    how much likeness to what stands higher costs.
    """

    own_label: tuple[float, float] = (0.0, 1.0)
    budget: int | None = None
    category_cap: int | None = None
    diversity: float = 0.0


@dataclass(frozen=True, slots=True)
class Offerings:
    """Products to choose from, a row each; `values` [rows, objectives] are calibrated.

    `bases` are the objectives' mean outcomes, which make their weights comparable.
    """

    objectives: tuple[Objective, ...]
    values: Floats
    bases: Floats
    kind: Ints
    category: Ints
    own_label: Flags
    price: Ints
    weights: Mapping[Objective, float] = field(default_factory=lambda: DEFAULT_WEIGHTS)

    def utility(self, without: Objective | None = None) -> Floats:
        """Return the weighted sum of the objectives by row."""
        factors = [
            0.0 if objective is without else self.weights.get(objective, 0.0)
            for objective in self.objectives
        ]
        total: Floats = (self.values / self.bases) @ np.array(factors, np.float32)
        return total


def parse_weights(text: str) -> dict[Objective, float]:
    """Read `purchase=1,revenue=.3`; what is not named weighs nothing, `purchase` 1.

    Raises BadInput naming the objectives.
    """
    weights = dict(DEFAULT_WEIGHTS)
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = part.partition("=")
        try:
            weights[Objective(name.strip())] = _weight(number)
        except ValueError as error:
            known = ", ".join(objective.value for objective in Objective)
            raise BadInput(
                f"{part!r} is no weight; write OBJECTIVE=NUMBER from 0 to 100, with {known}."
            ) from error
    if not any(weights.values()):
        raise BadInput("All weights are 0; give one objective a weight above 0.")
    return weights


def _weight(number: str) -> float:
    weight = float(number)
    if not 0 <= weight <= 100:
        raise ValueError(number)
    return weight


def choose(offerings: Offerings, constraints: Constraints, k: int) -> list[int]:
    """Return at most k rows, best first, that keep to the constraints.

    Greedy: each place goes to the row with the highest utility less its likeness to what stands
    higher. Where a constraint leaves nothing to choose, the list ends early.
    """
    utility = offerings.utility()
    if constraints == Constraints():
        order: list[int] = np.argsort(-utility, kind="stable").tolist()
        return order[:k]
    scale = max(float(np.ptp(utility)), 1e-9)
    alike = np.zeros(len(utility), np.float32)
    free = np.ones(len(utility), np.bool_)
    chosen: list[int] = []
    while len(chosen) < k:
        allowed = free & _allowed(offerings, constraints, chosen, k)
        if not allowed.any():
            break
        worth = utility - constraints.diversity * scale * alike
        best = int(np.argmax(np.where(allowed, worth, -np.inf)))
        chosen.append(best)
        free[best] = False
        alike = np.maximum(alike, _likeness(offerings, best))
    return chosen


def _allowed(
    offerings: Offerings, constraints: Constraints, chosen: Sequence[int], k: int
) -> Flags:
    allowed = np.ones(len(offerings.kind), np.bool_)
    if constraints.category_cap is not None:
        counts = np.bincount(
            offerings.category[list(chosen)], minlength=offerings.category.max() + 1
        )
        allowed &= counts[offerings.category] < constraints.category_cap
    if constraints.budget is not None:
        allowed &= offerings.price <= constraints.budget - int(offerings.price[list(chosen)].sum())
    own = int(offerings.own_label[list(chosen)].sum())
    least, most = constraints.own_label
    if own >= np.floor(most * k + 1e-9):
        allowed &= ~offerings.own_label
    if k - len(chosen) <= np.ceil(least * k - 1e-9) - own:
        allowed &= offerings.own_label
    return allowed


def _likeness(offerings: Offerings, row: int) -> Floats:
    kind = offerings.kind == offerings.kind[row]
    category = offerings.category == offerings.category[row]
    return np.where(kind, _SAME_KIND, np.where(category, _SAME_CATEGORY, 0.0)).astype(np.float32)


def lifted_by(offerings: Offerings, rows: Sequence[int]) -> tuple[Objective | None, ...]:
    """Return for each row the weighted objective whose removal costs it most ranks.

    None where only one objective weighs anything, or where no removal costs a rank.
    """
    weighed = [o for o in offerings.objectives if offerings.weights.get(o, 0.0) > 0]
    if len(weighed) < 2:
        return (None,) * len(rows)
    now = _ranks(offerings.utility())
    lost = np.stack([_ranks(offerings.utility(without=one)) - now for one in weighed])
    return tuple(
        weighed[int(lost[:, row].argmax())] if lost[:, row].max() > 0 else None for row in rows
    )


def _ranks(utility: Floats) -> Longs:
    ranks = np.empty(len(utility), np.int64)
    ranks[np.argsort(-utility, kind="stable")] = np.arange(len(utility))
    return ranks
