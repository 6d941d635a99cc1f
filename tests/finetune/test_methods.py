from pathlib import Path
from typing import get_args

import pytest
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from assistant.errors import ConfigurationError
from assistant.llm.model_store import prepare_model
from assistant.retrieval.embedder import no_progress
from finetune.config import Method, MethodConfig
from finetune.export import prefix_of
from finetune.methods import learned_parameters, load_prefix, trainable
from finetune.training import load_base

TEXT = "read the requests of the message"


@pytest.fixture
def base(tiny_model: Path, tmp_path: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    return load_base(prepare_model(str(tiny_model), tmp_path, no_progress))


def made(
    base: tuple[PreTrainedModel, PreTrainedTokenizerBase], name: str, **told: object
) -> torch.nn.Module:
    method = MethodConfig.model_validate(
        {"name": name, "virtual_tokens": 5, "init_text": TEXT, "layers": 1, **told}
    )
    return trainable(*base, method, steps=20, seed=0)


@pytest.mark.parametrize("name", get_args(Method))
def test_what_is_trained_is_in_full_precision_and_the_rest_is_frozen(
    base: tuple[PreTrainedModel, PreTrainedTokenizerBase], name: str
) -> None:
    model = made(base, name)
    learned = list(learned_parameters(model))
    assert learned
    assert {parameter.dtype for parameter in learned} == {torch.float32}
    frozen = [p for p in model.parameters() if not p.requires_grad]
    assert bool(frozen) == (name != "full")
    assert {p.dtype for p in frozen} <= {torch.bfloat16}


def test_a_head_that_learns_leaves_the_embedding_it_shared(
    base: tuple[PreTrainedModel, PreTrainedTokenizerBase],
) -> None:
    model = made(base, "head_only")
    embedding = base[0].get_input_embeddings().weight
    assert not embedding.requires_grad
    assert sum(p.numel() for p in learned_parameters(model)) == embedding.numel()


def test_a_prefix_starts_as_what_the_model_computes_from_the_text(
    base: tuple[PreTrainedModel, PreTrainedTokenizerBase],
) -> None:
    prefix = prefix_of(made(base, "prefix_tuning"))
    model, tokenizer = base
    ids = tokenizer.apply_chat_template(
        [{"role": "system", "content": TEXT}], return_dict=False, return_tensors="pt"
    )
    with torch.no_grad():
        cache = model(input_ids=ids, use_cache=True).past_key_values
    keys = cache.layers[1].keys[0, :, :5].transpose(0, 1)
    assert torch.equal(prefix[1, 0], keys.to(torch.bfloat16))


def test_starts_at_zero_and_at_random_differ_by_seed_only_where_random(
    base: tuple[PreTrainedModel, PreTrainedTokenizerBase],
) -> None:
    assert not prefix_of(made(base, "prefix_tuning", init="zero")).any()


def test_an_exported_prefix_can_be_gone_on_from(
    base: tuple[PreTrainedModel, PreTrainedTokenizerBase],
) -> None:
    model = made(base, "prefix_tuning", init="zero")
    prefix = torch.randn(2, 2, 5, 2, 8).to(torch.bfloat16)
    load_prefix(model, prefix)
    assert torch.equal(prefix_of(model), prefix)


def test_a_start_from_text_needs_text(
    base: tuple[PreTrainedModel, PreTrainedTokenizerBase],
) -> None:
    with pytest.raises(ConfigurationError, match="init_text"):
        made(base, "prefix_tuning", init_text=" ")
