import asyncio

import pytest

from assistant.errors import ModelUnavailable
from assistant.llm.chat import ChatModel, Message, Usage
from assistant.llm.scripted import ScriptedChat

QUESTION = [Message("system", "Be brief."), Message("user", "Any milk?")]


async def test_answers_come_in_the_order_they_were_enqueued() -> None:
    chat: ChatModel = ScriptedChat("Yes, we do.", "No.")
    first = await chat.complete(QUESTION, max_tokens=5)
    stream = chat.stream(QUESTION, max_tokens=5)
    assert first.text == "Yes, we do."
    assert [delta async for delta in stream.deltas] == ["No."]


async def test_a_text_is_streamed_word_by_word_and_usage_follows() -> None:
    stream = ScriptedChat("Yes, we do.").stream(QUESTION, max_tokens=5)
    assert stream.usage == Usage()
    assert [delta async for delta in stream.deltas] == ["Yes, ", "we ", "do."]
    assert stream.usage == Usage(prompt_tokens=4, completion_tokens=3)


async def test_calls_are_recorded_as_they_were_made() -> None:
    chat = ScriptedChat("{}")
    await chat.complete(QUESTION, schema={"type": "object"}, max_tokens=7, temperature=0.5)
    (call,) = chat.calls
    assert call.messages == tuple(QUESTION)
    assert (call.schema, call.max_tokens, call.temperature) == ({"type": "object"}, 7, 0.5)


async def test_failure_comes_after_the_deltas() -> None:
    chat = ScriptedChat()
    chat.enqueue("Half ", "an ", failure=ModelUnavailable("gone"))
    heard = []
    with pytest.raises(ModelUnavailable, match="gone"):
        async for delta in chat.stream(QUESTION, max_tokens=5).deltas:
            heard.append(delta)
    assert heard == ["Half ", "an "]


async def test_completion_fails_with_the_enqueued_failure() -> None:
    chat = ScriptedChat()
    chat.enqueue("", failure=ModelUnavailable("gone"))
    with pytest.raises(ModelUnavailable, match="gone"):
        await chat.complete(QUESTION, max_tokens=5)


async def test_gate_holds_the_answer_back_after_its_first_delta() -> None:
    gate = asyncio.Event()
    chat = ScriptedChat()
    chat.enqueue("One ", "two", gate=gate)
    deltas = aiter(chat.stream(QUESTION, max_tokens=5).deltas)
    assert await anext(deltas) == "One "
    rest = asyncio.ensure_future(anext(deltas))
    done, _ = await asyncio.wait([rest], timeout=0.05)
    assert not done
    gate.set()
    assert await rest == "two"


async def test_silent_model_holds_back_everything() -> None:
    gate = asyncio.Event()
    chat = ScriptedChat()
    chat.enqueue("Yes.", gate=gate)
    waiting = asyncio.ensure_future(chat.complete(QUESTION, max_tokens=5))
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done
    gate.set()
    assert (await waiting).text == "Yes."


async def test_nothing_enqueued_is_an_unavailable_model() -> None:
    with pytest.raises(ModelUnavailable):
        await ScriptedChat().complete(QUESTION, max_tokens=5)


async def test_always_answers_what_is_not_enqueued() -> None:
    chat = ScriptedChat("first", always=lambda call: call.messages[-1].content.upper())
    texts = [(await chat.complete(QUESTION, max_tokens=5)).text for _ in range(3)]
    assert texts == ["first", "ANY MILK?", "ANY MILK?"]
