"""Learned prompts made for tests, and what transformers says about the engine's answers."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import openai
import torch
from peft import PeftModel
from transformers import DynamicCache, PreTrainedModel, PreTrainedTokenizerBase

from assistant.llm.adapters import Adapter, AdapterCard, AdapterRegistry
from assistant.llm.engine import EngineHandle
from assistant.llm.model_store import ModelFolder
from finetune.export import write_adapter

WORDS = 12
"""Tokens of an answer under test."""
_BATCH = 10


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the engine, token by token; `read` is the prompt without learned positions."""

    prompt: str
    text: str
    read: tuple[int, ...]
    said: tuple[int, ...]
    logprobs: tuple[float, ...]
    prompt_tokens: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far answers of the engine are from greedy decoding in transformers.

    Each token is judged after the engine's own tokens before it. `gaps` are the most that an
    answer's token falls short of transformers' first choice, in logits: 0 where the whole answer is
    transformers' own, no more than the rounding where two tokens tie. `drift` is the mean
    difference of the two log-probabilities of a token.
    """

    gaps: tuple[float, ...]
    drift: float

    @property
    def gap(self) -> float:
        """The largest gap."""
        return max(self.gaps)

    @property
    def equal(self) -> float:
        """The share of answers whose tokens are all transformers' own."""
        return sum(gap == 0 for gap in self.gaps) / len(self.gaps)


def publish(
    registry: AdapterRegistry, name: str, prefix: torch.Tensor, base: ModelFolder
) -> Adapter:
    """Put a prefix into a registry under a card that says it is a test's."""
    card = AdapterCard(
        name=name,
        task="test",
        method="test",
        base_model=base.served_name,
        base_digest=base.digest,
        virtual_tokens=1,
        layers=1,
        kv_heads=1,
        head_dim=1,
        digest="0" * 64,
        data_digest="",
        prompt="",
        init="",
        seed=0,
        trained_tokens=0,
        trainable_parameters=0,
        seconds=0.0,
        metrics={},
        date="2026-01-01",
    )
    with tempfile.TemporaryDirectory() as folder:
        write_adapter(Path(folder), prefix, card)
        return registry.publish(Path(folder))


class Asker:
    """Asks a running engine, under an adapter or none."""

    def __init__(self, engine: EngineHandle, client: openai.AsyncOpenAI) -> None:
        self.engine = engine
        self.client = client

    @classmethod
    @contextlib.asynccontextmanager
    async def of(cls, engine: EngineHandle) -> AsyncIterator[Self]:
        """Open one for the running event loop; what is refused is not asked again."""
        async with openai.AsyncOpenAI(
            base_url=engine.base_url(), api_key=engine.api_key, max_retries=0
        ) as client:
            yield cls(engine, client)

    async def ask(
        self,
        prompt: str,
        adapter: Adapter | None = None,
        *,
        words: int = WORDS,
        salt: str = "",
        positions: int = 0,
        extra: Mapping[str, object] | None = None,
    ) -> Answered:
        """Ask one thing; `salt`, `positions` and `extra` make a request that is wrong."""
        body: dict[str, object] = {"return_token_ids": True, **(extra or {})}
        learned = 0
        if adapter is not None:
            learned = positions or adapter.card.virtual_tokens
            body |= {
                "chat_template_kwargs": {"virtual_tokens": learned},
                "cache_salt": salt or adapter.card.digest,
            }
        answer = await self.client.chat.completions.create(
            model=self.engine.model,
            messages=[{"role": "user", "content": prompt}],
            max_tokens=words,
            temperature=0.0,
            logprobs=True,
            extra_body=body,
        )
        choice = answer.choices[0]
        assert choice.logprobs is not None and choice.logprobs.content is not None
        assert answer.usage is not None
        read: list[int] = answer.model_extra["prompt_token_ids"] if answer.model_extra else []
        said: list[int] = choice.model_extra["token_ids"] if choice.model_extra else []
        return Answered(
            prompt,
            choice.message.content or "",
            tuple(read[learned:]),
            tuple(said),
            tuple(entry.logprob for entry in choice.logprobs.content),
            answer.usage.prompt_tokens,
        )

    async def ask_all(
        self,
        prompts: Sequence[tuple[str, Adapter | None]],
        *,
        words: int = WORDS,
        to_end: bool = False,
    ) -> list[Answered]:
        """Ask everything at once: the engine mixes the requests in its batches.

        With `to_end` every answer has as many tokens as it may have.
        """
        extra = {"ignore_eos": to_end}
        return list(
            await asyncio.gather(
                *(self.ask(p, adapter, words=words, extra=extra) for p, adapter in prompts)
            )
        )


class Judge:
    """Compares answers with transformers: a learned prompt is PEFT's, a cache or nothing."""

    def __init__(self, base: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self.base = base
        self.tokenizer = tokenizer

    def gap(self, answered: Answered, learned: PeftModel | torch.Tensor | None) -> float:
        """Return the gap of one answer."""
        return self.judge([answered], learned).gap

    def judge(
        self, answers: Sequence[Answered], learned: PeftModel | torch.Tensor | None
    ) -> Verdict:
        """Judge answers that were all given under the same learned prompt."""
        gaps, drifts = [], []
        for start in range(0, len(answers), _BATCH):
            batch = answers[start : start + _BATCH]
            for answered, logits in zip(batch, self._logits(batch, learned), strict=True):
                scores = torch.log_softmax(logits, dim=1)
                said = scores.gather(1, torch.tensor(answered.said).unsqueeze(1)).squeeze(1)
                gaps.append(float((scores.max(dim=1).values - said).max()))
                drifts.append(float((said - torch.tensor(answered.logprobs)).abs().mean()))
        return Verdict(tuple(gaps), sum(drifts) / len(drifts))

    def _read(self, answered: Answered) -> list[int]:
        """Return the prompt's tokens as transformers makes them."""
        read: list[int] = self.tokenizer.apply_chat_template(
            [{"role": "user", "content": answered.prompt}],
            add_generation_prompt=True,
            return_dict=False,
        )
        assert tuple(read) == answered.read
        return read

    def _logits(
        self, answers: Sequence[Answered], learned: PeftModel | torch.Tensor | None
    ) -> list[torch.Tensor]:
        """Return each answer's `[tokens, vocabulary]`."""
        prompts = [self._read(answered) for answered in answers]
        rows = [
            torch.tensor([*read, *answered.said])
            for read, answered in zip(prompts, answers, strict=True)
        ]
        # What fills a row up stands behind it, where no token of the row looks.
        ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        logits = self._forward(ids, learned)[:, -ids.shape[1] :].float()
        return [
            row[len(read) - 1 : len(read) - 1 + len(answered.said)]
            for row, read, answered in zip(logits, prompts, answers, strict=True)
        ]

    @torch.no_grad()
    def _forward(self, ids: torch.Tensor, learned: PeftModel | torch.Tensor | None) -> torch.Tensor:
        if isinstance(learned, torch.Tensor):
            cache = DynamicCache()
            for index, layer in enumerate(learned.to(self.base.dtype)):
                keys, values = layer.permute(0, 2, 1, 3).unsqueeze(1)
                rows = (len(ids), -1, -1, -1)
                cache.update(keys.expand(rows), values.expand(rows), index)
            result: torch.Tensor = self.base(input_ids=ids, past_key_values=cache).logits
        elif learned is None:
            result = self.base(input_ids=ids).logits
        else:
            result = learned(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        return result
