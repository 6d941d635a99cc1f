"""Greedy answers of a model in transformers, in batches, with or without a learned prefix."""

from collections.abc import Callable, Sequence

import torch
from transformers import DynamicCache, PreTrainedModel, PreTrainedTokenizerBase

from assistant.llm.chat import Message
from finetune.training import prompt_ids

Report = Callable[[str, float | None], None]
"""Called with what is being done and the fraction done, None where that is unknown."""

BATCH = 32


def _silent(label: str, fraction: float | None) -> None:
    """Report nothing."""


class Answering:
    """Answers as the engine would: the learned prefix first, then the chat template's text."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        prefix: torch.Tensor | None = None,
        report: Report = _silent,
    ) -> None:
        self.model = model.eval()
        self.tokenizer = tokenizer
        self.prefix = prefix
        self._report = report

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens after the learned positions."""
        return prompt_ids(messages, self.tokenizer)

    def answers(self, prompts: Sequence[Sequence[Message]], max_tokens: int) -> list[str]:
        """Answer greedily; in the order of the prompts."""
        ids = [self.prompt_ids(messages) for messages in prompts]
        # Similar lengths share a batch, so little is padding.
        order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
        found = [""] * len(ids)
        for start in range(0, len(order), BATCH):
            self._report("Answering", start / len(order))
            places = order[start : start + BATCH]
            said = self._generated([ids[at] for at in places], max_tokens)
            for at, text in zip(places, said, strict=True):
                found[at] = text
        self._report("Answering", 1.0)
        return found

    @torch.inference_mode()
    def _generated(self, ids: Sequence[Sequence[int]], max_tokens: int) -> list[str]:
        """Generate for one batch, padded on the left behind the learned positions."""
        length = 0 if self.prefix is None else self.prefix.shape[2]
        width = max(len(row) for row in ids)
        pad = int(self.tokenizer.pad_token_id)
        tokens = [[pad] * (length + width - len(row)) + list(row) for row in ids]
        seen = [[1] * length + [0] * (width - len(row)) + [1] * len(row) for row in ids]
        device = self.model.device
        output = self.model.generate(
            input_ids=torch.tensor(tokens, device=device),
            attention_mask=torch.tensor(seen, device=device),
            past_key_values=self._cache(len(ids)),
            max_new_tokens=max_tokens,
            do_sample=False,
            pad_token_id=pad,
            eos_token_id=self.tokenizer.eos_token_id,
        )
        said = output[:, length + width :]
        return [str(text).strip() for text in self.tokenizer.batch_decode(said, True)]

    def _cache(self, rows: int) -> DynamicCache | None:
        if self.prefix is None:
            return None
        cache = DynamicCache(config=self.model.config)
        for layer, pair in enumerate(self.prefix.to(self.model.device, self.model.dtype)):
            keys, values = (h.transpose(0, 1)[None].expand(rows, -1, -1, -1) for h in pair)
            cache.update(keys.contiguous(), values.contiguous(), layer)
        return cache
