from pathlib import Path

import pytest

from assistant.errors import BadInput
from assistant.evaluation.command import evaluate
from assistant.settings import Settings
from tests.assistant.evaluation.small_shop import case


def silent(_what: str, _share: float | None) -> None:
    """No progress is shown."""


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "find.jsonl"
    path.write_text(case({"products_min": 1}).model_dump_json(exclude_unset=True))
    return path


def test_cases_of_other_stores_are_refused_before_anything_is_opened(
    cases: Path, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home")
    with pytest.raises(BadInput, match="'elsewhere'; these are for corner"):
        evaluate(settings, [cases], [], "elsewhere", 1, silent)
    assert not settings.home.exists()


def test_a_broken_baseline_is_refused_before_anything_is_run(cases: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    baseline.write_text("[]")
    settings = Settings(home=tmp_path / "home")
    with pytest.raises(BadInput, match="no baseline"):
        evaluate(settings, [cases], [], "corner", 1, silent, baseline=baseline)
    assert not settings.home.exists()
