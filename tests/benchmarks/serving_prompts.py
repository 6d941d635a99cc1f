"""What the serving benchmark asks: questions, bare, under a learned prompt or the same as text."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import torch
from peft import PeftModel, PrefixTuningConfig, TaskType, get_peft_model
from transformers import PreTrainedModel, PreTrainedTokenizerBase

BASE_SYSTEM = "Answer briefly."
INSTRUCTIONS = (
    "You work in a small grocery shop that its owner loves. Answer every question in one or two "
    "short, warm sentences, name a product that the shop has, say what it goes well with, and do "
    "not name prices that you have not been told.",
    "You plan the weekly shop of a household. Think of breakfast, lunch and dinner, prefer what "
    "keeps well, mention how much to buy for four people, and say in one or two sentences what is "
    "needed and what may be left out when money is short.",
    "You are a cook with thirty years in a hotel's kitchen. Tell the guest in one or two plain "
    "sentences how to prepare what they name, how long it takes, which heat is right, and which "
    "mistake most people make when they cook it at home.",
    "You look after customers with allergies. Say in one or two careful sentences what the named "
    "food usually holds, whom it may harm, which label to read before buying it, and what could "
    "be taken in its place by somebody who must avoid it.",
)
THINGS = (
    "eggs milk bread cheese apples beans rice pasta fish tofu butter honey tea coffee onions "
    "garlic carrots potatoes tomatoes grapes lemons oats yogurt cream flour ham turkey soup"
).split()

ChatMessages = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Learned:
    """Instructions as learned prompts, all of one length.

    Prefixes are `[layers, 2, tokens, kv_heads, head_dim]`; openings are their text's token ids.
    """

    tokens: int
    prefixes: tuple[torch.Tensor, ...]
    openings: tuple[tuple[int, ...], ...]


class Questions:
    """Questions of which no two are alike, so that no answer comes out of a cache."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def next(self) -> str:
        """Return another one."""
        number = next(self._numbers)
        thing = THINGS[number % len(THINGS)]
        return f"What can I make with {thing} for {number} people?"


def bare(question: str) -> ChatMessages:
    """Return the messages that are sent without an instruction, or with a learned one."""
    return [{"role": "system", "content": BASE_SYSTEM}, {"role": "user", "content": question}]


def instructed(question: str, learned: Learned, tokenizer: PreTrainedTokenizerBase) -> ChatMessages:
    """Return the messages whose first text is an instruction of the learned prompts' length."""
    opening = tokenizer.decode(learned.openings[0])
    return [
        {"role": "system", "content": f"{opening} {BASE_SYSTEM}"},
        {"role": "user", "content": question},
    ]


def learned_instructions(base: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> Learned:
    """Return what a prefix that is initialised from text starts with, for each instruction."""
    texts = [tokenizer(text, add_special_tokens=False).input_ids for text in INSTRUCTIONS]
    tokens = min(map(len, texts))
    openings = tuple(tuple(ids[:tokens]) for ids in texts)
    return Learned(tokens, tuple(_cache_of(base, ids) for ids in openings), openings)


@torch.no_grad()
def _cache_of(base: PreTrainedModel, ids: Sequence[int]) -> torch.Tensor:
    cache = base(input_ids=torch.tensor([ids]), use_cache=True).past_key_values
    layers = [torch.stack((layer.keys[0], layer.values[0])) for layer in cache.layers]
    return torch.stack(layers).permute(0, 1, 3, 2, 4).contiguous()


def peft_model(base: PreTrainedModel, prefix: torch.Tensor) -> PeftModel:
    """Return the base model under PEFT's prefix tuning with this prefix."""
    length = prefix.shape[2]
    config = PrefixTuningConfig(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=length)
    model = get_peft_model(base, config)
    rows = prefix.permute(2, 0, 1, 3, 4).reshape(length, -1)
    with torch.no_grad():
        model.prompt_encoder["default"].embedding.weight.copy_(rows)
    return model.eval()
