"""How likely given answers are to a model under a learned prefix."""

import math
from collections.abc import Sequence

import torch
from transformers import DynamicCache, PreTrainedModel

from finetune.tasks.task import Runner, Sample


def prefix_cache(model: PreTrainedModel, prefix: torch.Tensor | None) -> tuple[DynamicCache, int]:
    """Return a cache that holds a prefix, [layers, 2, n, kv heads, head size], and its length."""
    cache = DynamicCache()
    if prefix is None:
        return cache, 0
    for layer, pair in enumerate(prefix.to(model.device, model.dtype)):
        keys, values = (half.transpose(0, 1)[None].contiguous() for half in pair)
        cache.update(keys, values, layer)
    return cache, int(prefix.shape[2])


@torch.inference_mode()
def perplexity(runner: Runner, samples: Sequence[Sample]) -> float:
    """Return the perplexity a token of the samples' answers and their ends."""
    total, count = 0.0, 0
    for sample in samples:
        prompt = runner.prompt_ids(sample.messages)
        end = str(runner.tokenizer.eos_token)
        answer = runner.tokenizer(sample.answer + end, add_special_tokens=False)["input_ids"]
        cache, offset = prefix_cache(runner.model, runner.prefix)
        ids = torch.tensor([[*prompt, *answer]], device=runner.model.device)
        places = torch.arange(offset, offset + ids.shape[1], device=ids.device)[None]
        logits = runner.model(input_ids=ids, past_key_values=cache, position_ids=places).logits[0]
        steps = torch.log_softmax(logits[len(prompt) - 1 : -1].float(), -1)
        total -= float(steps.gather(1, ids[0, len(prompt) :, None]).sum())
        count += len(answer)
    return math.exp(total / max(count, 1))
