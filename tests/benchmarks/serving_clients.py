"""Who answers in the serving benchmark: the engine over HTTP, or transformers with PEFT."""

import asyncio
import base64
import io
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import torch
from peft import PeftModel
from transformers import LogitsProcessor, LogitsProcessorList, PreTrainedTokenizerBase

from assistant.llm.engine import EngineHandle
from tests.benchmarks.serving_prompts import ChatMessages

TOKENS = 32
"""Tokens of every answer: none may end earlier, so that all variants do the same work."""

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """One load: output tokens a second, and seconds to the first token of each request."""

    tokens_per_second: float
    first_token: tuple[float, ...]


class EngineClient:
    """Sends requests to an engine, so many at a time, and times what streams back."""

    def __init__(self, engine: EngineHandle) -> None:
        self._engine = engine

    def measure(self, path: str, bodies: Sequence[Body], concurrent: int) -> Measured:
        """Return how fast the engine answers all of them."""
        return asyncio.run(self._measure(path, bodies, concurrent))

    async def _measure(self, path: str, bodies: Sequence[Body], concurrent: int) -> Measured:
        gate = asyncio.Semaphore(concurrent)
        key = {"Authorization": f"Bearer {self._engine.api_key}"}
        async with httpx.AsyncClient(headers=key, timeout=300, trust_env=False) as client:
            await client.get(f"{self._engine.base_url()}/models")

            async def ask(body: Body) -> float:
                async with gate:
                    return await self._first_token(client, path, body)

            started = time.perf_counter()
            first = await asyncio.gather(*map(ask, bodies))
            seconds = time.perf_counter() - started
        return Measured(len(bodies) * TOKENS / seconds, tuple(first))

    async def _first_token(self, client: httpx.AsyncClient, path: str, body: Body) -> float:
        """Return the seconds to the first text; fails where an answer has not all its tokens."""
        url = f"{self._engine.base_url()}{path}"
        started = time.perf_counter()
        first = None
        used = 0
        whole = {"model": self._engine.model, **body, **_FIXED_LENGTH}
        async with client.stream("POST", url, json=whole) as answer:
            if answer.is_error:
                raise RuntimeError((await answer.aread()).decode())
            async for line in answer.aiter_lines():
                if not line.startswith("data: {"):
                    continue
                chunk = json.loads(line.removeprefix("data: "))
                if first is None and any(map(_text_of, chunk["choices"])):
                    first = time.perf_counter() - started
                used = (chunk.get("usage") or {}).get("completion_tokens", used)
        if first is None or used != TOKENS:
            raise RuntimeError(f"The engine gave {used} of {TOKENS} tokens.")
        return first


_FIXED_LENGTH: Body = {
    "max_tokens": TOKENS,
    "ignore_eos": True,
    "temperature": 0.0,
    "stream": True,
    "stream_options": {"include_usage": True},
}


def _text_of(choice: Body) -> str:
    return str(choice.get("text") or choice.get("delta", {}).get("content") or "")


def chat_body(messages: ChatMessages, digest: str | None = None, tokens: int = 0) -> Body:
    """Return a chat request, under the learned prompt of this digest and length where given."""
    if digest is None:
        return {"messages": messages}
    return {
        "messages": messages,
        "chat_template_kwargs": {"virtual_tokens": tokens},
        "cache_salt": digest,
    }


def embeds_body(embeds: torch.Tensor) -> Body:
    """Return a completion request whose prompt travels as its embeddings, `[tokens, hidden]`."""
    stream = io.BytesIO()
    torch.save(embeds, stream)
    return {"prompt_embeds": base64.b64encode(stream.getvalue()).decode()}


class PeftClient:
    """Answers with transformers under PEFT, in this process."""

    def __init__(self, model: PeftModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self._model = model
        self._tokenizer = tokenizer

    def one_by_one(self, prompts: Sequence[ChatMessages]) -> Measured:
        """Answer one request after another; each waits only for itself."""
        started = time.perf_counter()
        first = [self._generate([prompt]) for prompt in prompts]
        seconds = time.perf_counter() - started
        return Measured(len(prompts) * TOKENS / seconds, tuple(first))

    def static_batch(self, prompts: Sequence[ChatMessages]) -> Measured:
        """Answer all at once in one batch that nobody joins or leaves."""
        started = time.perf_counter()
        first = self._generate(prompts)
        seconds = time.perf_counter() - started
        return Measured(len(prompts) * TOKENS / seconds, (first,) * len(prompts))

    @torch.no_grad()
    def _generate(self, prompts: Sequence[ChatMessages]) -> float:
        clock = _FirstToken()
        encoded = self._tokenizer.apply_chat_template(
            list(prompts),
            add_generation_prompt=True,
            padding=True,
            return_tensors="pt",
            return_dict=True,
        )
        self._model.generate(
            **encoded,
            max_new_tokens=TOKENS,
            min_new_tokens=TOKENS,
            do_sample=False,
            logits_processor=LogitsProcessorList([clock]),
        )
        return clock.seconds


class _FirstToken(LogitsProcessor):  # type: ignore[misc]  # transformers is untyped
    """Notes when the first logits are there; changes nothing."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self.seconds = 0.0

    def __call__(self, _input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        self.seconds = self.seconds or time.perf_counter() - self._started
        return scores
