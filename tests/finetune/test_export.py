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


@pytest.mark.parametrize("name", ["prefix_tuning", "prompt_tuning", "p_tuning"])
def test_logits_under_the_exported_prefix_equal_those_of_peft(tiny_model: Path, name: str) -> None:
    model = perturbed(tiny_model, name)
    prefix = prefix_of(model).float()
    assert prefix.shape == (2, 2, 5, 2, 8)
    ids = torch.randint(4, 200, (3, 11))
    cache = DynamicCache()
    for layer, pair in enumerate(prefix):
        keys, values = (half.transpose(0, 1)[None].expand(3, -1, -1, -1) for half in pair)
        cache.update(keys, values, layer)
    with torch.no_grad():
        expected = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[:, -11:]
        served = model.get_base_model()(input_ids=ids, past_key_values=cache).logits
    # Computed keys are rounded to bfloat16 in the file; learned ones are not.
    assert torch.allclose(served, expected, atol=1e-5 if name == "prefix_tuning" else 2e-2)
    assert torch.equal(served.argmax(-1), expected.argmax(-1))


def test_a_method_without_a_prompt_has_no_prefix(tiny_model: Path) -> None:
    with pytest.raises(ConfigurationError, match="learns no prompt"):
        prefix_of(perturbed(tiny_model, "lora"))
