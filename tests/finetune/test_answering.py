from pathlib import Path
from typing import Any

import torch

from assistant.llm.chat import Message
from assistant.llm.model_store import prepare_model
from assistant.retrieval.embedder import no_progress
from finetune.answering import Answering
from finetune.config import MethodConfig
from finetune.export import prefix_of
from finetune.methods import trainable
from finetune.training import load_base

PROMPTS = [
    (Message("user", "milk"),),
    (Message("user", "where is my order, and add two of the second one"),),
    (Message("system", "Read."), Message("user", "eggs and bread")),
]


def answering(tiny_model: Path, home: Path, *, prefix: bool) -> Answering:
    model, tokenizer = load_base(prepare_model(str(tiny_model), home, no_progress))
    model.float()
    if not prefix:
        return Answering(model, tokenizer)
    method = MethodConfig(name="prefix_tuning", virtual_tokens=4, init_text="read the request")
    wrapped: Any = trainable(model, tokenizer, method, steps=1, seed=0)
    return Answering(wrapped.get_base_model(), tokenizer, prefix_of(wrapped).float() * 3)


def greedy(runner: Answering, prompt: tuple[Message, ...], most: int) -> str:
    """Answer one prompt token by token, without batches or caches of text."""
    ids = runner.prompt_ids(prompt)
    start = len(ids)
    while len(ids) < start + most:
        cache = runner._cache(1)
        with torch.no_grad():
            given = {} if cache is None else {"past_key_values": cache}
            logits = runner.model(input_ids=torch.tensor([ids]), **given).logits
        following = int(logits[0, -1].argmax())
        if following == runner.tokenizer.eos_token_id:
            break
        ids.append(following)
    return str(runner.tokenizer.decode(ids[start:], skip_special_tokens=True)).strip()


def test_a_batch_under_a_prefix_answers_as_one_by_one(tiny_model: Path, tmp_path: Path) -> None:
    runner = answering(tiny_model, tmp_path, prefix=True)
    expected = [greedy(runner, prompt, 12) for prompt in PROMPTS]
    assert len({*expected, ""}) > 2, "the tiny model must say different things"
    assert runner.answers(PROMPTS, 12) == expected
    bare = answering(tiny_model, tmp_path, prefix=False)
    assert bare.answers(PROMPTS, 12) != expected


def test_a_batch_of_the_bare_model_answers_as_one_by_one(tiny_model: Path, tmp_path: Path) -> None:
    runner = answering(tiny_model, tmp_path, prefix=False)
    expected = [greedy(runner, prompt, 12) for prompt in PROMPTS]
    assert len({*expected, ""}) > 2, "the tiny model must say different things"
    assert runner.answers(PROMPTS, 12) == expected
