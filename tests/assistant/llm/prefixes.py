"""Learned prompts made for tests, and what transformers says about the engine's answers."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True)
class Answered:
    """An answer of the engine, token by token."""

    prompt: str
    text: str
    tokens: tuple[str, ...]
    logprobs: tuple[float, ...]
    prompt_tokens: int


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

    def __init__(self, engine: EngineHandle) -> None:
        self.engine = engine
        self.client = openai.AsyncOpenAI(base_url=engine.base_url(), api_key=engine.api_key)

    async def ask(
        self, prompt: str, adapter: Adapter | None = None, *, words: int = WORDS, salt: str = ""
    ) -> Answered:
        extra: dict[str, object] = {}
        if adapter is not None:
            extra = {
                "chat_template_kwargs": {"virtual_tokens": adapter.card.virtual_tokens},
                "cache_salt": salt or adapter.card.digest,
            }
        answer = await self.client.chat.completions.create(
            model=self.engine.model,
            messages=[{"role": "user", "content": prompt}],
            max_tokens=words,
            temperature=0.0,
            logprobs=True,
            extra_body=extra,
        )
        choice = answer.choices[0]
        assert choice.logprobs is not None and choice.logprobs.content is not None
        assert answer.usage is not None
        return Answered(
            prompt,
            choice.message.content or "",
            tuple(entry.token for entry in choice.logprobs.content),
            tuple(entry.logprob for entry in choice.logprobs.content),
            answer.usage.prompt_tokens,
        )

    async def ask_all(
        self, prompts: Sequence[tuple[str, Adapter | None]], *, words: int = WORDS
    ) -> list[Answered]:
        """Ask everything at once: the engine mixes the requests in its batches."""
        return list(
            await asyncio.gather(*(self.ask(p, adapter, words=words) for p, adapter in prompts))
        )


class Judge:
    """Compares answers with transformers: a learned prompt is PEFT's, a cache or nothing."""

    def __init__(self, base: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self.base = base
        self.tokenizer = tokenizer

    def gap(self, answered: Answered, learned: PeftModel | torch.Tensor | None) -> float:
        """Return the most by which an answer's token falls short of transformers' first choice.

        In logits, over all tokens of the answer, each after the engine's own tokens before it: an
        answer that is greedy decoding but for rounding has a gap of no more than that rounding.
        """
        prompt = self.tokenizer.apply_chat_template(
            [{"role": "user", "content": answered.prompt}],
            add_generation_prompt=True,
            return_dict=False,
        )
        said = self.tokenizer.convert_tokens_to_ids(self._pieces(answered))
        logits = self._logits(torch.tensor([[*prompt, *said]]), learned)[len(prompt) - 1 : -1]
        chosen = logits.gather(1, torch.tensor(said).unsqueeze(1)).squeeze(1)
        return float((logits.max(dim=1).values - chosen).max())

    def _pieces(self, answered: Answered) -> list[str]:
        ids = self.tokenizer(answered.text, add_special_tokens=False).input_ids
        pieces = list(self.tokenizer.convert_ids_to_tokens(ids))
        # An end that was said stands among the tokens, but not in the text.
        if len(answered.tokens) == len(pieces) + 1:
            pieces.append(self.tokenizer.eos_token)
        assert len(pieces) == len(answered.tokens), (pieces, answered.tokens)
        return pieces

    @torch.no_grad()
    def _logits(self, ids: torch.Tensor, learned: PeftModel | torch.Tensor | None) -> torch.Tensor:
        if isinstance(learned, torch.Tensor):
            cache = DynamicCache()
            for index, layer in enumerate(learned.to(self.base.dtype)):
                keys, values = layer.permute(0, 2, 1, 3).unsqueeze(1)
                cache.update(keys, values, index)
            logits = self.base(input_ids=ids, past_key_values=cache).logits[0]
        elif learned is None:
            logits = self.base(input_ids=ids).logits[0]
        else:
            logits = learned(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0]
        result: torch.Tensor = logits[-ids.shape[1] :].float()
        return result
