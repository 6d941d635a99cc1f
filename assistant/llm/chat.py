"""What the dialogue asks of a language model: one structured completion or one stream of text."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

JsonSchema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message; content from outside must already be neutralised (see `prompting`)."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens one call used."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer of the model."""

    text: str
    usage: Usage


@dataclass(slots=True)
class TextStream:
    """Text deltas of one answer; `usage` is filled when the stream has ended."""

    deltas: AsyncGenerator[str, None]
    usage: Usage = field(default_factory=Usage)


class ChatModel(Protocol):
    """A chat model behind vLLM, or the scripted one of the tests.

    Both calls raise ModelUnavailable when the engine is down, too slow or breaks off.
    """

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        schema: JsonSchema | None = None,
        max_tokens: int,
        temperature: float = 0.0,
        adapter: str | None = None,
    ) -> Completion:
        """Return one answer, constrained to `schema` where one is given.

        `adapter` names the learned prompt that the messages were written for.
        """
        ...

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.0,
        adapter: str | None = None,
    ) -> TextStream:
        """Start one answer and hand out its text as it comes."""
        ...

    def adapter_version(self, name: str) -> str | None:
        """Return the version of a learned prompt in force; None where the served model has none."""
        ...
