"""The real vLLM engine with the real default model."""

import asyncio
import json
import re
import time
from pathlib import Path

import httpx
import jsonschema
import psutil
import pytest

from assistant.errors import ModelUnavailable
from assistant.llm.chat import Message
from assistant.llm.engine import EngineHandle
from assistant.llm.engine_record import answers, read_record
from assistant.llm.vllm_chat import VllmChat

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

STORY = [Message("user", "Tell me a long story about a baker.")]
SCHEMA = {
    "type": "object",
    "properties": {
        "intent": {"enum": ["search", "order", "other"]},
        "query": {"type": "string", "maxLength": 20},
    },
    "required": ["intent", "query"],
    "additionalProperties": False,
}


@pytest.fixture
def chat(engine: EngineHandle) -> VllmChat:
    return VllmChat(engine.base_url, engine.model, engine.api_key, timeout=60)


def asking_for(thing: str) -> list[Message]:
    return [
        Message("system", "Say what the shopper wants, as JSON."),
        Message("user", f"Do you have {thing}?"),
    ]


def running_requests(engine: EngineHandle) -> float:
    metrics = httpx.get(engine.base_url().removesuffix("/v1") + "/metrics").text
    found = re.search(r"^vllm:num_requests_running\{[^}]*\} (\S+)$", metrics, re.MULTILINE)
    assert found is not None
    return float(found[1])


async def wait_until_idle(engine: EngineHandle, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while await asyncio.to_thread(running_requests, engine):
            await asyncio.sleep(0)


async def wait_until_back(engine: EngineHandle, home: Path, killed: int) -> None:
    def is_back() -> bool:
        record = read_record(home)
        if record is None or record.pid == killed:
            return False
        return answers(engine.base_url(), engine.api_key, engine.model)

    while not await asyncio.to_thread(is_back):
        await asyncio.sleep(0)


async def test_greedy_answers_repeat(chat: VllmChat) -> None:
    first, second = [await chat.complete(STORY, max_tokens=20) for _ in range(2)]
    assert first.text == second.text
    assert first.usage == second.usage
    assert first.usage.completion_tokens == 20


async def test_schema_is_obeyed_without_blanks(chat: VllmChat) -> None:
    for thing in ("cheap oat milk", "a birthday cake", "bread & butter \U0001f35e"):
        answer = await chat.complete(asking_for(thing), schema=SCHEMA, max_tokens=60)
        document = json.loads(answer.text)
        jsonschema.validate(document, SCHEMA)
        # The backend (xgrammar 0.2.8) still writes one blank after a comma.
        compact = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        assert len(answer.text) <= len(compact) + 1


async def test_stream_comes_in_pieces_and_says_what_a_completion_says(chat: VllmChat) -> None:
    whole = await chat.complete(STORY, max_tokens=20)
    stream = chat.stream(STORY, max_tokens=20)
    pieces = [text async for text in stream.deltas]
    assert len(pieces) >= 10
    assert "".join(pieces) == whole.text
    assert stream.usage == whole.usage


async def test_eight_requests_at_once_get_their_own_answers(chat: VllmChat) -> None:
    things = [f"{number} apples" for number in range(8)]
    together = await asyncio.gather(
        *(chat.complete(asking_for(thing), schema=SCHEMA, max_tokens=40) for thing in things)
    )
    for answer in together:
        jsonschema.validate(json.loads(answer.text), SCHEMA)


async def test_cancelled_completion_stops_the_engine_generating(
    chat: VllmChat, engine: EngineHandle
) -> None:
    task = asyncio.ensure_future(chat.complete(STORY, max_tokens=3000))
    while not await asyncio.to_thread(running_requests, engine):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await wait_until_idle(engine, seconds=10)


async def test_stream_left_early_stops_the_engine_generating(
    chat: VllmChat, engine: EngineHandle
) -> None:
    stream = chat.stream(STORY, max_tokens=3000)
    await anext(stream.deltas)
    assert await asyncio.to_thread(running_requests, engine) == 1
    await stream.deltas.aclose()
    await wait_until_idle(engine, seconds=10)


async def test_wrong_key_is_refused(engine: EngineHandle) -> None:
    stranger = VllmChat(engine.base_url, engine.model, "guess", timeout=60)
    with pytest.raises(ModelUnavailable, match="401"):
        await stranger.complete(STORY, max_tokens=5)


async def test_message_longer_than_the_context_is_refused_not_hung(chat: VllmChat) -> None:
    endless = [Message("user", "\U0001f95b" * 10_000)]
    with pytest.raises(ModelUnavailable, match="400"):
        await chat.complete(endless, max_tokens=5)
    assert (await chat.complete(STORY, max_tokens=1)).usage.completion_tokens == 1


async def test_log_holds_neither_prompts_nor_answers(chat: VllmChat, home: Path) -> None:
    answer = await chat.complete([Message("user", "Repeat: xylophone")], max_tokens=10)
    log = (home / "logs" / "engine.log").read_text(errors="replace")
    assert "xylophone" not in log
    assert answer.text not in log


async def test_killed_engine_ends_the_stream_quickly_and_comes_back(
    chat: VllmChat, engine: EngineHandle, home: Path
) -> None:
    record = read_record(home)
    assert record is not None
    tree = psutil.Process(record.pid).children(recursive=True)
    stream = chat.stream(STORY, max_tokens=3000)
    assert await anext(stream.deltas)
    tree[0].kill()
    killed = time.monotonic()
    with pytest.raises(ModelUnavailable):
        async for _ in stream.deltas:
            pass
    assert time.monotonic() - killed < 5
    asked = time.monotonic()
    with pytest.raises(ModelUnavailable):
        await chat.complete(STORY, max_tokens=5)
    assert time.monotonic() - asked < 2
    _, alive = await asyncio.to_thread(psutil.wait_procs, tree, timeout=10)
    assert alive == []
    await wait_until_back(engine, home, record.pid)
    assert (await chat.complete(STORY, max_tokens=5)).usage.completion_tokens == 5
