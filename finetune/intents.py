"""Trains and evaluates the classifier that decides what a segment of a message asks for."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors.numpy import save as tensor_bytes
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from assistant.dialogue.classifier import (
    CARD_FILE,
    DIMENSIONS,
    WEIGHTS_FILE,
    Floats,
    IntentCard,
    Weights,
    bucket_indices,
    letter_grams,
    phrase_grams,
    softmax,
    word_hash,
    words_of,
)
from assistant.dialogue.requests import Intent
from assistant.errors import ConfigurationError
from assistant.retrieval.embedder import BUNDLE_PACKAGE, Embedder, Progress
from finetune.calibration import Labels, calibration_error, fit_temperature, fit_threshold
from finetune.phrasing import Example, Recipe, as_json, default_vocabulary, digest, grammar_digest
from finetune.phrasing.grammar import literals, load_groups, load_templates

LABELS = tuple(Intent)

# A word in fewer templates than this is as likely a product as a way of asking.
_MIN_TEMPLATES_OF_A_CUE = 2


class ModelConfig(BaseModel):
    """The `model` section of the configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    folds: int = Field(ge=2)
    c: float = Field(gt=0)
    iterations: int = Field(gt=0)
    phrase_buckets: int = Field(gt=0)
    letter_buckets: int = Field(gt=0)
    cost_of_asking: float = Field(gt=0, le=1)


class IntentConfig(BaseModel):
    """One training run, as its YAML file says it; `output` is relative to the project."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: Literal["intent"]
    output: Path
    examples: Recipe
    model: ModelConfig


@dataclass(frozen=True, slots=True)
class Prepared:
    """A training set on disk."""

    path: Path
    digest: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier that is ready to be written."""

    weights: Weights
    card: IntentCard


def load_config(path: Path) -> IntentConfig:
    """Read a configuration; raises ConfigurationError naming what is wrong with it."""
    try:
        return IntentConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(
            f"{path} is no configuration of the task intent: {error}"
        ) from error


def prepare(recipe: Recipe, home: Path) -> Prepared:
    """Write the examples as JSON lines below the data home, named by their digest."""
    examples = recipe.examples(default_vocabulary())
    found = digest(examples)
    path = home / "finetune" / "intent" / f"{found[:12]}.jsonl"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text("".join(as_json(e) + "\n" for e in examples), encoding="utf-8")
        partial.replace(path)
    return Prepared(path, found, examples)


def train(
    prepared: Prepared, config: ModelConfig, embedder: Embedder, progress: Progress
) -> Trained:
    """Validate by template, calibrate, then train on everything.

    The embeddings are kept beside the examples, so that a second run starts with them.
    """
    texts = [example.text for example in prepared.examples]
    kept = prepared.path.with_suffix(f".{embedder.digest}.npy")
    vectors = _embedded(texts, kept, embedder, progress)
    cues = cue_hashes()
    features = _features(texts, vectors, cues, config)
    gold = np.array([LABELS.index(example.intent) for example in prepared.examples])
    groups = [example.template_id for example in prepared.examples]
    logits = _held_out_logits(features, gold, groups, config, progress)
    progress("Training on all templates", None)
    weights = _as_weights(_fitted(features, gold, config), cues, config)
    return Trained(weights, _card(prepared, config, embedder, gold, logits))


def cue_hashes() -> npt.NDArray[np.uint32]:
    """Return the sorted hashes of the words that shape a request, whatever it asks for."""
    counts = Counter(
        word
        for template in load_templates()
        for word in {word for text in literals(template.node) for word in words_of(text)}
    )
    words = {word for word, count in counts.items() if count >= _MIN_TEMPLATES_OF_A_CUE}
    for group in load_groups().values():
        words |= {word for text in literals(group) for word in words_of(text)}
    # Whose data is asked for decides whether a request is the shopper's own.
    for person in default_vocabulary().people:
        words |= set(words_of(person))
    return np.array(sorted(word_hash(word) for word in words), dtype=np.uint32)


def save(trained: Trained, directory: Path) -> None:
    """Write weights, in half precision, and card."""
    directory.mkdir(parents=True, exist_ok=True)
    weights = trained.weights
    tensors = {
        "embedding": weights.embedding.astype(np.float16),
        "phrases": weights.phrases.astype(np.float16),
        "letters": weights.letters.astype(np.float16),
        "bias": weights.bias,
        "cues": weights.cues,
    }
    (directory / WEIGHTS_FILE).write_bytes(tensor_bytes(tensors))
    card = json.dumps(trained.card.model_dump(mode="json"), indent=2) + "\n"
    (directory / CARD_FILE).write_text(card, encoding="utf-8")


def _embedded(texts: list[str], kept: Path, embedder: Embedder, progress: Progress) -> Floats:
    if kept.exists():
        return np.asarray(np.load(kept), dtype=np.float32)
    vectors = embedder.encode(texts, lambda _, done: progress("Embedding examples", done))
    partial = kept.with_suffix(".partial.npy")
    np.save(partial, vectors)
    partial.replace(kept)
    return vectors


def _features(
    texts: Sequence[str], vectors: Floats, cues: npt.NDArray[np.uint32], config: ModelConfig
) -> csr_matrix:
    known = frozenset(cues.tolist())
    phrases = _bags((phrase_grams(text, known) for text in texts), config.phrase_buckets)
    letters = _bags((letter_grams(text) for text in texts), config.letter_buckets)
    return hstack([csr_matrix(vectors), phrases, letters], format="csr")


def _bags(grams: Iterable[Iterable[str]], buckets: int) -> csr_matrix:
    """Return hashed bags of length 1, one a row."""
    indices: list[int] = []
    values: list[float] = []
    ends = [0]
    for found in grams:
        row = bucket_indices(iter(found), buckets)
        indices += row
        values += [max(len(row), 1) ** -0.5] * len(row)
        ends.append(len(indices))
    shape = (len(ends) - 1, buckets)
    return csr_matrix((np.array(values, np.float32), indices, ends), shape=shape)


def _fitted(features: csr_matrix, gold: Labels, config: ModelConfig) -> LogisticRegression:
    model = LogisticRegression(C=config.c, max_iter=config.iterations, tol=1e-3)
    return model.fit(features, gold)


def _held_out_logits(
    features: csr_matrix,
    gold: Labels,
    groups: Sequence[str],
    config: ModelConfig,
    progress: Progress,
) -> Floats:
    """Score every example by a model that saw none of its template."""
    logits = np.zeros((len(gold), len(LABELS)), dtype=np.float32)
    folds = GroupKFold(config.folds, shuffle=True, random_state=config.seed)
    for number, (seen, unseen) in enumerate(folds.split(features, gold, groups)):
        progress("Validating on unseen templates", number / config.folds)
        model = _fitted(features[seen], gold[seen], config)
        logits[unseen] = model.decision_function(features[unseen])
    progress("Validating on unseen templates", 1.0)
    return logits


def _as_weights(
    model: LogisticRegression, cues: npt.NDArray[np.uint32], config: ModelConfig
) -> Weights:
    table = model.coef_.T.astype(np.float32)
    letters_from = DIMENSIONS + config.phrase_buckets
    return Weights(
        embedding=np.ascontiguousarray(table[:DIMENSIONS]),
        phrases=np.ascontiguousarray(table[DIMENSIONS:letters_from]),
        letters=np.ascontiguousarray(table[letters_from:]),
        bias=model.intercept_.astype(np.float32),
        cues=cues,
    )


def _card(
    prepared: Prepared, config: ModelConfig, embedder: Embedder, gold: Labels, logits: Floats
) -> IntentCard:
    """Calibrate on the held-out scores and describe the run."""
    temperature = fit_temperature(logits, gold)
    probabilities = softmax(logits / temperature)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == gold
    threshold = fit_threshold(confidence, right, config.cost_of_asking)
    answered = confidence >= threshold
    return IntentCard(
        labels=LABELS,
        temperature=round(temperature, 4),
        threshold=round(threshold, 2),
        embedder=BUNDLE_PACKAGE,
        embedder_digest=embedder.digest,
        data_digest=prepared.digest,
        grammar_digest=grammar_digest(),
        examples=len(gold),
        templates=len({example.template_id for example in prepared.examples}),
        date=datetime.now(UTC).date().isoformat(),
        accuracy=_share(right),
        accuracy_when_answered=_share(right[answered]),
        share_answered=_share(answered),
        calibration_error=round(calibration_error(confidence, right), 4),
        accuracy_by_intent={intent: _share(right[gold == at]) for at, intent in enumerate(LABELS)},
        seed=config.seed,
    )


def _share(flags: npt.NDArray[np.bool_]) -> float:
    return round(float(flags.mean()), 4)
