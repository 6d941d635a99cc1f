"""An exported prefix says exactly what PEFT says."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache

from assistant.errors import ConfigurationError
from finetune.config import MethodConfig
from finetune.export import prefix_of
from finetune.methods import learned_parameters, trainable


def perturbed(tiny_model: Path, name: str) -> Any:
    """A model in full precision whose learned part is anywhere but at its start."""
    base = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    method = MethodConfig.model_validate(
        {"name": name, "virtual_tokens": 5, "init_text": "read it", "hidden": 16}
    )
    model = trainable(base, tokenizer, method, steps=5, seed=0)
    with torch.no_grad():
        for parameter in learned_parameters(model):
            # bfloat16 holds these exactly, so nothing is lost in the file.
            parameter.add_(torch.randn_like(parameter) * 0.1)
            parameter.copy_(parameter.bfloat16().float())
    return model.eval()


def with_prefix(model: Any, prefix: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """The frozen model's logits behind a prefix."""
    cache = DynamicCache()
    for layer, pair in enumerate(prefix):
        keys, values = (h.transpose(0, 1)[None].expand(len(ids), -1, -1, -1) for h in pair)
        cache.update(keys, values, layer)
    with torch.no_grad():
        logits: torch.Tensor = model.get_base_model()(input_ids=ids, past_key_values=cache).logits
    return logits


def peft_outputs(model: Any, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """PEFT's logits of the text, and the keys and values it had in front, unrounded."""
    with torch.no_grad():
        found = model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=True)
    pairs = [torch.stack((la.keys[0, :, :5], la.values[0, :, :5])) for la in
             found.past_key_values.layers]  # fmt: skip
    return found.logits[:, -ids.shape[1] :], torch.stack(pairs).transpose(2, 3)


@pytest.mark.parametrize("name", ["prefix_tuning", "prompt_tuning", "p_tuning"])
def test_the_exported_prefix_is_what_peft_has_in_front(tiny_model: Path, name: str) -> None:
    model = perturbed(tiny_model, name)
    ids = torch.randint(4, 200, (3, 11))
    logits, front = peft_outputs(model, ids)
    prefix = prefix_of(model)
    assert prefix.shape == (2, 2, 5, 2, 8)
    # The file holds bfloat16, whose steps are 2 ** -8 of a value at most.
    assert torch.allclose(prefix.float(), front, rtol=2**-8, atol=1e-4)
    assert torch.allclose(with_prefix(model, front, ids), logits, atol=1e-4)


def test_logits_under_a_learned_prefix_lose_nothing_in_the_file(tiny_model: Path) -> None:
    model = perturbed(tiny_model, "prefix_tuning")
    ids = torch.randint(4, 200, (3, 11))
    expected, _ = peft_outputs(model, ids)
    assert torch.allclose(with_prefix(model, prefix_of(model).float(), ids), expected, atol=1e-4)


def test_a_method_without_a_prompt_has_no_prefix(tiny_model: Path) -> None:
    with pytest.raises(ConfigurationError, match="learns no prompt"):
        prefix_of(perturbed(tiny_model, "lora"))
