import json
from collections.abc import Iterator
from pathlib import Path

from assistant.prompting import PROMPTS
from finetune.phrasing import template_key, training_templates

CASES = PROMPTS / "cases"
# Rules read these before the classifier is asked; prompts/cases/README.md says that some of their
# words are trained on.
READ_BY_RULES = "orders_"


def turns(path: Path) -> Iterator[tuple[str, str]]:
    """Yield where each turn of a case stands, and what the shopper says in it."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            for turn, said in enumerate(json.loads(line)["turns"], start=1):
                yield f"{path.name}:{number} turn {turn}", said["user"]


def copied(path: Path) -> list[str]:
    """Name the turns whose template the classifier was trained on.

    A single word ("yes", "coffee") has no phrasing to hold back.
    """
    return [
        place
        for place, said in turns(path)
        if len(template_key(said).split()) > 1 and template_key(said) in training_templates()
    ]


def test_no_frozen_case_uses_a_template_of_the_training_text() -> None:
    paths = (p for p in sorted(CASES.glob("*.jsonl")) if not p.name.startswith(READ_BY_RULES))
    found = [place for path in paths for place in copied(path)]
    assert not found, f"{len(found)} turns need other words: {found}"


def test_a_case_in_training_words_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "copied.jsonl"
    said = ["Do you have quinoa?", "yes", "my llama told me to ask about quinoa"]
    path.write_text(json.dumps({"turns": [{"user": text} for text in said]}), encoding="utf-8")
    assert copied(path) == ["copied.jsonl:1 turn 1"]
