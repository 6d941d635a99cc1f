"""Room for a learned prompt in front of a model's own template."""

import json
from pathlib import Path

import jinja2
import pytest

from assistant.llm.chat_template import (
    ReservedToken,
    chat_template,
    reserved_token,
    with_learned_positions,
)


def write_tokenizer(folder: Path, *tokens: tuple[int, str]) -> None:
    added = [{"id": number, "content": text, "special": True} for number, text in tokens]
    (folder / "tokenizer.json").write_text(json.dumps({"added_tokens": added}))


def test_the_first_token_that_chats_never_use_is_reserved(tmp_path: Path) -> None:
    write_tokenizer(tmp_path, (0, "<|endoftext|>"), (4, "<file_sep>"), (3, "<repo_name>"))
    assert reserved_token(tmp_path) == ReservedToken(3, "<repo_name>")


@pytest.mark.parametrize(
    "text",
    [
        "<|repo_name|>",  # Qwen
        "<|reserved_special_token_0|>",  # Llama
        "<|placeholder1|>",  # Phi
        "[control_8]",  # Mistral
        "<unused0>",  # Gemma
    ],
)
def test_other_families_of_models_have_one_too(tmp_path: Path, text: str) -> None:
    write_tokenizer(tmp_path, (7, text))
    assert reserved_token(tmp_path) == ReservedToken(7, text)


@pytest.mark.parametrize("text", ["<|im_start|>", "<s>", "</tool_call>"])
def test_a_token_of_chats_is_never_reserved(tmp_path: Path, text: str) -> None:
    write_tokenizer(tmp_path, (3, text))
    assert reserved_token(tmp_path) is None


def test_a_model_without_a_tokenizer_has_none(tmp_path: Path) -> None:
    assert reserved_token(tmp_path) is None
    assert chat_template(tmp_path) is None


def test_a_template_may_stand_in_the_tokenizers_configuration(tmp_path: Path) -> None:
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": "one"}))
    assert chat_template(tmp_path) == "one"
    (tmp_path / "chat_template.jinja").write_text("two")
    assert chat_template(tmp_path) == "two"


def test_learned_positions_come_before_everything() -> None:
    template = jinja2.Template(with_learned_positions("<s>{{ text }}", ReservedToken(3, "<r>")))
    assert template.render(text="hi", virtual_tokens=3) == "<r><r><r><s>hi"
    assert template.render(text="hi") == "<s>hi"
    assert template.render(text="hi", virtual_tokens=0) == "<s>hi"
