"""Intents of customer-support utterances that this project did not write: an outside check.

The utterances are for evaluation only. Their labels are mapped to ours by a table; where a label
holds two of ours, either counts.
"""

import csv
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from assistant.dialogue.requests import Intent
from finetune.tasks.readings import parse_readings
from finetune.tasks.task import Runner
from finetune.tasks.understand import LONGEST_ANSWER, Drawn, Readings, UnderstandTask

UTTERANCES = (
    Path(__file__).resolve().parents[3]
    / "shared"
    / "data"
    / "customer-support-utterances"
    / "utterances.csv"
)
PER_LABEL = 12
MEASURE = "support_intent_accuracy"


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message and the intents of ours that its label stands for."""

    text: str
    label: str
    intents: frozenset[Intent]


def support_intents() -> Mapping[str, frozenset[Intent]]:
    """Return our intents for each label."""
    table = files(__package__).joinpath("support_intents.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines())
    return {r["label"]: frozenset(Intent(i) for i in r["intents"].split("|")) for r in rows}


def support_utterances(path: Path = UTTERANCES, per_label: int = PER_LABEL) -> list[Utterance]:
    """Draw the same utterances of each label every time; none where the file is absent."""
    if not path.is_file():
        return []
    known = support_intents()
    by_label: dict[str, list[str]] = defaultdict(list)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            by_label[row["intent"]].append(row["utterance"])
    rng = random.Random(0)
    return [
        Utterance(text, label, known[label])
        for label in sorted(by_label)
        for text in rng.sample(by_label[label], min(per_label, len(by_label[label])))
    ]


def support_accuracy(
    utterances: Sequence[Utterance], read: Sequence[Readings | None]
) -> dict[str, float]:
    """Return the share of utterances whose first request has a right intent."""
    right = [
        got is not None and got[0].intent in utterance.intents
        for utterance, got in zip(utterances, read, strict=True)
    ]
    return {MEASURE: round(sum(right) / len(right), 4)} if right else {}


def support_check(
    task: UnderstandTask, runner: Runner, path: Path = UTTERANCES
) -> dict[str, float]:
    """Let a model read the utterances; nothing where the file is absent."""
    utterances = support_utterances(path)
    if not utterances:
        return {}
    samples = task.samples([Drawn(utterance.text) for utterance in utterances])
    outputs = runner.answers([sample.messages for sample in samples], LONGEST_ANSWER)
    return support_accuracy(utterances, [parse_readings(output) for output in outputs])
