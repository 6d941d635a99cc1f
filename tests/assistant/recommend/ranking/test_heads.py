from pathlib import Path

import numpy as np
import pytest

from assistant.errors import CheckpointError
from assistant.recommend.ranking.heads import (
    CARD_FILE,
    WEIGHTS_FILE,
    Heads,
    HeadsCard,
    open_heads,
    save_heads,
)
from assistant.recommend.ranking.pairs import COLUMNS
from assistant.recommend.scenarios import Objective, Scenario


def _columns(rows: int = 6) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.standard_normal((rows, len(COLUMNS))).astype(np.float32)


def test_kept_heads_score_as_before(heads: Heads, tmp_path: Path) -> None:
    save_heads(heads, tmp_path)
    opened = open_heads(tmp_path)
    category = np.arange(6, dtype=np.int32)
    assert np.array_equal(
        heads.values(_columns(), category, Scenario.BROWSE),
        opened.values(_columns(), category, Scenario.BROWSE),
    )
    assert opened.card.metrics == heads.card.metrics


def test_heads_are_small(heads: Heads, tmp_path: Path) -> None:
    save_heads(heads, tmp_path)
    assert (tmp_path / WEIGHTS_FILE).stat().st_size < 3_000_000


def test_altered_weights_are_refused(heads: Heads, tmp_path: Path) -> None:
    save_heads(heads, tmp_path)
    path = tmp_path / WEIGHTS_FILE
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(CheckpointError, match="is not what its card says"):
        open_heads(tmp_path)


def test_heads_of_other_columns_are_refused(heads: Heads, tmp_path: Path) -> None:
    save_heads(heads, tmp_path)
    card = HeadsCard.model_validate_json((tmp_path / CARD_FILE).read_bytes())
    other = card.model_copy(update={"columns": ("one",)})
    (tmp_path / CARD_FILE).write_text(other.model_dump_json(), encoding="utf-8")
    with pytest.raises(CheckpointError, match="read other columns"):
        open_heads(tmp_path)


def test_absent_heads_are_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="python -m assistant fit"):
        open_heads(tmp_path)


def test_chances_are_chances_and_what_cannot_be_is_zero(heads: Heads) -> None:
    columns = _columns(50)
    columns[:, COLUMNS.index("category_count")] = 1.0
    columns[:, COLUMNS.index("own_label")] = 0.0
    values = heads.values(columns, np.zeros(50, np.int32), Scenario.BROWSE)
    by = {objective: values[:, at] for at, objective in enumerate(heads.card.objectives)}
    assert (by[Objective.DISCOVERY] == 0).all()
    assert (by[Objective.PRIVATE_LABEL] == 0).all()
    assert ((by[Objective.PURCHASE] >= 0) & (by[Objective.PURCHASE] <= 1)).all()


def test_an_unknown_category_has_a_row_of_its_own(heads: Heads) -> None:
    rows = heads.category_rows(("c001", "never seen"))
    assert rows.tolist() == [1, len(heads.card.categories)]
