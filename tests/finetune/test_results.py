from pathlib import Path

import pytest

from assistant.errors import ConfigurationError
from finetune.report import cells, header, lines, write_page
from finetune.results import Curve, Result, add_row, read_table


def row(method: str, seed: int = 0, quality: float = 0.5, **told: object) -> Result:
    return Result.model_validate(
        {
            "task": "understand",
            "method": method,
            "seed": seed,
            "metrics": {"quality": quality, "intent_accuracy": quality},
            "data_digest": "d",
            "base_digest": "b",
            "date": "2026-01-01",
            "machine": "2 cores",
            **told,
        }
    )


def test_rows_are_kept_and_the_same_row_is_replaced(tmp_path: Path) -> None:
    add_row(row("lora"), "quality", tmp_path)
    add_row(row("lora", seed=1), "quality", tmp_path)
    add_row(row("lora", quality=0.7), "quality", tmp_path)
    table = read_table("understand", "quality", tmp_path)
    assert sorted((r.seed, r.metrics["quality"]) for r in table.rows) == [(0, 0.7), (1, 0.5)]
    assert table.has(row("lora", seed=1))
    assert not table.has(row("lora", seed=2))


def test_a_broken_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "understand.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"understand\.json"):
        read_table("understand", "quality", tmp_path)


def test_seeds_share_a_line_and_the_best_method_comes_first_after_the_baselines() -> None:
    rows = [
        row("lora", quality=0.85),
        row("prefix_tuning", 0, 0.9, init="text"),
        row("prefix_tuning", 1, 0.7, init="text"),
        row("no prompt", quality=0.0),
    ]
    found = lines(rows, "quality")
    assert [line.name for line in found] == ["no prompt", "lora", "prefix, from text"]
    assert cells(found[0], "understand")[1] == "0.000"
    (prefix,) = [line for line in found if len(line.rows) == 2]
    assert prefix.cell("quality") == "0.800 ± 0.141"
    assert len(cells(prefix, "understand")) == len(header("understand"))


def test_one_seed_shows_the_interval_of_the_test() -> None:
    metrics = {"quality": 0.5, "quality_low": 0.4, "quality_high": 0.6}
    (line,) = lines([row("lora", metrics=metrics)], "quality")
    assert line.cell("quality") == "0.500 [0.400, 0.600]"


def test_the_page_holds_table_notes_and_pictures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    curve = Curve(train=((1, 3.0),), validation=((0, 4.0), (5, 2.0)))
    add_row(row("lora", curve=curve, note="a remark"), "quality", tmp_path)
    page = write_page(read_table("understand", "quality", tmp_path), tmp_path, tmp_path / "images")
    text = page.read_text(encoding="utf-8")
    assert "| lora |" in text
    assert "- lora: a remark." in text
    assert {p.name for p in (tmp_path / "images").iterdir()} == {
        "learned-understand-loss.png",
        "learned-understand-methods.png",
    }
