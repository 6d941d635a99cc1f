"""Fitted heads on disk: weights, calibration and a card that says what they were fitted on."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from assistant.errors import CheckpointError
from assistant.recommend.ranking.calibration import Curve
from assistant.recommend.ranking.columns import Floats, Ints
from assistant.recommend.ranking.network import (
    OBJECTIVES,
    SCENARIOS,
    Weights,
    forward,
    sigmoid,
    spend_of,
)
from assistant.recommend.ranking.pairs import COLUMNS
from assistant.recommend.scenarios import Objective, Scenario

WEIGHTS_FILE = "heads.safetensors"
CARD_FILE = "card.json"
Curves = Mapping[tuple[Scenario, Objective], Curve]


class HeadsCard(BaseModel):
    """What heads are: for which store and columns, fitted on what, and how well they did.

    `off` gives the reason for each objective that the store lacks data for; `metrics` are those
    of households that were left out of fitting.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: str
    columns: tuple[str, ...]
    categories: tuple[str, ...]
    digest: str
    objectives: tuple[Objective, ...]
    off: dict[Objective, str]
    cuts: tuple[str, ...]
    lists: int
    rows: int
    seconds: float
    seed: int
    date: str
    metrics: dict[str, float]


@dataclass(frozen=True, slots=True)
class Heads:
    """Heads of one store; `category_row` gives the network's row for a category's label."""

    card: HeadsCard
    weights: Weights
    curves: Curves

    def category_rows(self, categories: tuple[str, ...]) -> Ints:
        """Return the network's rows of a store's categories; one it never saw gets the last."""
        known = {label: row for row, label in enumerate(self.card.categories)}
        return np.array([known.get(label, len(known)) for label in categories], np.int32)

    def bases(self, scenario: Scenario) -> Floats:
        """Return the objectives' mean outcomes in a scenario."""
        return np.array([self.curves[scenario, o].base for o in self.card.objectives], np.float32)

    def values(
        self,
        columns: Floats,
        category: Ints,
        scenario: Scenario,
        shopper: Floats | None = None,
    ) -> Floats:
        """Return the calibrated objectives of the card, [pairs, objectives].

        Discovery is 0 where the category is known, and own label where it is none; what is part
        of a purchase is no likelier than the purchase.
        """
        raw = raw_values(self.weights, columns, category, scenario, shopper)
        return calibrated_values(raw, columns, scenario, self.curves, self.card.objectives)


def calibrated_values(
    raw: Floats,
    columns: Floats,
    scenario: Scenario,
    curves: Curves,
    objectives: Sequence[Objective],
) -> Floats:
    """Calibrate raw values [pairs, OBJECTIVES] of some objectives, [pairs, objectives]."""
    possible = possible_of(columns)
    purchase = curves[scenario, Objective.PURCHASE](raw[:, OBJECTIVES.index(Objective.PURCHASE)])
    values = []
    for objective in objectives:
        at = OBJECTIVES.index(objective)
        value = curves[scenario, objective](raw[:, at]) * possible[:, at]
        values.append(value if objective is Objective.REVENUE else np.minimum(value, purchase))
    return np.column_stack(values)


def raw_values(
    weights: Weights, columns: Floats, category: Ints, scenario: Scenario, shopper: Floats | None
) -> Floats:
    """Return what calibration reads: chances, for revenue expected minor units."""
    logits, spend = forward(weights, columns, category, scenario, shopper)
    values = sigmoid(logits)
    revenue = OBJECTIVES.index(Objective.REVENUE)
    variance = float(np.exp(2 * np.minimum(weights["spend_scale"], 1.0)).item())
    values[:, revenue] = spend_of(logits[:, revenue], spend, variance)
    return values


def possible_of(columns: Floats) -> Floats:
    """Return 1 where an objective can come true for a pair, else 0, [pairs, objectives]."""
    possible = np.ones((len(columns), len(OBJECTIVES)), np.float32)
    new = columns[:, COLUMNS.index("category_count")] <= 0
    possible[:, OBJECTIVES.index(Objective.DISCOVERY)] = new
    own = columns[:, COLUMNS.index("own_label")] > 0.5
    possible[:, OBJECTIVES.index(Objective.PRIVATE_LABEL)] = own
    return possible


def save_heads(heads: Heads, folder: Path) -> None:
    """Write heads; the card, written last, holds the digest of the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"network.{name}": np.atleast_1d(value) for name, value in heads.weights.items()}
    for (scenario, objective), curve in heads.curves.items():
        tensors[f"curve.{scenario}.{objective}"] = np.stack(
            [curve.scores, curve.outcomes, np.full_like(curve.scores, curve.base)]
        )
    half = folder / f".{WEIGHTS_FILE}.part"
    save_file({name: np.ascontiguousarray(t, np.float32) for name, t in tensors.items()}, half)
    half.replace(folder / WEIGHTS_FILE)
    card = heads.card.model_copy(update={"digest": _digest(folder / WEIGHTS_FILE)})
    text = json.dumps(card.model_dump(mode="json"), indent=1, ensure_ascii=False)
    (folder / CARD_FILE).write_text(text + "\n", encoding="utf-8")


def open_heads(folder: Path) -> Heads:
    """Load heads; raises CheckpointError where they are absent, altered or of other columns."""
    remedy = "Run `python -m assistant fit`, or restore the folder."
    try:
        card = HeadsCard.model_validate_json((folder / CARD_FILE).read_bytes())
        if _digest(folder / WEIGHTS_FILE) != card.digest:
            raise CheckpointError(f"{folder / WEIGHTS_FILE} is not what its card says. {remedy}")
        tensors = load_file(folder / WEIGHTS_FILE)
    except (OSError, ValidationError, SafetensorError) as error:
        raise CheckpointError(
            f"There are no ranking heads in {folder} ({error}). {remedy}"
        ) from error
    if card.columns != COLUMNS:
        raise CheckpointError(f"The ranking heads in {folder} read other columns. {remedy}")
    return Heads(card, _weights(tensors), _curves(tensors))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _weights(tensors: Mapping[str, Floats]) -> Weights:
    start = "network."
    return {name.removeprefix(start): t for name, t in tensors.items() if name.startswith(start)}


def _curves(tensors: Mapping[str, Floats]) -> Curves:
    found = {}
    for scenario in SCENARIOS:
        for objective in OBJECTIVES:
            kept = tensors.get(f"curve.{scenario}.{objective}")
            if kept is not None:
                found[scenario, objective] = Curve(kept[0], kept[1], float(kept[2, 0]))
    return found
