"""The bundled sentence embedder."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import CheckpointError
from assistant.retrieval.embedder import Embedder, bundled_model


def test_vectors_are_unit_rows_in_the_order_of_the_texts(embedder: Embedder) -> None:
    texts = ["a rather long text about toilet paper and its many uses", "milk", "eggs"]

    vectors = embedder.encode(texts)

    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[1], embedder.encode(["milk"])[0], atol=1e-5)


def test_near_in_meaning_is_near_in_space(embedder: Embedder) -> None:
    soda, drink, soap = embedder.encode(["soda", "soft drink", "bar soap"])

    assert soda @ drink > soda @ soap


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.encode([]).shape == (0, 384)


def test_progress_ends_at_one(embedder: Embedder) -> None:
    seen: list[float | None] = []

    embedder.encode([f"text {number}" for number in range(130)], lambda _, done: seen.append(done))

    assert seen == sorted(seen, key=lambda done: done or 0)
    assert seen[-1] == 1


def test_threads_may_share_it(embedder: Embedder) -> None:
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(lambda text: embedder.encode([text])[0], ["milk"] * 8))

    for vector in vectors:
        np.testing.assert_array_equal(vector, vectors[0])


def test_its_digest_names_the_model(embedder: Embedder) -> None:
    assert len(embedder.digest) == 12
    assert embedder.digest == Embedder(bundled_model()).digest


def test_a_folder_without_a_model_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="make setup"):
        Embedder(tmp_path).encode(["milk"])
