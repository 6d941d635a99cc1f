"""Fits the network's weights with PyTorch on drawn lists; only this module needs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from assistant.recommend.ranking.columns import Floats, Longs
from assistant.recommend.ranking.labels import labels_of
from assistant.recommend.ranking.lists import Lists
from assistant.recommend.ranking.network import (
    CLIP,
    LOG_NEVER,
    OBJECTIVES,
    SCENARIOS,
    Shape,
    Weights,
)
from assistant.recommend.ranking.pairs import COLUMNS, GROUPS, RECENCY
from assistant.recommend.scenarios import Objective, Scenario

Progress = Callable[[str, float | None], None]
_LABEL = "Fitting ranking heads"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the heads are fitted; `without` names groups of columns that are blanked.

    `shopper_vectors`, `residual` and `experts` switch one ingredient off for an ablation.
    """

    epochs: int = 4
    lists_a_step: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 1e-5
    listwise: float = 1.0
    seed: int = 0
    threads: int = 1
    without: frozenset[str] = frozenset()
    residual: bool = True
    experts: bool = True
    shopper_vectors: bool = True


# What an objective's loss weighs beside the others.
_TASK_WEIGHTS: Mapping[Objective, float] = {
    Objective.PURCHASE: 1.0,
    Objective.REVENUE: 0.3,
    Objective.DISCOVERY: 0.3,
    Objective.PRIVATE_LABEL: 0.3,
    Objective.DISCOUNT: 0.3,
}


@dataclass(frozen=True, slots=True)
class Batch:
    """Some lists of one scenario as tensors, a list's rows together."""

    scenario: int
    list_of: Tensor
    columns: Tensor
    category: Tensor
    shopper: Tensor | None
    labels: Tensor
    eligible: Tensor
    spend: Tensor
    weight: Tensor


class RankingNetwork(nn.Module):
    """The network of `network.forward` with gradients; parameters bear the same names."""

    def __init__(self, shape: Shape, mean: Floats, deviation: Floats, recipe: Recipe) -> None:
        super().__init__()
        self.recipe = recipe
        generator = torch.Generator().manual_seed(recipe.seed)

        def random(*sizes: int, fan: int) -> Tensor:
            drawn: Tensor = torch.randn(*sizes, generator=generator)
            return drawn * float((2.0 / fan) ** 0.5)

        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("deviation", torch.from_numpy(deviation))
        scenario_experts = shape.scenario_experts + len(SCENARIOS)
        task_experts = shape.task_experts + len(OBJECTIVES)
        hidden, wide, deep = shape.hidden, shape.scenario_width, shape.task_width
        tasks = len(OBJECTIVES)
        self.weights = nn.ParameterDict(
            {
                "category": 0.1 * random(shape.categories, shape.category, fan=2),
                "shopper_default": torch.zeros(shape.category),
                "shopper_in": 0.1 * random(shape.shopper, shape.category, fan=shape.shopper),
                "gate_weight": 0.1 * random(shape.category, hidden, fan=shape.category),
                "gate_bias": torch.zeros(hidden),
                "in_weight": random(shape.inputs, hidden, fan=shape.inputs),
                "in_bias": torch.zeros(hidden),
                "scenario_weight": random(scenario_experts, hidden, wide, fan=hidden),
                "scenario_bias": torch.zeros(scenario_experts, wide),
                "scenario_gate": torch.zeros(len(SCENARIOS), hidden, shape.scenario_experts + 1),
                "task_weight": random(task_experts, wide, deep, fan=wide),
                "task_bias": torch.zeros(task_experts, deep),
                "task_gate": torch.zeros(tasks, wide, shape.task_experts + 1),
                "task_scenario": torch.zeros(tasks, len(SCENARIOS), shape.task_experts + 1),
                # Outputs start at nothing, so that ranking starts at personal recency.
                "tower_weight": 0.01 * random(tasks, deep, 2, fan=deep),
                "tower_bias": torch.zeros(tasks, 2),
                "residual_slope": torch.full((len(SCENARIOS), tasks), float(recipe.residual)),
                "residual_bias": torch.full((len(SCENARIOS), tasks), -5.0),
                "spend_bias": torch.tensor(5.5),
                "spend_scale": torch.tensor(0.0),
            }
        )

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return logits [pairs, objectives] and the mean logarithm of spend [pairs]."""
        w, row = self.weights, batch.scenario
        recency = batch.columns[:, RECENCY] - LOG_NEVER
        scaled = batch.columns - self.get_buffer("mean")
        scaled = (scaled / self.get_buffer("deviation")).clamp(-CLIP, CLIP)
        kind = w["category"][batch.category]
        vector = w["shopper_default"] if batch.shopper is None else batch.shopper @ w["shopper_in"]
        inputs = torch.cat([scaled, kind, kind * vector], dim=1)
        gate = 2 * torch.sigmoid(vector @ w["gate_weight"] + w["gate_bias"])
        hidden = functional.relu(inputs @ w["in_weight"] + w["in_bias"]) * gate
        shared = len(w["scenario_weight"]) - len(SCENARIOS)
        chosen = [*range(shared), shared + row] if self.recipe.experts else [0] * (shared + 1)
        hidden = _mixed(
            hidden,
            w["scenario_weight"][chosen],
            w["scenario_bias"][chosen],
            hidden @ w["scenario_gate"][row],
        )
        outputs = torch.stack([self._task(hidden, row, task) for task in range(len(OBJECTIVES))])
        logits = outputs[:, :, 0].T + w["residual_bias"][row]
        if self.recipe.residual:
            logits = logits + recency[:, None] * w["residual_slope"][row]
        spend = outputs[OBJECTIVES.index(Objective.REVENUE), :, 1] + w["spend_bias"]
        return logits, spend

    def _task(self, hidden: Tensor, row: int, task: int) -> Tensor:
        w = self.weights
        shared = len(w["task_weight"]) - len(OBJECTIVES)
        chosen = [*range(shared), shared + task] if self.recipe.experts else [0] * (shared + 1)
        gate = hidden @ w["task_gate"][task] + w["task_scenario"][task, row]
        mixed = _mixed(hidden, w["task_weight"][chosen], w["task_bias"][chosen], gate)
        output: Tensor = mixed @ w["tower_weight"][task] + w["tower_bias"][task]
        return output


def _mixed(hidden: Tensor, weight: Tensor, bias: Tensor, gate: Tensor) -> Tensor:
    """Mix experts [experts, in, out] by a gate's logits [pairs, experts]."""
    experts = functional.relu(torch.einsum("pi,eio->peo", hidden, weight) + bias)
    mixed: Tensor = torch.einsum("peo,pe->po", experts, gate.softmax(dim=1))
    return mixed


def fit_network(
    lists: Sequence[tuple[Scenario, Lists]],
    shape: Shape,
    recipe: Recipe,
    progress: Progress,
    vectors: Sequence[Floats] | None = None,
) -> Weights:
    """Fit the network to lists and return its weights by name.

    `vectors` stand beside `lists`: shopper vectors by the shopper's row, [shoppers, shape.shopper].
    """
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    mean, deviation = _standard([part for _, part in lists], recipe.without)
    network = RankingNetwork(shape, mean, deviation, recipe)
    rng = np.random.default_rng(recipe.seed)
    plan = [
        (at, chosen)
        for at, (_, part) in enumerate(lists)
        for chosen in _steps(len(part), recipe.lists_a_step)
    ]
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
    )
    steps = recipe.epochs * len(plan)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.learning_rate, max(steps, 2))
    for epoch in range(recipe.epochs):
        orders = [rng.permutation(len(part)) for _, part in lists]
        for done, step in enumerate(rng.permutation(len(plan))):
            at, span = plan[step]
            scenario, part = lists[at]
            given = vectors[at] if vectors is not None and recipe.shopper_vectors else None
            batch = batch_of(scenario, part, np.sort(orders[at][span]), given)
            optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(loss_of(network, batch))
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            if done % 50 == 0:
                progress(_LABEL, (epoch * len(plan) + done) / steps)
    progress(_LABEL, 1.0)
    return weights_of(network)


def weights_of(network: RankingNetwork) -> Weights:
    """Return what `network.forward` reads, with the variance of spend."""
    found = {name: value.detach().numpy().copy() for name, value in network.weights.items()}
    return found | {
        "mean": network.get_buffer("mean").numpy().copy(),
        "deviation": network.get_buffer("deviation").numpy().copy(),
    }


def batch_of(
    scenario: Scenario, lists: Lists, chosen: Longs, vectors: Floats | None = None
) -> Batch:
    """Take some lists, by ascending row, as tensors."""
    sizes = np.diff(lists.starts)[chosen]
    rows = np.concatenate(
        [np.arange(lists.starts[one], lists.starts[one + 1]) for one in chosen.tolist()]
    )
    labels, eligible = labels_of(lists, rows)
    list_of = np.repeat(np.arange(len(chosen)), sizes)
    shopper = None if vectors is None else torch.from_numpy(vectors[lists.shopper[chosen]])
    return Batch(
        SCENARIOS.index(scenario),
        torch.from_numpy(list_of),
        torch.from_numpy(lists.columns[rows].astype(np.float32)),
        torch.from_numpy(lists.category[rows].astype(np.int64)),
        None if shopper is None else shopper[torch.from_numpy(list_of)],
        torch.from_numpy(labels),
        torch.from_numpy(eligible),
        torch.from_numpy(lists.spend[rows].astype(np.float32)),
        torch.from_numpy(lists.weight[rows]),
    )


def loss_of(network: RankingNetwork, batch: Batch) -> Tensor:
    """Return the loss of a batch: each objective's own, by its weight."""
    logits, spend = network(batch)
    total = torch.zeros(())
    for task, objective in enumerate(OBJECTIVES):
        label, eligible = batch.labels[:, task], batch.eligible[:, task]
        if not bool(label.any()):
            continue
        weight = batch.weight * eligible
        loss = (
            functional.binary_cross_entropy_with_logits(
                logits[:, task], label, weight, reduction="sum"
            )
            / label.sum()
        )
        gains = label * torch.log1p(batch.spend) if objective is Objective.REVENUE else label
        loss = loss + network.recipe.listwise * _listwise(logits[:, task], gains, weight, batch)
        total = total + _TASK_WEIGHTS[objective] * loss
    paid = batch.labels[:, 0] * (batch.spend > 0)
    error = torch.log(batch.spend.clamp(min=1.0)) - spend
    scale = network.weights["spend_scale"]
    normal = (0.5 * error**2 * torch.exp(-2 * scale) + scale) * paid
    fit: Tensor = normal.sum() / paid.sum().clamp(min=1.0)
    return total + 0.1 * fit


def _listwise(logits: Tensor, gains: Tensor, weight: Tensor, batch: Batch) -> Tensor:
    """Return the mean softmax cross-entropy of lists with a gain; a sampled row stands for more."""
    lists = int(batch.list_of[-1]) + 1
    raised = torch.where(weight > 0, logits + torch.log(weight.clamp(min=1e-9)), -1e4)
    top = torch.full((lists,), -1e4).scatter_reduce(0, batch.list_of, raised.detach(), "amax")
    total = torch.zeros(lists).index_add(0, batch.list_of, torch.exp(raised - top[batch.list_of]))
    normal = torch.log(total.clamp(min=1e-9)) + top
    wanted = torch.zeros(lists).index_add(0, batch.list_of, gains)
    share = gains / wanted.clamp(min=1e-9)[batch.list_of]
    loss: Tensor = (share * (normal[batch.list_of] - logits)).sum()
    return loss / (wanted > 0).sum().clamp(min=1)


def _steps(lists: int, size: int) -> list[slice]:
    return [slice(start, start + size) for start in range(0, lists, size)]


def _standard(parts: Sequence[Lists], without: frozenset[str]) -> tuple[Floats, Floats]:
    """Return mean and deviation of each column; blanked groups get an endless deviation."""
    sample = np.concatenate([part.columns[:: max(len(part.item) // 20_000, 1)] for part in parts])
    wide = sample.astype(np.float32)
    mean, deviation = wide.mean(axis=0), wide.std(axis=0)
    deviation = np.where(deviation < 1e-3, np.inf, deviation)
    blank = [COLUMNS.index(name) for group in without for name in GROUPS[group]]
    deviation[blank] = np.inf
    return mean.astype(np.float32), deviation.astype(np.float32)
