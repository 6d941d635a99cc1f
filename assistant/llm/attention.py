"""Whether a model keeps one uniform cache of keys and values, which a learned prompt fills."""

import json
from collections.abc import Mapping
from pathlib import Path

# The engine's longest context: a window that wide never slides.
CONTEXT = 4096
_MIXED = ("mamba", "ssm_", "linear_", "attn_layer_", "attn_type_list", "full_attention_interval")
_UNEVEN = {
    "kv_lora_rank": "its attention layers keep no plain keys and values",
    "num_kv_shared_layers": "its layers share keys and values",
    "hybrid_override_pattern": "not all of its layers are attention layers",
    "layers_block_type": "not all of its layers are attention layers",
    "block_configs": "its layers differ in shape",
    "dual_chunk_attention_config": "its attention works in chunks",
}


def uneven_attention(model: Path) -> str | None:
    """Return why a model folder's cache is not uniform, as a clause; None where it is."""
    try:
        config = json.loads((model / "config.json").read_bytes())
    except (OSError, ValueError):
        return "its config.json cannot be read"
    if not isinstance(config, dict) or not _is_plain(config):
        return "its config.json describes no plain language model"
    for key, why in _UNEVEN.items():
        if config.get(key):
            return why
    if any(key.startswith(_MIXED) for key in config) or _kinds(config) > 1:
        return "not all of its layers are of one kind"
    if _window(config) < CONTEXT:
        return "its attention forgets what lies far back, the learned prompt first"
    return None


def _is_plain(config: Mapping[str, object]) -> bool:
    """Whether the same numbers hold for every layer, and text is all that the model reads."""
    layers, heads = (
        next((config[key] for key in keys if key in config), None)
        for keys in (("num_hidden_layers", "n_layer"), ("num_attention_heads", "n_head"))
    )
    uniform = all(isinstance(number, int) for number in (layers, heads))
    return uniform and not config.get("is_encoder_decoder") and "vision_config" not in config


def _kinds(config: Mapping[str, object]) -> int:
    kinds = config.get("layer_types")
    return len(set(kinds)) if isinstance(kinds, list) else 1


def _window(config: Mapping[str, object]) -> int:
    window = config.get("sliding_window")
    if not isinstance(window, int) or config.get("use_sliding_window") is False:
        return CONTEXT
    return window
