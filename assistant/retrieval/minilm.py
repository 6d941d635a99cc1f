"""The MiniLM encoder in NumPy.

A six-layer BERT on a short query is a handful of small matrix products. Importing the usual
framework for them takes 13 seconds of processor time and half a gigabyte; this takes a fifth of a
second, and a test holds the two together.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

from assistant.errors import CheckpointError

Array = npt.NDArray[np.float32]

_LONGEST = 256  # tokens; what the model was trained with


@dataclass(frozen=True, slots=True)
class Architecture:
    """The numbers that weights alone do not tell."""

    num_hidden_layers: int
    num_attention_heads: int
    layer_norm_eps: float


class MiniLM:
    """Texts to mean-pooled unit vectors."""

    def __init__(
        self, weights: Mapping[str, Array], architecture: Architecture, tokenizer: Tokenizer
    ) -> None:
        self._weights = weights
        self._architecture = architecture
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, folder: Path) -> "MiniLM":
        """Read the model from a folder; raises CheckpointError where that cannot be."""
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            architecture = Architecture(
                **{name: config[name] for name in Architecture.__dataclass_fields__}
            )
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            weights = load_file(folder / "model.safetensors")
        except Exception as error:  # the readers of both formats raise bare exceptions
            raise CheckpointError(
                f"The embedding model in {folder} cannot be read ({error}): run make setup again."
            ) from error
        tokenizer.enable_truncation(_LONGEST)
        tokenizer.enable_padding()
        return cls(weights, architecture, tokenizer)

    def encode(self, texts: Sequence[str]) -> Array:
        """Embed a batch; returns shape (texts, hidden)."""
        tokens = self._tokenizer.encode_batch(list(texts))
        ids = np.array([each.ids for each in tokens])
        mask = np.array([each.attention_mask for each in tokens], dtype=np.float32)
        hidden = self._embed(ids)
        for layer in range(self._architecture.num_hidden_layers):
            hidden = self._layer(f"encoder.layer.{layer}", hidden, mask)
        pooled = (hidden * mask[:, :, None]).sum(axis=1)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def _embed(self, ids: npt.NDArray[np.int64]) -> Array:
        words = self._weights["embeddings.word_embeddings.weight"][ids]
        places = self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kinds = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._normed("embeddings.LayerNorm", words + places + kinds)

    def _layer(self, name: str, hidden: Array, mask: Array) -> Array:
        attended = self._linear(
            f"{name}.attention.output.dense",
            self._attend(f"{name}.attention.self", hidden, mask),
        )
        hidden = self._normed(f"{name}.attention.output.LayerNorm", hidden + attended)
        inner = _gelu(self._linear(f"{name}.intermediate.dense", hidden))
        outer = self._linear(f"{name}.output.dense", inner)
        return self._normed(f"{name}.output.LayerNorm", hidden + outer)

    def _attend(self, name: str, hidden: Array, mask: Array) -> Array:
        heads = self._architecture.num_attention_heads
        batch, length, width = hidden.shape
        query, key, value = (
            self._linear(f"{name}.{part}", hidden)
            .reshape(batch, length, heads, width // heads)
            .transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32((width / heads) ** 0.5)
        scores += (mask[:, None, None, :] - 1) * np.float32(1e9)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        return (scores @ value).transpose(0, 2, 1, 3).reshape(batch, length, width)

    def _linear(self, name: str, values: Array) -> Array:
        flat = values.reshape(-1, values.shape[-1]) @ self._weights[f"{name}.weight"].T
        flat += self._weights[f"{name}.bias"]
        return flat.reshape(*values.shape[:-1], -1)

    def _normed(self, name: str, values: Array) -> Array:
        centred = values - values.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt(variance + np.float32(self._architecture.layer_norm_eps))
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _gelu(values: Array) -> Array:
    half: Array = np.float32(0.5) * values * (1 + erf(values / np.float32(2**0.5)))
    return half
