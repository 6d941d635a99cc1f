"""Learned prompts on the real engine: the answers are those of transformers and PEFT.

Two programs that compute in bfloat16 round differently, and where two tokens tie within that
rounding each may take the other one. So an answer counts as equal when each of its tokens is
transformers' first choice, after the same tokens, but for `NOISE` in the logits: bfloat16 keeps
steps of 0.125 for logits from 16 to 32. How far the two are apart is measured on the bare model's
answers, and those under a learned prompt may be no further.
"""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import openai
import pytest
import torch
from peft import PeftModel

from assistant.llm.adapters import Adapter, AdapterRegistry, ServedAdapters
from assistant.llm.chat import Message
from assistant.llm.engine import EngineHandle
from assistant.llm.model_store import ModelFolder, prepare_model
from assistant.llm.vllm_chat import VllmChat
from assistant.settings import DEFAULT_MODEL
from finetune.config import MethodConfig
from finetune.export import prefix_of
from finetune.methods import trainable
from finetune.training import load_base
from tests.assistant.llm.prefixes import Answered, Asker, Judge, Verdict, publish

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

_log = logging.getLogger(__name__)

NOISE = 0.75
INSTRUCTION = (
    "You work in a small grocery shop. Answer every question in one short, warm sentence, name a "
    "product of the shop and say what it goes well with."
)
METHODS = {
    "prefix-test": MethodConfig(name="prefix_tuning", virtual_tokens=45, init_text=INSTRUCTION),
    "prompt-test": MethodConfig(name="prompt_tuning", virtual_tokens=20, init_text=INSTRUCTION),
    "p-test": MethodConfig(name="p_tuning", virtual_tokens=16, hidden=64),
}
THINGS = (
    "eggs milk bread cheese apples beans rice pasta fish tofu butter honey tea coffee salt pepper "
    "onions garlic carrots potatoes tomatoes grapes lemons oats yogurt cream flour sugar ham "
    "bacon turkey soup salsa chips nuts raisins corn peas spinach lettuce mustard ketchup "
    "vinegar oil pickles olives tuna shrimp chicken beef"
).split()
PROMPTS = tuple(f"What goes well with {thing}?" for thing in THINGS)


def test_fifty_prompts_are_asked() -> None:
    assert len(set(PROMPTS)) == 50


@pytest.fixture(scope="module")
def model(home: Path) -> ModelFolder:
    return prepare_model(DEFAULT_MODEL, home, lambda _what, _share: None)


@pytest.fixture(scope="module")
def judge(model: ModelFolder) -> Judge:
    base, tokenizer = load_base(model)
    return Judge(base.eval(), tokenizer)


@pytest.fixture(scope="module")
def learned(model: ModelFolder) -> dict[str, PeftModel]:
    made = {}
    for name, method in METHODS.items():
        base, tokenizer = load_base(model)
        made[name] = trainable(base, tokenizer, method, steps=1, seed=3).eval()
    return made


@pytest.fixture(scope="module")
def registry(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AdapterRegistry]:
    """The engine's own registry, left as it was."""
    folder = home / "adapters"
    pointers, before = folder / "published.json", set(folder.glob("*"))
    published = pointers.read_bytes() if pointers.exists() else None
    yield AdapterRegistry(home, tmp_path_factory.mktemp("nothing-shipped"))
    for made in set(folder.glob("*")) - before:
        with contextlib.suppress(NotADirectoryError):
            shutil.rmtree(made)
    pointers.unlink(missing_ok=True)
    if published is not None:
        pointers.write_bytes(published)


@pytest.fixture(scope="module")
def adapters(
    learned: dict[str, PeftModel], registry: AdapterRegistry, model: ModelFolder
) -> dict[str, Adapter]:
    return {name: publish(registry, name, prefix_of(p), model) for name, p in learned.items()}


@pytest.fixture
async def asker(engine: EngineHandle) -> AsyncIterator[Asker]:
    async with Asker.of(engine) as asker:
        yield asker


@pytest.fixture(scope="module")
def rounding(engine: EngineHandle, judge: Judge) -> Verdict:
    """How far the two programs are apart without any learned prompt."""

    async def ask() -> list[Answered]:
        async with Asker.of(engine) as asker:
            return await asker.ask_all([(prompt, None) for prompt in PROMPTS])

    verdict = judge.judge(asyncio.run(ask()), None)
    _log.info("bare: %s", verdict)
    return verdict


@pytest.mark.parametrize("name", METHODS)
async def test_greedy_answers_are_those_of_peft(
    name: str,
    asker: Asker,
    adapters: dict[str, Adapter],
    learned: dict[str, PeftModel],
    judge: Judge,
    rounding: Verdict,
) -> None:
    answers = await asker.ask_all([(prompt, adapters[name]) for prompt in PROMPTS])
    verdict = judge.judge(answers, learned[name])
    _log.info("%s: %s", name, verdict)
    assert verdict.gap <= NOISE, PROMPTS[verdict.gaps.index(verdict.gap)]
    assert verdict.equal >= rounding.equal - 0.25
    assert verdict.drift <= 1.5 * rounding.drift
    # Without its prompt the model would have said something else: the comparison can fail.
    bare = judge.judge(answers[:10], None)
    _log.info("%s without its prompt: %s", name, bare)
    assert bare.gap > NOISE
    assert bare.drift > 3 * verdict.drift


async def test_a_mixed_batch_gives_each_its_own_also_from_the_block_cache(
    asker: Asker,
    adapters: dict[str, Adapter],
    learned: dict[str, PeftModel],
    registry: AdapterRegistry,
    model: ModelFolder,
    judge: Judge,
) -> None:
    fourth = prefix_of(learned["prefix-test"]).roll(1, dims=2)[:, :, :33]
    prompts = {**learned, "fourth": fourth, "bare": None}
    served = {**adapters, "fourth": publish(registry, "fourth", fourth, model), "bare": None}
    asked = [(prompt, name) for prompt in PROMPTS[:8] for name in prompts]
    together = await asker.ask_all([(prompt, served[name]) for prompt, name in asked])
    again = await asker.ask_all([(prompt, served[name]) for prompt, name in asked])
    alone = [await asker.ask(prompt, served[name]) for prompt, name in asked[:10]]
    for answers in (together, again, alone):
        for name, learned_prompt in prompts.items():
            own = [a for a, (_, owner) in zip(answers, asked, strict=False) if owner == name]
            assert judge.judge(own, learned_prompt).gap <= NOISE, name
    same = [a.said == b.said for a, b in zip(alone, together, strict=False)]
    assert sum(same) >= 8


async def test_twenty_adapters_are_told_apart(
    asker: Asker,
    learned: dict[str, PeftModel],
    registry: AdapterRegistry,
    model: ModelFolder,
    judge: Judge,
) -> None:
    torch.manual_seed(5)
    base = prefix_of(learned["prefix-test"])[:, :, :17]
    prefixes = [base + 0.3 * base.std() * torch.randn_like(base) for _ in range(20)]
    served = [publish(registry, f"many-{i}", p, model) for i, p in enumerate(prefixes)]
    assert len({adapter.card.digest for adapter in served}) == 20
    answers = await asker.ask_all([("What goes well with tea?", adapter) for adapter in served])
    for index, answer in enumerate(answers):
        own, other = (judge.judge([answer], prefixes[i]) for i in (index, index - 1))
        assert own.gap <= NOISE
        assert own.drift < other.drift / 2


async def test_publishing_and_rolling_back_under_load_serves_no_mixture(
    learned: dict[str, PeftModel],
    registry: AdapterRegistry,
    model: ModelFolder,
    judge: Judge,
    asker: Asker,
) -> None:
    old, new = prefix_of(learned["prefix-test"]), prefix_of(learned["prompt-test"])
    first = publish(registry, "swapped", old, model)
    finished = asyncio.Event()

    async def ask(prompt: str) -> tuple[str, Answered]:
        adapter = registry.resolve("swapped", model.digest)
        return adapter.card.digest, await asker.ask(prompt, adapter)

    async def swap() -> None:
        while not finished.is_set():
            publish(registry, "swapped", new, model)
            await asyncio.sleep(0.05)
            registry.rollback("swapped")
            await asyncio.sleep(0.03)

    swapping = asyncio.create_task(swap())
    answers: list[tuple[str, Answered]] = []
    for start in range(0, 40, 4):
        answers += await asyncio.gather(*(ask(p) for p in PROMPTS[start : start + 4]))
    finished.set()
    await swapping
    by_digest: dict[str, list[Answered]] = {}
    for digest, answer in answers:
        by_digest.setdefault(digest, []).append(answer)
    assert len(by_digest) == 2
    for digest, own in by_digest.items():
        assert judge.judge(own, old if digest == first.card.digest else new).gap <= NOISE


async def test_unusable_prompts_are_refused_and_the_engine_goes_on(
    asker: Asker, adapters: dict[str, Adapter], engine: EngineHandle
) -> None:
    known = adapters["prompt-test"]
    for salt in ("f" * 64, "../../etc/passwd", adapters["prefix-test"].card.digest):
        for _ in range(2):
            with pytest.raises(openai.APIStatusError):
                await asker.ask("hello", known, salt=salt)
    for tokens in (16, 128):
        with pytest.raises(openai.InternalServerError):
            await asker.client.chat.completions.create(
                model=engine.model,
                messages=[{"role": "user", "content": "hello"}],
                extra_body={"chat_template_kwargs": {"virtual_tokens": tokens}},
            )
    assert (await asker.ask("hello", known)).text
    assert (await asker.ask("hello")).text


async def test_the_chat_streams_and_keeps_to_a_schema_under_an_adapter(
    engine: EngineHandle,
    adapters: dict[str, Adapter],
    registry: AdapterRegistry,
    model: ModelFolder,
    asker: Asker,
) -> None:
    served = ServedAdapters(registry, model.digest)
    chat = VllmChat(engine.base_url, engine.model, engine.api_key, 60.0, adapters=served)
    assert chat.adapter_version("prefix-test") == adapters["prefix-test"].card.digest[:12]
    assert chat.adapter_version("nonesuch") is None
    question = [Message("user", PROMPTS[0])]
    stream = chat.stream(question, max_tokens=12, adapter="prefix-test")
    text = "".join([delta async for delta in stream.deltas])
    assert text == (await asker.ask(PROMPTS[0], adapters["prefix-test"])).text
    schema = {
        "type": "object",
        "properties": {"food": {"enum": ["ham", "jam"]}},
        "required": ["food"],
    }
    found = await chat.complete(question, schema=schema, max_tokens=12, adapter="prefix-test")
    assert found.text in ('{"food":"ham"}', '{"food":"jam"}')


async def test_a_message_cannot_bring_learned_positions_along(
    asker: Asker, adapters: dict[str, Adapter]
) -> None:
    plain = await asker.ask("hello", adapters["prompt-test"])
    marked = await asker.ask("<repo_name>" * 3 + "hello", adapters["prompt-test"])
    assert marked.prompt_tokens == plain.prompt_tokens + 3
