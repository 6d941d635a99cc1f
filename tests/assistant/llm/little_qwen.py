"""A tiny Qwen2 with random weights that reads and writes bytes: a second architecture."""

from pathlib import Path

import torch
from tokenizers.pre_tokenizers import ByteLevel
from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen2Tokenizer

from assistant.llm.model_store import ModelFolder, prepare_model

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|box_start|>")
_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}: {{ message.content }}<|im_end|>"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant: {% endif %}"
)


def little_qwen(folder: Path) -> ModelFolder:
    """Write the model into a folder, as if somebody had downloaded it."""
    letters = sorted(ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate((*SPECIAL, *letters))}
    tokenizer = Qwen2Tokenizer(
        vocab=vocabulary,
        merges=[],
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>", "<|box_start|>"],
        chat_template=_TEMPLATE,
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(11)
    model = Qwen2ForCausalLM(_config(len(vocabulary)))
    model.generation_config.eos_token_id = None
    model.save_pretrained(folder)
    return prepare_model(str(folder), folder, lambda _what, _share: None)


def _config(vocabulary: int) -> Qwen2Config:
    return Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        # Weights large enough that its answers depend on what was said before.
        initializer_range=0.2,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=2,
        pad_token_id=0,
    )
