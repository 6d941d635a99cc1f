"""Perplexity of given answers, with and without learned positions."""

import math
from collections.abc import Sequence

import pytest
import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from assistant.llm.chat import Message
from finetune.likelihood import perplexity
from finetune.tasks.task import Sample


class Bare:
    """A model with or without a prefix, and a template that adds nothing."""

    def __init__(
        self,
        model: LlamaForCausalLM,
        tokenizer: PreTrainedTokenizerFast,
        prefix: torch.Tensor | None,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.prefix = prefix

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        ids: list[int] = self.tokenizer(messages[-1].content, add_special_tokens=False)["input_ids"]
        return ids

    def answers(self, prompts: Sequence[Sequence[Message]], max_tokens: int) -> list[str]:
        raise NotImplementedError


SAMPLE = Sample((Message("user", "buys eggs"),), "white bread", "g")


def test_an_even_model_has_the_vocabulary_as_perplexity(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast
) -> None:
    even = LlamaForCausalLM(model.config).eval()
    torch.nn.init.zeros_(even.lm_head.weight)
    assert perplexity(Bare(even, tokenizer, None), [SAMPLE]) == pytest.approx(len(tokenizer))


def test_a_prefix_counts(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    torch.manual_seed(1)
    alone = perplexity(Bare(model, tokenizer, None), [SAMPLE])
    led = perplexity(Bare(model, tokenizer, 3 * torch.randn(2, 2, 3, 2, 8)), [SAMPLE])
    assert math.isfinite(led) and led != pytest.approx(alone)
