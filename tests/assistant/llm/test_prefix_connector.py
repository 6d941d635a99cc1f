"""The connector's plain parts; what it does inside the engine is in `test_served_prefixes`."""

from pathlib import Path

import pytest
import torch

from assistant.llm.adapters import AdapterRegistry
from assistant.llm.model_store import ModelFolder
from tests.assistant.llm.prefixes import publish

pytest.importorskip("vllm")

from assistant.llm.prefix_connector import (
    Geometry,
    Load,
    PrefixStore,
    UnusablePrefix,
    local_heads,
    slots,
)

BASE = ModelFolder("/models/small", "base-1", "small", local=True)
SHAPE = Geometry(layers=2, heads=4, head_dim=8)


@pytest.mark.parametrize(
    ("total", "ranks", "heads"),
    [
        (4, 1, [[0, 1, 2, 3]]),
        (4, 2, [[0, 1], [2, 3]]),
        (4, 4, [[0], [1], [2], [3]]),
        (2, 4, [[0], [0], [1], [1]]),
    ],
)
def test_each_rank_takes_its_own_heads(total: int, ranks: int, heads: list[list[int]]) -> None:
    found = [list(range(total))[local_heads(total, rank, ranks)] for rank in range(ranks)]
    assert found == heads


def test_positions_lie_in_the_requests_blocks() -> None:
    assert slots(Load("d", (7, 2), 3, 6), block_size=4) == [31, 8, 9]


@pytest.fixture
def registry(tmp_path: Path) -> AdapterRegistry:
    return AdapterRegistry(tmp_path, tmp_path / "none")


def test_a_prefix_is_found_by_its_digest(registry: AdapterRegistry) -> None:
    prefix = torch.randn(2, 2, 5, 4, 8).to(torch.bfloat16)
    digest = publish(registry, "reply", prefix, BASE).card.digest
    store = PrefixStore(registry.folder, SHAPE, "base-1")
    assert store.length(digest) == 5
    assert torch.equal(store.prefix(digest), prefix)


@pytest.mark.parametrize("digest", ["", "f" * 64, "../reply", "F" * 64])
def test_an_unknown_digest_is_unusable(registry: AdapterRegistry, digest: str) -> None:
    with pytest.raises(UnusablePrefix):
        PrefixStore(registry.folder, SHAPE, "base-1").length(digest)


def test_a_prefix_of_another_model_is_unusable(registry: AdapterRegistry) -> None:
    prefix = torch.zeros(2, 2, 5, 4, 8)
    digest = publish(registry, "reply", prefix, BASE).card.digest
    with pytest.raises(UnusablePrefix):
        PrefixStore(registry.folder, SHAPE, "base-2").length(digest)
    with pytest.raises(UnusablePrefix):
        PrefixStore(registry.folder, Geometry(2, 4, 16), "base-1").length(digest)
