"""What a method reached in one cut and scenario, kept so that a broken-off run goes on."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.recommend.ranking.labels import labels_of
from assistant.recommend.ranking.lists import Lists
from assistant.recommend.ranking.network import OBJECTIVES
from tests.benchmarks.ranking.metrics import (
    Doubles,
    auc,
    calibration_error,
    gauc,
    rank_within,
    score_lists,
)


@dataclass(frozen=True, slots=True)
class Result:
    """Per list: whose, nDCG@10 with both denominators, recall@10, repeat and explore nDCG@10.

    Per objective: `auc`, `gauc`, `ece` and how many positives they rest on; NaN where undefined.
    `pool` is the pool's recall of what was asked for, `hits` and `asked` behind it.
    """

    household: NDArray[np.int64]
    ndcg: Doubles
    ndcg_full: Doubles
    recall: Doubles
    auc: Doubles
    gauc: Doubles
    ece: Doubles
    positives: Doubles
    pool: Doubles
    front: Doubles


def judge(scores: Doubles, lists: Lists, *, calibrated: bool, front: Doubles) -> Result:
    """Judge the scores [rows, objectives] of lists; purchase, the first, ranks them."""
    labels, eligible = labels_of(lists, slice(None))
    place = rank_within(scores[:, 0], lists.starts)
    found = score_lists(place, lists.bought, lists.starts, lists.relevant)
    each = np.full((3, len(OBJECTIVES)), np.nan)
    for at in range(len(OBJECTIVES)):
        rows = eligible[:, at]
        label, score = labels[rows, at] > 0, scores[rows, at]
        each[0, at] = auc(score, label)
        each[1, at] = gauc(score, label, _starts(lists, rows))
        # Revenue is in minor units: its error is not one of a chance.
        if calibrated and OBJECTIVES[at] != "revenue":
            each[2, at] = calibration_error(score, label)
    asked = int(lists.relevant.sum())
    return Result(
        lists.shopper.astype(np.int64),
        found.ndcg,
        found.ndcg_full,
        found.recall,
        each[0],
        each[1],
        each[2],
        (labels * eligible).sum(axis=0).astype(np.float64),
        np.array([float(lists.bought.sum()) / max(asked, 1)]),
        front,
    )


def _starts(lists: Lists, rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where each list begins among some of the rows."""
    counts = np.bincount(lists.list_of[rows], minlength=len(lists))
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def save_result(result: Result, path: Path) -> None:
    """Keep a result."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with half.open("wb") as file:
        np.savez(file, **{f.name: getattr(result, f.name) for f in fields(result)})
    half.replace(path)


def load_result(path: Path) -> Result | None:
    """Load what `save_result` kept; None where there is nothing."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as kept:
        return Result(**{f.name: kept[f.name] for f in fields(Result)})
