import json
from collections import Counter
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from assistant.errors import BadInput
from assistant.evaluation.cases import read_cases, schema_text
from assistant.evaluation.expectations import Expect
from assistant.evaluation.scorers import SCORERS
from assistant.prompting import PROMPTS
from tests.assistant.evaluation.small_shop import case

FOLDER = PROMPTS / "cases"
LINE = '{"id": "find-001", "suite": "find", "store": "s", "turns": [{"user": "hi", "expect": {}}]}'


def test_published_schema_is_the_models_schema() -> None:
    published = (FOLDER / "schema.json").read_text(encoding="utf-8")
    assert published == schema_text(), "write schema_text() to prompts/cases/schema.json"


def test_every_committed_line_is_valid_by_the_published_schema() -> None:
    validator = Draft202012Validator(json.loads((FOLDER / "schema.json").read_text("utf-8")))
    for path in FOLDER.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n"):
            validator.validate(json.loads(line))


def test_committed_cases_are_many_and_about_half_are_reserved() -> None:
    cases = read_cases([FOLDER])
    reserved = sum(found.reserved for found in cases)
    assert len(cases) >= 220
    assert 0.4 <= reserved / len(cases) <= 0.6


def test_absent_suite_has_sixty_cases_half_of_them_of_present_things() -> None:
    says = [
        found.turns[0].expect.says_absent
        for found in read_cases([FOLDER])
        if found.suite == "absent"
    ]
    assert len(says) >= 60
    assert abs(says.count(True) - says.count(False)) <= 4


def test_reserved_cases_lie_in_files_of_their_own() -> None:
    for path in FOLDER.glob("*.jsonl"):
        apart = ".reserved" in path.name
        assert {found.reserved for found in read_cases([path])} == {apart}, path.name
        assert {found.suite for found in read_cases([path])} == {path.name.split(".")[0]}


def test_no_conversation_is_there_twice() -> None:
    said = Counter(
        (found.shopper, found.cart, tuple(turn.user for turn in found.turns))
        for found in read_cases([FOLDER])
    )
    assert [words for words, times in said.items() if times > 1] == []


def test_every_expectation_has_a_scorer() -> None:
    assert set(Expect.model_fields) <= set(SCORERS)


def test_misspelt_expectation_is_refused_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "find.jsonl"
    path.write_text(LINE + "\n" + LINE.replace('"expect": {}', '"expect": {"intent": []}'))
    with pytest.raises(BadInput, match=r"find\.jsonl line 2: turns\.0\.expect\.intent"):
        read_cases([path])


def test_same_id_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "find.jsonl"
    path.write_text(f"{LINE}\n{LINE}\n")
    with pytest.raises(BadInput, match="find-001"):
        read_cases([path])


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "find.jsonl"
    path.write_text(LINE)
    assert len(read_cases([path, tmp_path])) == 1


def test_missing_path_and_empty_folder_say_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="jsonl"):
        read_cases([tmp_path / "nowhere"])
    with pytest.raises(BadInput, match="no cases"):
        read_cases([tmp_path])


def test_line_separators_inside_a_message_do_not_split_a_case(tmp_path: Path) -> None:
    path = tmp_path / "find.jsonl"
    path.write_text(LINE.replace("hi", "milk\u2028eggs"), encoding="utf-8")
    assert read_cases([path])[0].turns[0].user == "milk\u2028eggs"


def test_digest_follows_what_is_asked_and_not_the_note() -> None:
    plain, noted = case({"products_min": 1}), case({"products_min": 1}, note="why")
    assert plain.digest == noted.digest
    assert plain.digest != case({"products_min": 2}).digest


def test_stated_null_slot_counts_as_an_expectation() -> None:
    found = case({"slots": [{"max_price": None}]}).turns[0].expect
    assert found.stated == ("slots",)
    assert found.slots is not None and found.slots[0] is not None
    assert found.slots[0].model_fields_set == {"max_price"}
