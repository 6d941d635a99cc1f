"""The chat model behind an OpenAI-compatible engine, called through LangChain."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import openai
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.utils import convert_to_messages
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from assistant.errors import ModelUnavailable
from assistant.llm.adapters import ServedAdapters
from assistant.llm.breaker import Breaker, Trust
from assistant.llm.chat import Completion, JsonSchema, Message, TextStream, Usage

PROBE_SECONDS = 1.5
# Any other ending, such as "abort" of an engine that stops, leaves half an answer.
WHOLE_ENDINGS = ("stop", "length")


class VllmChat:
    """Asks `model` at `base_url`, which may be a function where a restart can change it.

    `timeout` is the most seconds that one call may take, from its start to its last token. Every
    failure raises ModelUnavailable; nothing is retried, so that the caller's time is kept.
    """

    def __init__(
        self,
        base_url: str | Callable[[], str],
        model: str,
        api_key: str,
        timeout: float,
        *,
        breaker: Breaker | None = None,
        adapters: ServedAdapters | None = None,
    ) -> None:
        self._address = base_url if callable(base_url) else lambda: base_url
        self._model = model
        self._api_key = api_key
        self._timeout = timeout
        self._breaker = breaker or Breaker()
        self._adapters = adapters
        self._client: ChatOpenAI | None = None

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

        An answer cut off at `max_tokens` is returned as it is, even where it is no whole JSON then.
        """
        deadline = asyncio.get_running_loop().time() + self._timeout
        with self._failures_translated():
            async with asyncio.timeout_at(deadline):
                client = await self._tried_client()
                answer = await client.ainvoke(
                    _to_langchain(messages),
                    max_tokens=max_tokens,
                    temperature=temperature,
                    extra_body=_format_fields(schema) | self._adapter_fields(adapter),
                )
            _require_whole(answer.response_metadata.get("finish_reason"))
            self._breaker.succeeded()
        return Completion(answer.text, _usage(answer))

    def adapter_version(self, name: str) -> str | None:
        """Return the version of a learned prompt in force; None where the served model has none."""
        card = self._adapters.find(name) if self._adapters is not None else None
        return None if card is None else card.digest[:12]

    def stream(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.0,
        adapter: str | None = None,
    ) -> TextStream:
        """Start one answer and hand out its text as it comes; closing `deltas` stops the engine."""

        def note_usage(usage: Usage) -> None:
            stream.usage = usage

        fields = self._adapter_fields(adapter)
        stream = TextStream(self._deltas(messages, max_tokens, temperature, fields, note_usage))
        return stream

    async def _deltas(
        self,
        messages: Sequence[Message],
        max_tokens: int,
        temperature: float,
        fields: dict[str, Any],
        note_usage: Callable[[Usage], None],
    ) -> AsyncGenerator[str]:
        deadline = asyncio.get_running_loop().time() + self._timeout
        ending = None
        with self._failures_translated():
            async with asyncio.timeout_at(deadline):
                client = await self._tried_client()
            chunks = client.astream(
                _to_langchain(messages),
                max_tokens=max_tokens,
                temperature=temperature,
                extra_body=fields,
            )
            async with contextlib.aclosing(_timed(chunks, deadline)) as timed:
                async for chunk in timed:
                    ending = chunk.response_metadata.get("finish_reason", ending)
                    if chunk.usage_metadata:
                        note_usage(_usage(chunk))
                    if text := chunk.text:
                        yield text
            _require_whole(ending)
            self._breaker.succeeded()

    async def _tried_client(self) -> ChatOpenAI:
        """Return the client, after a quick look whether the engine answers where that is unsure."""
        trust = self._breaker.trust()
        if trust is Trust.BAD:
            raise ModelUnavailable("The language model failed a moment ago.")
        client = self._current_client()
        if trust is Trust.UNKNOWN:
            async with asyncio.timeout(PROBE_SECONDS):
                await client.root_async_client.models.list()
        return client

    def _current_client(self) -> ChatOpenAI:
        base_url = self._address()
        if self._client is None or self._client.openai_api_base != base_url:
            self._client = ChatOpenAI(
                model=self._model,
                base_url=base_url,
                api_key=SecretStr(self._api_key or "none"),
                timeout=self._timeout,
                max_retries=0,
                stream_usage=True,
                use_responses_api=False,
                http_async_client=_fresh_connections(),
            )
        return self._client

    def _adapter_fields(self, name: str | None) -> dict[str, Any]:
        """Return what makes the engine use the version of an adapter that is in force now."""
        if name is None:
            return {}
        card = self._adapters.find(name) if self._adapters is not None else None
        if card is None:
            raise ModelUnavailable(f"No learned prompt {name!r} is published for this model.")
        return {
            "chat_template_kwargs": {"virtual_tokens": card.virtual_tokens},
            "cache_salt": card.digest,
        }

    @contextlib.contextmanager
    def _failures_translated(self) -> Iterator[None]:
        try:
            yield
        except (openai.APIConnectionError, openai.InternalServerError, TimeoutError) as error:
            self._breaker.failed()
            raise ModelUnavailable("The language model does not answer.") from error
        except openai.APIStatusError as error:
            # Its text may repeat the prompt, so it is not passed on.
            raise ModelUnavailable(
                f"The language model refused the request (status {error.status_code})."
            ) from error
        except openai.APIError as error:
            self._breaker.failed()
            raise ModelUnavailable("The language model broke off its answer.") from error


def _fresh_connections() -> openai.DefaultAsyncHttpxClient:
    """Return an HTTP client that opens a connection a call and uses no proxy.

    A kept one could belong to an engine that has been restarted, or to an event loop that ended.
    """
    return openai.DefaultAsyncHttpxClient(trust_env=False, headers={"Connection": "close"})


async def _timed(
    chunks: AsyncIterator[AIMessageChunk], deadline: float
) -> AsyncGenerator[AIMessageChunk]:
    """Pass chunks on until `deadline`; the time the consumer takes between them counts too."""
    try:
        while True:
            async with asyncio.timeout_at(deadline):
                chunk = await anext(chunks)
            yield chunk
    except StopAsyncIteration:
        return
    finally:
        # LangChain returns a generator, whose closing ends the request.
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()


def _to_langchain(messages: Sequence[Message]) -> list[BaseMessage]:
    return convert_to_messages([(message.role, message.content) for message in messages])


def _format_fields(schema: JsonSchema | None) -> dict[str, Any]:
    """Return the request's format; LangChain's own argument fails where an answer is cut off."""
    if schema is None:
        return {}
    json_schema = {"name": "answer", "schema": schema, "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": json_schema}}


def _require_whole(ending: str | None) -> None:
    if ending not in WHOLE_ENDINGS:
        raise ModelUnavailable("The language model broke off its answer.")


def _usage(answer: AIMessage) -> Usage:
    counts = answer.usage_metadata
    return Usage(counts["input_tokens"], counts["output_tokens"]) if counts else Usage()
