"""Decides what a segment of a message asks for, from its embedding and its surface."""

import re
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load_file

from assistant.dialogue.requests import Intent
from assistant.errors import CheckpointError
from assistant.retrieval.embedder import Embedder

Floats = npt.NDArray[np.float32]

WEIGHTS_FILE = "weights.safetensors"
CARD_FILE = "card.json"
DIMENSIONS = 384

# The last alternative keeps emojis: the embedder reads every one of them as the same unknown word.
_TOKEN = re.compile(
    r"[^\W\d_]+(?:'[^\W\d_]+)?|\d[\d.,]*|[?$£€,\n<>|=*{}]|[\u2600-\u27bf\U0001f300-\U0001faff]"
)
_WORD = re.compile(r"[^\W\d_][^\W\d_']*")
_MASK = "_"
_LONGEST_GRAM = 3
_CHAR_GRAMS = (3, 4)


@dataclass(frozen=True, slots=True)
class Scored:
    """One segment's intent, how likely its reading is right, and the next best reading.

    Where the best reading is too unlikely to act on, `intent` is UNCLEAR, `runner_up` is that
    reading and `confidence` its probability.
    """

    intent: Intent
    confidence: float
    runner_up: Intent


class IntentCard(BaseModel):
    """What a trained classifier is and how well it did on templates it was not trained on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: tuple[Intent, ...]
    temperature: float = Field(gt=0)
    threshold: float = Field(ge=0, lt=1)
    embedder: str
    embedder_digest: str
    data_digest: str
    grammar_digest: str
    examples: int
    templates: int
    date: str
    accuracy: float
    accuracy_when_answered: float
    share_answered: float
    calibration_error: float
    accuracy_by_intent: dict[Intent, float]
    seed: int


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear classifier over the embedding and two hashed bags of surface features.

    `embedding` is (384, labels), `phrases` and `letters` (buckets, labels), `bias` (labels,);
    `cues` are the sorted CRC-32 of the words that phrases keep.
    """

    embedding: Floats
    phrases: Floats
    letters: Floats
    bias: Floats
    cues: npt.NDArray[np.uint32]


class IntentClassifier:
    """A trained classifier; numpy only, well under a millisecond a segment beyond the embedding."""

    def __init__(self, weights: Weights, card: IntentCard, embedder: Embedder) -> None:
        self._weights = weights
        self._cues = frozenset(weights.cues.tolist())
        self._embedder = embedder
        self.card = card

    @classmethod
    def open(cls, directory: Path, embedder: Embedder) -> "IntentClassifier":
        """Load weights and card; raises CheckpointError where they do not fit each other."""
        card = _load_card(directory / CARD_FILE)
        weights = _load_weights(directory / WEIGHTS_FILE, len(card.labels))
        if card.embedder_digest != embedder.digest:
            raise CheckpointError(
                f"The intent classifier in {directory} was trained on another embedding model "
                f"({card.embedder_digest}, not {embedder.digest}): run "
                "`python -m finetune train finetune/configs/intent.yaml`."
            )
        return cls(weights, card, embedder)

    def classify(self, texts: Sequence[str]) -> list[Scored]:
        """Decide the intent of each segment, in order."""
        if not texts:
            return []
        vectors = self._embedder.encode(texts)
        return [self._decide(row) for row in self.probabilities(texts, vectors)]

    def probabilities(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Return calibrated probabilities, (len(texts), labels), in the order of the card's."""
        weights = self._weights
        logits = vectors @ weights.embedding + weights.bias
        for row, text in enumerate(texts):
            phrases = bucket_indices(phrase_grams(text, self._cues), len(weights.phrases))
            letters = bucket_indices(letter_grams(text), len(weights.letters))
            logits[row] += _bag(weights.phrases, phrases) + _bag(weights.letters, letters)
        return softmax(logits / self.card.temperature)

    def _decide(self, probabilities: Floats) -> Scored:
        second, first = np.argsort(probabilities)[-2:]
        confidence = float(probabilities[first])
        best, next_best = self.card.labels[first], self.card.labels[second]
        if confidence < self.card.threshold and best is not Intent.UNCLEAR:
            return Scored(Intent.UNCLEAR, confidence, best)
        return Scored(best, confidence, next_best)


def word_hash(word: str) -> int:
    """Return the 32-bit hash that `Weights.cues` holds of a word."""
    return zlib.crc32(word.encode())


def words_of(text: str) -> list[str]:
    """Split into lower-case words, numbers and the marks that tell requests apart."""
    return _TOKEN.findall(text.lower().replace("’", "'"))


def phrase_grams(text: str, cues: Collection[int]) -> Iterator[str]:
    """Yield the runs of one to three words that are left when what is asked for is masked.

    Words whose hash is not among `cues` are masked, so that a phrase reads the same whatever
    product stands in it.
    """
    kept = ["^"]
    for word in words_of(text):
        if word[0].isdigit():
            kept.append("0")
        elif word_hash(word) in cues:
            kept.append(word)
        elif kept[-1] != _MASK:
            kept.append(_MASK)
    kept.append("$$")
    for length in range(1, _LONGEST_GRAM + 1):
        for start in range(len(kept) - length + 1):
            yield " ".join(kept[start : start + length])


def letter_grams(text: str) -> Iterator[str]:
    """Yield the runs of three and four letters of each word: what a typo leaves alone."""
    for word in _WORD.findall(text.lower().replace("’", "'")):
        fenced = f"<{word}>"
        for length in _CHAR_GRAMS:
            for start in range(len(fenced) - length + 1):
                yield fenced[start : start + length]


def bucket_indices(grams: Iterator[str], buckets: int) -> list[int]:
    """Return the different buckets that the grams hash to, sorted."""
    return sorted({zlib.crc32(gram.encode()) % buckets for gram in grams})


def softmax(logits: Floats) -> Floats:
    """Return the probabilities of each row."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def _bag(table: Floats, indices: list[int]) -> Floats:
    """Sum a bag of unit length, as training does."""
    total = table[indices].sum(axis=0) / np.sqrt(max(len(indices), 1))
    return np.asarray(total, dtype=np.float32)


def _load_card(path: Path) -> IntentCard:
    try:
        return IntentCard.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise CheckpointError(
            f"The intent classifier's card {path} cannot be read ({error}): restore it, or run "
            "`python -m finetune train finetune/configs/intent.yaml`."
        ) from error


def _load_weights(path: Path, labels: int) -> Weights:
    try:
        found = load_file(path)
        weights = Weights(
            **{
                name: found[name].astype(np.float32) for name in ("embedding", "phrases", "letters")
            },
            bias=found["bias"].astype(np.float32),
            cues=found["cues"],
        )
    except (OSError, KeyError, SafetensorError) as error:
        raise CheckpointError(
            f"The intent classifier's weights {path} cannot be read ({error}): restore them or run "
            "`python -m finetune train finetune/configs/intent.yaml`."
        ) from error
    columns = {table.shape[-1] for table in (weights.embedding, weights.phrases, weights.letters)}
    if columns | set(weights.bias.shape) != {labels} or len(weights.embedding) != DIMENSIONS:
        raise CheckpointError(
            f"{path} does not fit its card's {labels} labels: run "
            "`python -m finetune train finetune/configs/intent.yaml`."
        )
    return weights
