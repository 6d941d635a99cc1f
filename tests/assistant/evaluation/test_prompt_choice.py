from pathlib import Path

import pytest

from assistant.errors import BadInput, PromptError
from assistant.evaluation.prompt_choice import chosen_prompts
from assistant.prompting import load_prompt

TEXT = "---\npurpose: greet\nvariables: [name]\n---\n=== user\nHello {{ name }}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "greet.md.j2").write_text(TEXT)
    return tmp_path


def test_a_path_stands_in_under_the_given_name(folder: Path) -> None:
    other = folder / "shorter.md.j2"
    other.write_text(TEXT.replace("Hello", "Hi"))
    (found,) = chosen_prompts([f"greet@{other}"], folder)
    assert found.name == "greet"
    assert found.render(name="Ann") == (("user", "Hi Ann"),)
    assert found.version != load_prompt("greet", folder).version


def test_the_beginning_of_the_hash_means_the_prompt_that_is_there(folder: Path) -> None:
    here = load_prompt("greet", folder)
    assert chosen_prompts([f"greet@{here.version[:5]}"], folder) == (here,)


def test_another_hash_is_refused_and_the_way_on_named(folder: Path) -> None:
    with pytest.raises(BadInput, match="path of its file"):
        chosen_prompts(["greet@zzz"], folder)


@pytest.mark.parametrize("choice", ["greet", "greet@", "@abc"])
def test_half_a_choice_is_refused(folder: Path, choice: str) -> None:
    with pytest.raises(BadInput, match="NAME@"):
        chosen_prompts([choice], folder)


def test_unknown_names_and_files_that_are_no_prompt_are_prompt_errors(folder: Path) -> None:
    (folder / "plain.txt").write_text("hello")
    with pytest.raises(PromptError):
        chosen_prompts(["nothing@abc"], folder)
    with pytest.raises(PromptError):
        chosen_prompts([f"nothing@{folder / 'greet.md.j2'}"], folder)
    with pytest.raises(PromptError):
        chosen_prompts([f"greet@{folder / 'plain.txt'}"], folder)
