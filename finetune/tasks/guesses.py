"""What a plain classifier takes a message for: context that the model may overrule.

A linear classifier over sentence embeddings decides intents better than a small model does, so the
model reads its guess. Guesses about training messages come from classifiers that saw none of their
phrasings: else the model would learn to trust them more than they deserve.
"""

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from assistant.dialogue.requests import Intent
from assistant.dialogue.segments import split_segments
from assistant.retrieval.embedder import Embedder

Guess = tuple[Intent, ...]
Floats = NDArray[np.float32]
Encoding = Callable[[Sequence[str]], Floats]

SURE = 0.6
_FOLDS = 4
_INVERSE_PENALTY = 10.0
_ITERATIONS = 300


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message to learn from; `intent` is None where it asks for several things."""

    message: str
    intent: Intent | None
    group: str


class Guesser:
    """Guesses the intent of each segment: one, or two where the first is less than sure."""

    def __init__(self, labelled: Sequence[Labelled], embedder: Embedder | None = None) -> None:
        self._embedder = embedder or Embedder()
        self._labelled = tuple(one for one in labelled if one.intent is not None)
        self._vectors = self._encoded([one.message for one in self._labelled])
        self._folds = np.array([_fold(one.group) for one in self._labelled])
        self._model = self._fitted(np.full(len(self._labelled), fill_value=True))

    def guesses(self, messages: Sequence[str]) -> list[tuple[Guess, ...]]:
        """Guess about messages of unseen phrasings."""
        return _guessed(messages, [self._model] * len(messages), self._encoded)

    def held_out(self, messages: Sequence[Labelled]) -> list[tuple[Guess, ...]]:
        """Guess about training messages, each by a classifier that did not see its group."""
        models = [self._fitted(self._folds != fold) for fold in range(_FOLDS)]
        chosen = [models[_fold(one.group)] for one in messages]
        return _guessed([one.message for one in messages], chosen, self._encoded)

    def _fitted(self, kept: NDArray[np.bool_]) -> LogisticRegression:
        model = LogisticRegression(C=_INVERSE_PENALTY, max_iter=_ITERATIONS)
        labels = np.array([str(one.intent) for one in self._labelled])
        with threadpool_limits(1):
            return model.fit(self._vectors[kept], labels[kept])

    def _encoded(self, texts: Sequence[str]) -> Floats:
        # More threads add numbers in another order, and a close guess then falls the other way.
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            return self._embedder.encode(texts)
        finally:
            torch.set_num_threads(threads)


def guess_text(guesses: Sequence[Guess]) -> str:
    """Write guesses so that their words are the same tokens as in the answer."""
    return "[" + ",".join("/".join(json.dumps(str(i)) for i in guess) for guess in guesses) + "]"


def _guessed(
    messages: Sequence[str], models: Sequence[LogisticRegression], encoded: Encoding
) -> list[tuple[Guess, ...]]:
    segments = [split_segments(message) or (message,) for message in messages]
    vectors = encoded([segment for several in segments for segment in several])
    found: list[tuple[Guess, ...]] = []
    start = 0
    for several, model in zip(segments, models, strict=True):
        rows = vectors[start : start + len(several)]
        start += len(several)
        shares = model.predict_proba(rows)
        found.append(tuple(_likely(share, model.classes_) for share in shares))
    return found


def _likely(shares: Floats, labels: NDArray[np.str_]) -> Guess:
    second, first = np.argsort(shares)[-2:]
    best = Intent(str(labels[first]))
    return (best,) if shares[first] >= SURE else (best, Intent(str(labels[second])))


def _fold(group: str) -> int:
    return zlib.crc32(group.encode()) % _FOLDS
