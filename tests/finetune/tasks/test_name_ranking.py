"""Names are scored exactly as if each were written out alone."""

import pytest
import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from finetune.name_ranking import OPENING, NameRanker

NAMES = ("Milk", "Milk chocolate", "White bread", "Wheat bread", "Eggs")


@pytest.mark.parametrize("length", [0, 3])
def test_a_tree_of_names_scores_like_each_name_alone(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, length: int
) -> None:
    prefix = torch.randn(2, 2, length, 2, 8) if length else None
    ranker = NameRanker(model, tokenizer, NAMES, prefix)
    prompt = tokenizer("buys eggs", add_special_tokens=False)["input_ids"]
    together = ranker.scores(prompt, NAMES)
    assert set(together) == set(NAMES)
    for name in NAMES:
        assert together[name] == pytest.approx(ranker.scores(prompt, [name])[name], abs=1e-4)


def test_a_score_is_the_names_log_probability(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast
) -> None:
    prompt = tokenizer("buys eggs" + OPENING, add_special_tokens=False)["input_ids"]
    name = tokenizer(" white bread", add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        steps = torch.log_softmax(model(torch.tensor([prompt + name])).logits[0], -1)
    said = sum(float(steps[len(prompt) - 1 + at, token]) for at, token in enumerate(name))
    closing = [at for text, at in tokenizer.get_vocab().items() if text.startswith('"')]
    expected = said + float(torch.logsumexp(steps[-1][closing], -1))
    bare = tokenizer("buys eggs", add_special_tokens=False)["input_ids"]
    found = NameRanker(model, tokenizer, NAMES).scores(bare, NAMES)["White bread"]
    assert found == pytest.approx(expected, abs=1e-3)


def test_names_asked_for_are_scored_though_they_may_not_be_named(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast
) -> None:
    found = NameRanker(model, tokenizer, NAMES).scores([5, 6], ["Milk"], always=["Eggs"])
    assert set(found) == {"Milk", "Eggs"}
