import json
from pathlib import Path

import pytest

from assistant.llm.attention import uneven_attention

PLAIN: dict[str, object] = {
    "model_type": "llama",
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}


def said_of(folder: Path, **changed: object) -> str | None:
    (folder / "config.json").write_text(json.dumps(PLAIN | changed))
    return uneven_attention(folder)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"layer_types": ["full_attention", "full_attention"]},
        {"sliding_window": None},
        {"sliding_window": 1024, "use_sliding_window": False},
        {"sliding_window": 4096},
        {"num_local_experts": 8},
        {"kv_lora_rank": None, "num_kv_shared_layers": 0},
    ],
)
def test_plain_attention_serves_learned_prompts(tmp_path: Path, changed: dict[str, object]) -> None:
    assert said_of(tmp_path, **changed) is None


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"kv_lora_rank": 512}, "no plain keys"),
        ({"layer_types": ["full_attention", "sliding_attention"]}, "one kind"),
        ({"mamba_d_state": 16}, "one kind"),
        ({"linear_num_key_heads": 4}, "one kind"),
        ({"hybrid_override_pattern": "M*"}, "attention layers"),
        ({"num_kv_shared_layers": 10}, "share"),
        ({"sliding_window": 512}, "forgets"),
        ({"is_encoder_decoder": True}, "no plain language model"),
        ({"num_attention_heads": [4, 2]}, "no plain language model"),
        ({"num_hidden_layers": None}, "no plain language model"),
        ({"vision_config": {}}, "no plain language model"),
    ],
)
def test_other_attention_is_named(tmp_path: Path, changed: dict[str, object], why: str) -> None:
    assert why in (said_of(tmp_path, **changed) or "")


@pytest.mark.parametrize("content", ["[]", "{", "3"])
def test_a_broken_description_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    assert "config.json" in (uneven_attention(tmp_path) or "")


def test_an_absent_description_is_named(tmp_path: Path) -> None:
    assert "config.json" in (uneven_attention(tmp_path) or "")
