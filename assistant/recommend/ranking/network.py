"""The ranking network as served: numpy only, well under a millisecond for a hundred products.

Two layers of experts: of the scenario, then of the objective, each chosen by a gate; the shopper
vector of a language model, where there is one, turns features up or down. Every objective's
logit is a residual on the logarithm of personal recency.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.recommend.ranking.columns import Floats, Ints
from assistant.recommend.ranking.habits import NEVER
from assistant.recommend.ranking.pairs import COLUMNS, RECENCY
from assistant.recommend.scenarios import Objective, Scenario

SCENARIOS: tuple[Scenario, ...] = tuple(Scenario)
OBJECTIVES: tuple[Objective, ...] = tuple(Objective)
# Standardised columns beyond this are outliers.
CLIP = 5.0
LOG_NEVER = float(np.log(NEVER))


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network's layers; `shopper` is the length of the shopper vector."""

    categories: int
    shopper: int = 64
    category: int = 8
    hidden: int = 64
    scenario_experts: int = 2
    scenario_width: int = 32
    task_experts: int = 3
    task_width: int = 24

    @property
    def inputs(self) -> int:
        """Width of what the first layer reads."""
        return len(COLUMNS) + 2 * self.category


Weights = Mapping[str, Floats]


def forward(
    weights: Weights, columns: Floats, category: Ints, scenario: Scenario, shopper: Floats | None
) -> tuple[Floats, Floats]:
    """Return logits [pairs, objectives] and the mean logarithm of spend [pairs].

    `columns` [pairs, COLUMNS] are as read; `shopper` is one shopper's vector, None where unknown.
    """
    row = SCENARIOS.index(scenario)
    recency = columns[:, RECENCY] - LOG_NEVER
    scaled = (columns - weights["mean"]) / weights["deviation"]
    vector = weights["shopper_default"] if shopper is None else shopper @ weights["shopper_in"]
    kind = weights["category"][category]
    inputs = np.hstack([np.clip(scaled, -CLIP, CLIP), kind, kind * vector])
    gate = 2 / (1 + np.exp(-(vector @ weights["gate_weight"] + weights["gate_bias"])))
    hidden = _relu(inputs @ weights["in_weight"] + weights["in_bias"]) * gate
    hidden = _scenario(weights, hidden, row)
    outputs = [_task(weights, hidden, row, task) for task in range(len(OBJECTIVES))]
    logits = np.column_stack([output[:, 0] for output in outputs])
    logits += recency[:, None] * weights["residual_slope"][row] + weights["residual_bias"][row]
    spend = outputs[OBJECTIVES.index(Objective.REVENUE)][:, 1] + weights["spend_bias"]
    return logits.astype(np.float32), spend.astype(np.float32)


def _scenario(weights: Weights, hidden: Floats, row: int) -> Floats:
    """Mix the shared experts with the scenario's own, row by row."""
    shared = len(weights["scenario_weight"]) - len(SCENARIOS)
    chosen = [*range(shared), shared + row]
    experts = np.stack(
        [
            _relu(hidden @ weights["scenario_weight"][e] + weights["scenario_bias"][e])
            for e in chosen
        ]
    )
    gate = _softmax(hidden @ weights["scenario_gate"][row])
    mixed: Floats = np.einsum("epw,pe->pw", experts, gate)
    return mixed


def _task(weights: Weights, hidden: Floats, row: int, task: int) -> Floats:
    """Mix the shared experts with the objective's own; return its outputs [pairs, 2]."""
    shared = len(weights["task_weight"]) - len(OBJECTIVES)
    chosen = [*range(shared), shared + task]
    experts = np.stack(
        [_relu(hidden @ weights["task_weight"][e] + weights["task_bias"][e]) for e in chosen]
    )
    gate = _softmax(hidden @ weights["task_gate"][task] + weights["task_scenario"][task, row])
    mixed = np.einsum("epw,pe->pw", experts, gate)
    output: Floats = mixed @ weights["tower_weight"][task] + weights["tower_bias"][task]
    return output


def _relu(values: Floats) -> Floats:
    return np.maximum(values, 0.0)


def _softmax(values: Floats) -> Floats:
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def sigmoid(values: NDArray[np.floating]) -> Floats:
    """Return the logistic function, stable for any value."""
    result: Floats = (0.5 * (1 + np.tanh(0.5 * values))).astype(np.float32)
    return result


def spend_of(logits: Floats, spend: Floats, variance: float) -> Floats:
    """Return expected minor units: the chance of buying times the mean of a lognormal."""
    expected: Floats = sigmoid(logits) * np.exp(np.minimum(spend + variance / 2, 12.0))
    return expected
