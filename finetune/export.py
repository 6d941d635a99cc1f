"""Any prompt-learning method's result as the one prefix that vLLM serves."""

import hashlib
from pathlib import Path

import torch
from peft import PeftModel, PeftType
from safetensors.torch import load_file
from safetensors.torch import save as tensor_bytes

from assistant.errors import ConfigurationError
from assistant.llm.adapters import CARD_FILE, PREFIX_FILE, TENSOR, Adapter, AdapterCard

_KV_METHODS = frozenset({PeftType.PREFIX_TUNING, PeftType.CARTRIDGE})
_SOFT_METHODS = frozenset({PeftType.PROMPT_TUNING, PeftType.P_TUNING})


def prefix_of(model: PeftModel) -> torch.Tensor:
    """Return `[layers, 2, n, kv_heads, head_dim]` in bfloat16: keys, already rotated, and values.

    Prefix tuning learned them. Prompt tuning and P-tuning learned embeddings, whose keys and values
    the frozen model computes; that is exact because a soft prompt always comes first. Raises
    ConfigurationError for a method without a prompt, such as LoRA.
    """
    kind = model.active_peft_config.peft_type
    if kind in _KV_METHODS:
        return _learned_cache(model)
    if kind in _SOFT_METHODS:
        return _computed_cache(model)
    raise ConfigurationError(
        f"{kind} learns no prompt, so it has no prefix to serve: use prompt_tuning, p_tuning or "
        "prefix_tuning."
    )


def prefix_bytes(prefix: torch.Tensor) -> bytes:
    """Return the content of a prefix file."""
    content: bytes = tensor_bytes({TENSOR: prefix.to(torch.bfloat16).contiguous()})
    return content


def read_prefix(adapter: Adapter) -> torch.Tensor:
    """Load an adapter's keys and values."""
    prefix: torch.Tensor = load_file(adapter.path / PREFIX_FILE)[TENSOR]
    return prefix


def write_adapter(folder: Path, prefix: torch.Tensor, card: AdapterCard) -> AdapterCard:
    """Write prefix and card; returns the card with the prefix's digest and shape filled in."""
    content = prefix_bytes(prefix)
    layers, _, length, heads, size = prefix.shape
    full = card.model_copy(
        update={
            "digest": hashlib.sha256(content).hexdigest(),
            "layers": layers,
            "virtual_tokens": length,
            "kv_heads": heads,
            "head_dim": size,
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PREFIX_FILE).write_bytes(content)
    (folder / CARD_FILE).write_text(full.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return full


def _learned_cache(model: PeftModel) -> torch.Tensor:
    config = model.get_base_model().config
    heads, size = config.num_key_value_heads, _head_dim(model)
    learned = model.get_prompt_embedding_to_save(model.active_adapter).detach()
    # PEFT keeps [n, layers * 2 * heads * size], keys in the even rows.
    rows: torch.Tensor = learned.view(learned.shape[0], config.num_hidden_layers, 2, heads, size)
    return rows.permute(1, 2, 0, 3, 4).to(torch.bfloat16).contiguous()


@torch.no_grad()
def _computed_cache(model: PeftModel) -> torch.Tensor:
    base = model.get_base_model()
    learned = model.get_prompt_embedding_to_save(model.active_adapter).detach()
    embeddings = learned.to(base.device, base.dtype).unsqueeze(0)
    cache = base(inputs_embeds=embeddings, use_cache=True).past_key_values
    layers = [torch.stack((layer.keys[0], layer.values[0])) for layer in cache.layers]
    # Each is [2, heads, n, size]; positions come before heads in the file.
    return torch.stack(layers).permute(0, 1, 3, 2, 4).to(torch.bfloat16).contiguous()


def _head_dim(model: PeftModel) -> int:
    config = model.get_base_model().config
    given = getattr(config, "head_dim", None)
    return int(given or config.hidden_size // config.num_attention_heads)
