"""A chat model that says what a test or an offline demonstration told it to."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from assistant.errors import ModelUnavailable
from assistant.llm.chat import Completion, JsonSchema, Message, TextStream, Usage


@dataclass(frozen=True, slots=True)
class Call:
    """What one call asked for."""

    messages: tuple[Message, ...]
    schema: JsonSchema | None
    max_tokens: int
    temperature: float
    adapter: str | None = None


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    """One answer to come: its deltas, then `failure` where there is one.

    `gate`, where given, is waited for after the first delta (before the whole of a completion).
    """

    deltas: tuple[str, ...]
    failure: BaseException | None = None
    gate: asyncio.Event | None = None


class ScriptedChat:
    """Gives enqueued answers in order and records each call.

    `adapters` are the learned prompts it claims to have. With `always`, that function answers when
    nothing is enqueued; without it ModelUnavailable is raised then.
    """

    def __init__(
        self,
        *texts: str,
        always: Callable[[Call], str] | None = None,
        adapters: frozenset[str] = frozenset(),
    ) -> None:
        self.adapters = adapters
        self.calls: list[Call] = []
        self._answers = deque(ScriptedAnswer(_words(text)) for text in texts)
        self._always = always

    def enqueue(
        self,
        *texts: str,
        failure: BaseException | None = None,
        gate: asyncio.Event | None = None,
    ) -> None:
        """Add one answer whose deltas are `texts`, a single text being cut into words."""
        deltas = _words(texts[0]) if len(texts) == 1 else texts
        self._answers.append(ScriptedAnswer(deltas, failure, gate))

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: JsonSchema | None = None,
        max_tokens: int,
        temperature: float = 0.0,
        adapter: str | None = None,
    ) -> Completion:
        """Return the next answer whole."""
        call = Call(tuple(messages), schema, max_tokens, temperature, adapter)
        answer = self._next(call)
        if answer.gate is not None:
            await answer.gate.wait()
        if answer.failure is not None:
            raise answer.failure
        return Completion("".join(answer.deltas), _usage(call, answer))

    def adapter_version(self, name: str) -> str | None:
        """Return a version where the learned prompt was given."""
        return "scripted" if name in self.adapters else None

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.0,
        adapter: str | None = None,
    ) -> TextStream:
        """Hand out the next answer's deltas; it is taken from the queue when reading begins."""
        call = Call(tuple(messages), None, max_tokens, temperature, adapter)

        def note_usage(usage: Usage) -> None:
            stream.usage = usage

        stream = TextStream(self._deltas(call, note_usage))
        return stream

    async def _deltas(self, call: Call, note_usage: Callable[[Usage], None]) -> AsyncGenerator[str]:
        answer = self._next(call)
        for position, delta in enumerate(answer.deltas):
            if position == 1 and answer.gate is not None:
                await answer.gate.wait()
            # As with a real model, other tasks run between two deltas.
            await asyncio.sleep(0)
            yield delta
        if len(answer.deltas) < 2 and answer.gate is not None:
            await answer.gate.wait()
        if answer.failure is not None:
            raise answer.failure
        note_usage(_usage(call, answer))

    def _next(self, call: Call) -> ScriptedAnswer:
        self.calls.append(call)
        if self._answers:
            return self._answers.popleft()
        if self._always is not None:
            return ScriptedAnswer(_words(self._always(call)))
        raise ModelUnavailable("The scripted model has nothing left to say.")


def _words(text: str) -> tuple[str, ...]:
    """Cut `text` after each space."""
    words = text.split(" ")
    return tuple(word + " " for word in words[:-1]) + ((words[-1],) if words[-1] else ())


def _usage(call: Call, answer: ScriptedAnswer) -> Usage:
    words = sum(len(message.content.split()) for message in call.messages)
    return Usage(words, len(answer.deltas))
