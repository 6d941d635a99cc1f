"""A second architecture on an engine with little room: exact, also after preemption.

The model computes in float32, so hardly anything rounds and the answers must be transformers' own.
The prompts are longer than a step and the cache holds a third of what the requests need at once, so
prompts are computed in pieces and requests are thrown out and start again.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import openai
import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from assistant.llm.adapters import Adapter, AdapterRegistry
from assistant.llm.engine import EngineHandle, EngineOptions, acquire_engine
from assistant.llm.model_store import ModelFolder
from finetune.config import MethodConfig
from finetune.export import prefix_of
from finetune.methods import trainable
from tests.assistant.llm.little_qwen import little_qwen
from tests.assistant.llm.prefixes import Answered, Asker, Judge, publish

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

NOISE = 0.01
BLOCK = 32
METHODS = {
    # One position more than a block, less than one, and as many as two.
    "prefix": MethodConfig(name="prefix_tuning", virtual_tokens=33, init_text="be kind and brief"),
    "prompt": MethodConfig(name="prompt_tuning", virtual_tokens=20, init_text="name a product"),
    "p": MethodConfig(name="p_tuning", virtual_tokens=64, hidden=32),
}
PROMPTS = tuple(f"what goes well with item {number} of the list" for number in range(8))
TIGHT = EngineOptions(
    extra=(
        *("--dtype", "float32", "--max-model-len", "256", "--block-size", str(BLOCK)),
        *("--num-gpu-blocks-override", "24", "--max-num-batched-tokens", "48"),
    )
)


@dataclass(frozen=True)
class Little:
    """A little engine, what it serves and what it is compared with."""

    model: ModelFolder
    registry: AdapterRegistry
    engine: EngineHandle
    judge: Judge
    adapters: dict[str, Adapter]
    prefixes: dict[str, torch.Tensor]
    learned: dict[str, PeftModel]


def loaded(model: ModelFolder) -> PreTrainedModel:
    base: PreTrainedModel = AutoModelForCausalLM.from_pretrained(model.path, dtype=torch.float32)
    return base.eval()


def tuned(model: ModelFolder, method: MethodConfig) -> PeftModel:
    """Take a few steps, so that what is learned is no longer what it began with."""
    tokenizer = AutoTokenizer.from_pretrained(model.path)
    peft = trainable(loaded(model), tokenizer, method, steps=3, seed=2)
    ids = tokenizer("milk goes well with bread", return_tensors="pt").input_ids
    optimizer = torch.optim.AdamW([p for p in peft.parameters() if p.requires_grad], lr=0.05)
    for _ in range(3):
        peft(input_ids=ids, attention_mask=torch.ones_like(ids), labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert isinstance(peft, PeftModel)
    return peft.eval()


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Little]:
    model = little_qwen(tmp_path_factory.mktemp("qwen"))
    home = tmp_path_factory.mktemp("home")
    registry = AdapterRegistry(home, home / "none")
    learned = {name: tuned(model, method) for name, method in METHODS.items()}
    prefixes = {name: prefix_of(peft) for name, peft in learned.items()}
    adapters = {name: publish(registry, name, prefix, model) for name, prefix in prefixes.items()}
    judge = Judge(loaded(model), AutoTokenizer.from_pretrained(model.path))
    with acquire_engine(model, home, lambda _what, _share: None, TIGHT) as engine:
        yield Little(model, registry, engine, judge, adapters, prefixes, learned)


@pytest.fixture
async def asker(little: Little) -> AsyncIterator[Asker]:
    async with Asker.of(little.engine) as asker:
        yield asker


def counted(what: str, engine: EngineHandle) -> float:
    """Return one of the engine's counters."""
    metrics = httpx.get(engine.base_url().removesuffix("/v1") + "/metrics").text
    found = re.search(rf"^vllm:{what}_total\{{[^}}]*\}} (\S+)$", metrics, re.MULTILINE)
    assert found is not None
    return float(found[1])


async def test_second_architecture_is_served_exactly(little: Little, asker: Asker) -> None:
    for name, adapter in little.adapters.items():
        answers = await asker.ask_all([(prompt, adapter) for prompt in PROMPTS[:4]])
        assert little.judge.judge(answers, little.prefixes[name]).gap <= NOISE
        # The exported prefix is rounded to bfloat16, PEFT's own is not.
        assert little.judge.judge(answers, little.learned[name]).drift < 0.2
        assert little.judge.judge(answers, None).drift > 0.5


async def test_the_block_cache_serves_no_other_version(little: Little, asker: Asker) -> None:
    adapter, prompt = little.adapters["prefix"], "what is the best of all the things that you sell"
    assert little.judge.gap(await asker.ask(prompt, adapter), little.prefixes["prefix"]) <= NOISE
    before = counted("prefix_cache_hits", little.engine)
    again = await asker.ask(prompt, adapter)
    assert counted("prefix_cache_hits", little.engine) >= before + 2 * BLOCK
    assert little.judge.gap(again, little.prefixes["prefix"]) <= NOISE
    changed = -little.prefixes["prefix"]
    newer = publish(little.registry, "prefix", changed, little.model)
    answer = await asker.ask(prompt, newer)
    assert little.judge.gap(answer, changed) <= NOISE < little.judge.judge([again], changed).drift


async def test_preemption_changes_nothing(little: Little, asker: Asker) -> None:
    names = [*little.adapters, None]
    asked = [(prompt, name) for prompt in PROMPTS for name in names]
    before = counted("num_preemptions", little.engine)
    answers = await asker.ask_all(
        [(prompt, little.adapters[name] if name else None) for prompt, name in asked],
        words=80,
        to_end=True,
    )
    assert counted("num_preemptions", little.engine) > before
    for name in names:
        own = [a for a, (_, asked_for) in zip(answers, asked, strict=True) if asked_for == name]
        assert {len(answer.said) for answer in own} == {80}
        assert little.judge.judge(own, little.prefixes[name] if name else None).gap <= NOISE, name


async def test_a_refusal_among_right_requests_harms_none(little: Little, asker: Asker) -> None:
    adapter = little.adapters["p"]
    bad = [asker.ask(prompt, adapter, salt="e" * 64) for prompt in PROMPTS]
    short = [asker.ask(prompt, adapter, positions=BLOCK) for prompt in PROMPTS]
    right = [asker.ask(prompt, adapter, words=40) for prompt in PROMPTS]
    mixed = [request for three in zip(bad, short, right, strict=True) for request in three]
    results = await asyncio.gather(*mixed, return_exceptions=True)
    refused = [result for result in results if isinstance(result, openai.InternalServerError)]
    answers = [result for result in results if isinstance(result, Answered)]
    assert (len(refused), len(answers)) == (16, 8)
    assert little.judge.judge(answers, little.prefixes["p"]).gap <= NOISE


async def test_log_probabilities_of_a_prompt_are_refused_and_leave_nothing_behind(
    little: Little, asker: Asker
) -> None:
    adapter, prompt = little.adapters["prefix"], "a question that nobody has asked before " * 2
    for _ in range(2):
        with pytest.raises(openai.InternalServerError):
            await asker.ask(prompt, adapter, extra={"prompt_logprobs": 1})
    answer = await asker.ask(prompt, adapter)
    assert little.judge.judge([answer], little.prefixes["prefix"]).gap <= NOISE
