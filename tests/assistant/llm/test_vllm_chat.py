import asyncio
import logging
import socket
import time
from pathlib import Path

import pytest
import torch

from assistant.errors import ModelUnavailable
from assistant.llm.adapters import AdapterRegistry, ServedAdapters
from assistant.llm.breaker import Breaker
from assistant.llm.chat import ChatModel, Message, TextStream, Usage
from assistant.llm.model_store import ModelFolder
from assistant.llm.vllm_chat import PROBE_SECONDS, VllmChat
from tests.assistant.llm.canned_engine import (
    HANG,
    CannedEngine,
    canned_engine,
    completion,
    delta,
    events,
    reply,
    usage_chunk,
)
from tests.assistant.llm.prefixes import publish

QUESTION = [Message("system", "Be brief."), Message("user", "Any xylophones?")]


def chat_to(engine: CannedEngine, timeout: float = 5.0) -> VllmChat:
    return VllmChat(engine.base_url, "small", "key", timeout)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def collect(stream: TextStream) -> list[str]:
    return [text async for text in stream.deltas]


async def test_completion_carries_text_and_usage() -> None:
    async with canned_engine(completion("Yes.")) as engine:
        chat: ChatModel = chat_to(engine)
        answer = await chat.complete(QUESTION, max_tokens=5)
    assert answer.text == "Yes."
    assert answer.usage == Usage(11, 3)


async def test_request_says_what_was_asked() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    async with canned_engine(completion("{}")) as engine:
        await chat_to(engine).complete(QUESTION, schema=schema, max_tokens=5, temperature=0.3)
    (body,) = engine.bodies
    assert body["model"] == "small"
    assert body["max_completion_tokens"] == 5
    assert body["temperature"] == 0.3
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Any xylophones?"},
    ]
    json_schema = {"name": "answer", "schema": schema, "strict": True}
    assert body["response_format"] == {"type": "json_schema", "json_schema": json_schema}


async def test_cut_off_answer_is_returned() -> None:
    async with canned_engine(completion('{"a": "b', "length")) as engine:
        answer = await chat_to(engine).complete(QUESTION, schema={}, max_tokens=3)
    assert answer.text == '{"a": "b'


async def test_stream_hands_out_deltas_then_usage() -> None:
    whole = events(delta("Yes, "), delta("we do."), delta("", "stop"), usage_chunk())
    async with canned_engine(whole) as engine:
        stream = chat_to(engine).stream(QUESTION, max_tokens=5)
        assert await collect(stream) == ["Yes, ", "we do."]
    assert stream.usage == Usage(11, 3)
    assert engine.bodies[0]["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    "broken",
    [
        events(delta("Yes, "), whole=False),
        events(delta("Yes, ")),
        events(delta("Yes, "), delta("", "abort")),
        events(delta("Yes, "), {"error": {"message": "EngineCore died", "code": 500}}),
    ],
    ids=["connection lost", "no ending", "aborted", "error event"],
)
async def test_broken_stream_is_an_unavailable_model(broken: bytes) -> None:
    heard = []
    async with canned_engine(broken) as engine:
        with pytest.raises(ModelUnavailable):
            async for text in chat_to(engine).stream(QUESTION, max_tokens=5).deltas:
                heard.append(text)
    assert heard == ["Yes, "]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        reply({"error": {"message": "EngineCore died"}}, "500 Internal Server Error"),
        reply({"error": {"message": "starting"}}, "503 Service Unavailable"),
        completion("Yes", "abort"),
    ],
    ids=["connection lost", "500", "503", "aborted"],
)
async def test_failed_completion_is_an_unavailable_model_after_one_request(answer: bytes) -> None:
    async with canned_engine(answer) as engine:
        with pytest.raises(ModelUnavailable):
            await chat_to(engine).complete(QUESTION, max_tokens=5)
    assert len(engine.bodies) == 1


async def test_refused_request_does_not_repeat_the_prompt() -> None:
    refusal = reply({"error": {"message": "too long: Any xylophones?"}}, "400 Bad Request")
    async with canned_engine(refusal) as engine:
        with pytest.raises(ModelUnavailable, match="400") as refused:
            await chat_to(engine).complete(QUESTION, max_tokens=5)
    assert "xylophones" not in str(refused.value)


async def test_refused_request_does_not_keep_the_next_one_away() -> None:
    async with canned_engine(reply({}, "400 Bad Request")) as engine:
        chat = chat_to(engine)
        with pytest.raises(ModelUnavailable):
            await chat.complete(QUESTION, max_tokens=5)
        engine.chat = completion("Yes.")
        assert (await chat.complete(QUESTION, max_tokens=5)).text == "Yes."


async def test_absent_engine_is_noticed_at_once() -> None:
    chat = VllmChat(f"http://127.0.0.1:{free_port()}/v1", "small", "key", timeout=30)
    for _ in range(3):
        began = time.monotonic()
        with pytest.raises(ModelUnavailable):
            await chat.complete(QUESTION, max_tokens=5)
        assert time.monotonic() - began < 2


async def test_hanging_engine_is_noticed_within_two_seconds() -> None:
    async with canned_engine(models=HANG) as engine:
        chat = chat_to(engine, timeout=30)
        began = time.monotonic()
        with pytest.raises(ModelUnavailable):
            await chat.complete(QUESTION, max_tokens=5)
        with pytest.raises(ModelUnavailable):
            await collect(chat.stream(QUESTION, max_tokens=5))
        assert time.monotonic() - began < PROBE_SECONDS + 0.5
    assert engine.bodies == []


async def test_completion_that_hangs_ends_with_the_timeout() -> None:
    async with canned_engine(HANG) as engine:
        with pytest.raises(ModelUnavailable):
            await chat_to(engine, timeout=0.5).complete(QUESTION, max_tokens=5)


async def test_stream_that_hangs_ends_with_the_timeout() -> None:
    heard = []
    async with canned_engine(events(delta("Yes, "), whole=False) + HANG) as engine:
        with pytest.raises(ModelUnavailable):
            async for text in chat_to(engine, timeout=0.5).stream(QUESTION, max_tokens=5).deltas:
                heard.append(text)
        await asyncio.wait_for(engine.hung_up.wait(), 5)
    assert heard == ["Yes, "]


async def test_failed_engine_is_left_alone_then_looked_at_before_it_is_asked() -> None:
    seconds = 0.0
    breaker = Breaker(pause_seconds=1, clock=lambda: seconds)
    async with canned_engine(b"") as engine:
        chat = VllmChat(engine.base_url, "small", "key", 5, breaker=breaker)
        for _ in range(3):
            with pytest.raises(ModelUnavailable):
                await chat.complete(QUESTION, max_tokens=5)
        assert (engine.looks, len(engine.bodies)) == (1, 1)
        seconds = 1.1
        engine.chat = completion("Back.")
        assert (await chat.complete(QUESTION, max_tokens=5)).text == "Back."
        assert (await chat.complete(QUESTION, max_tokens=5)).text == "Back."
        assert (engine.looks, len(engine.bodies)) == (2, 3)


async def test_cancelled_completion_hangs_up() -> None:
    async with canned_engine(HANG) as engine:
        task = asyncio.ensure_future(chat_to(engine).complete(QUESTION, max_tokens=5))
        await asyncio.wait([task], timeout=0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(engine.hung_up.wait(), 5)


async def test_closed_stream_hangs_up() -> None:
    async with canned_engine(events(delta("Yes, "), whole=False) + HANG) as engine:
        stream = chat_to(engine).stream(QUESTION, max_tokens=5)
        assert await anext(stream.deltas) == "Yes, "
        await stream.deltas.aclose()
        await asyncio.wait_for(engine.hung_up.wait(), 5)


async def test_cancelled_reader_of_a_stream_hangs_up() -> None:
    async with canned_engine(events(delta("Yes, "), whole=False) + HANG) as engine:
        reading = asyncio.ensure_future(collect(chat_to(engine).stream(QUESTION, max_tokens=5)))
        await asyncio.wait([reading], timeout=0.5)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asyncio.wait_for(engine.hung_up.wait(), 5)


async def test_restart_on_another_port_is_followed() -> None:
    async with canned_engine(completion("old")) as old, canned_engine(completion("new")) as new:
        engines = [old, new]
        chat = VllmChat(lambda: engines[0].base_url, "small", "key", 5)
        assert (await chat.complete(QUESTION, max_tokens=5)).text == "old"
        engines.reverse()
        assert (await chat.complete(QUESTION, max_tokens=5)).text == "new"


def test_one_client_serves_several_event_loops() -> None:
    chats: list[VllmChat] = []

    async def ask() -> str:
        async with canned_engine(completion("Yes.")) as engine:
            addresses.append(engine.base_url)
            return (await chats[0].complete(QUESTION, max_tokens=5)).text

    addresses: list[str] = []
    chats.append(VllmChat(lambda: addresses[-1], "small", "key", 5))
    assert [asyncio.run(ask()) for _ in range(2)] == ["Yes.", "Yes."]


async def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with canned_engine(completion("Yes.")) as engine:
        assert (await chat_to(engine).complete(QUESTION, max_tokens=5)).text == "Yes."


async def test_no_log_contains_the_prompt_the_answer_or_the_key(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    whole = events(delta("violin"), delta("", "stop"), usage_chunk())
    async with canned_engine(whole) as engine:
        chat = VllmChat(engine.base_url, "small", "s3cret-key", 5)
        assert await collect(chat.stream(QUESTION, max_tokens=5)) == ["violin"]
    assert caplog.records
    for word in ("xylophones", "violin", "s3cret-key"):
        assert word not in caplog.text


BASE = ModelFolder("/models/small", "base-1", "small", local=True)


def with_adapters(engine: CannedEngine, registry: AdapterRegistry) -> VllmChat:
    adapters = ServedAdapters(registry, BASE.digest)
    return VllmChat(engine.base_url, "small", "key", 5.0, adapters=adapters)


async def test_request_names_the_version_of_the_adapter_in_force(tmp_path: Path) -> None:
    registry = AdapterRegistry(tmp_path, tmp_path / "none")
    cards = [publish(registry, "reply", torch.ones(2, 2, n, 1, 8), BASE).card for n in (5, 7)]
    async with canned_engine(completion("Yes.")) as engine:
        chat = with_adapters(engine, registry)
        await chat.complete(QUESTION, max_tokens=5, adapter="reply")
        AdapterRegistry(tmp_path, tmp_path / "none").rollback("reply")
        engine.chat = events(delta("Yes."), delta("", "stop"))
        await collect(chat.stream(QUESTION, max_tokens=5, adapter="reply"))
    for body, card in zip(engine.bodies, reversed(cards), strict=True):
        assert body["chat_template_kwargs"] == {"virtual_tokens": card.virtual_tokens}
        assert body["cache_salt"] == card.digest


async def test_without_an_adapter_the_request_names_none(tmp_path: Path) -> None:
    registry = AdapterRegistry(tmp_path, tmp_path / "none")
    async with canned_engine(completion("Yes.")) as engine:
        await with_adapters(engine, registry).complete(QUESTION, max_tokens=5)
    assert not {"chat_template_kwargs", "cache_salt"} & set(engine.bodies[0])


async def test_adapter_that_is_not_served_is_told_beforehand_and_never_asked_for(
    tmp_path: Path,
) -> None:
    registry = AdapterRegistry(tmp_path, tmp_path / "none")
    other = ModelFolder("/models/large", "base-2", "large", local=True)
    publish(registry, "reply", torch.ones(2, 2, 5, 1, 8), other)
    async with canned_engine(completion("Yes.")) as engine:
        for chat in (with_adapters(engine, registry), chat_to(engine)):
            assert chat.adapter_version("reply") is None
            with pytest.raises(ModelUnavailable, match="reply"):
                await chat.complete(QUESTION, max_tokens=5, adapter="reply")
    assert not engine.bodies
