from pathlib import Path

import numpy as np
import pytest

from assistant.dialogue.classifier import CARD_FILE, WEIGHTS_FILE, IntentCard, IntentClassifier
from assistant.dialogue.requests import Intent
from assistant.errors import ConfigurationError
from assistant.prompting import PROMPTS
from assistant.retrieval.embedder import Embedder, no_progress
from finetune import intents
from finetune.intents import IntentConfig, ModelConfig, Prepared, Trained
from finetune.phrasing import Recipe, grammar_digest

CONFIGS = Path(intents.__file__).parent / "configs"
MODEL = ModelConfig(
    seed=1,
    folds=2,
    c=5.0,
    iterations=40,
    phrase_buckets=512,
    letter_buckets=512,
    cost_of_asking=0.7,
)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return intents.prepare(Recipe(seed=1, per_intent=20), tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def trained(prepared: Prepared, embedder: Embedder) -> Trained:
    return intents.train(prepared, MODEL, embedder, no_progress)


def test_the_committed_configuration_is_valid() -> None:
    config = intents.load_config(CONFIGS / "intent.yaml")
    assert config.output == Path("prompts/classifiers/intent")


@pytest.mark.parametrize("text", ["task: intent\n", "task: [\n", "task: other\n"])
def test_a_broken_configuration_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"broken\.yaml"):
        intents.load_config(path)


def test_preparing_again_finds_the_same_file(prepared: Prepared) -> None:
    written = prepared.path.stat().st_mtime_ns
    again = intents.prepare(Recipe(seed=1, per_intent=20), prepared.path.parents[2])
    assert again == prepared
    assert prepared.path.stat().st_mtime_ns == written
    lines = prepared.path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(prepared.examples)
    assert prepared.path.stem == prepared.digest[:12]


def test_even_a_small_training_set_beats_guessing_on_unseen_templates(trained: Trained) -> None:
    # 27 intents: guessing is right in 4 % of cases.
    assert trained.card.accuracy > 0.3
    assert set(trained.card.accuracy_by_intent) == set(Intent)
    assert trained.card.grammar_digest == grammar_digest()


def test_training_twice_gives_equal_weights(
    prepared: Prepared, trained: Trained, embedder: Embedder
) -> None:
    again = intents.train(prepared, MODEL, embedder, no_progress)
    for name in ("embedding", "phrases", "letters", "bias", "cues"):
        assert np.array_equal(getattr(again.weights, name), getattr(trained.weights, name))
    assert again.card.threshold == trained.card.threshold


def test_embeddings_are_computed_once(
    prepared: Prepared, trained: Trained, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("the kept embeddings were not used")

    monkeypatch.setattr(Embedder, "encode", refuse)
    assert intents.train(prepared, MODEL, embedder, no_progress).card == trained.card


def test_the_product_reads_a_trained_classifier_as_training_did(
    tmp_path: Path, prepared: Prepared, trained: Trained, embedder: Embedder
) -> None:
    intents.save(trained, tmp_path)
    opened = IntentClassifier.open(tmp_path, embedder)
    texts = [example.text for example in prepared.examples]
    probabilities = opened.probabilities(texts, embedder.encode(texts))
    gold = [intents.LABELS.index(example.intent) for example in prepared.examples]
    assert (probabilities.argmax(axis=1) == gold).mean() > 0.9
    assert opened.card == trained.card


def test_the_committed_classifier_fits_the_committed_grammar() -> None:
    """After a change of templates: `python -m finetune train finetune/configs/intent.yaml`."""
    directory = PROMPTS / "classifiers" / "intent"
    card = IntentCard.model_validate_json((directory / CARD_FILE).read_text(encoding="utf-8"))
    assert card.grammar_digest == grammar_digest()
    assert (directory / WEIGHTS_FILE).stat().st_size < 1_000_000


def test_a_configuration_says_no_more_than_it_may() -> None:
    with pytest.raises(ValueError, match="extra"):
        IntentConfig.model_validate({"task": "intent", "output": "x", "surprise": 1})
