"""The connector's plain parts; what it does inside the engine is in `test_served_prefixes`."""

import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

pytest.importorskip("vllm")

from assistant.llm.prefix_connector import (
    Geometry,
    Load,
    PrefixStore,
    UnusablePrefix,
    local_heads,
    slots,
)

GEOMETRY = Geometry(layers=2, heads=3, head_dim=4)
BASE = "b" * 12


def kept(folder: Path, prefix: torch.Tensor, **changed: object) -> str:
    """Put a prefix into a folder as the registry does; return its digest."""
    content = save({"prefix": prefix})
    digest = hashlib.sha256(content).hexdigest()
    layers, _, length, heads, size = prefix.shape
    card = {"layers": layers, "kv_heads": heads, "head_dim": size}
    described = card | {"virtual_tokens": length, "base_digest": BASE} | changed
    (folder / digest).mkdir()
    (folder / digest / "prefix.safetensors").write_bytes(content)
    (folder / digest / "card.json").write_text(json.dumps(described))
    return digest


def a_prefix(length: int = 5, layers: int = 2, seed: int = 0) -> torch.Tensor:
    torch.manual_seed(seed)
    return torch.randn(layers, 2, length, 3, 4).to(torch.bfloat16)


@pytest.fixture
def store(tmp_path: Path) -> PrefixStore:
    return PrefixStore(tmp_path, GEOMETRY, BASE)


def test_prefix_is_read_by_its_digest(store: PrefixStore, tmp_path: Path) -> None:
    prefix = a_prefix()
    digest = kept(tmp_path, prefix)
    assert store.length(digest) == 5
    assert torch.equal(store.prefix(digest), prefix)


@pytest.mark.parametrize(
    "salt", ["", "../../../etc", "f" * 64, "F" * 64, "a" * 63, "a" * 64 + "/..", "ä" * 64]
)
def test_salt_that_names_no_prompt_is_refused(store: PrefixStore, salt: str) -> None:
    with pytest.raises(UnusablePrefix):
        store.length(salt)


@pytest.mark.parametrize(
    "changed", [{"layers": 3}, {"kv_heads": 1}, {"head_dim": 8}, {"base_digest": "c" * 12}]
)
def test_prompt_of_another_model_is_refused(
    store: PrefixStore, tmp_path: Path, changed: dict[str, object]
) -> None:
    digest = kept(tmp_path, a_prefix(), **changed)
    with pytest.raises(UnusablePrefix, match="another model"):
        store.length(digest)


@pytest.mark.parametrize("card", ["[]", "null", "{}", '{"layers": null}', "no json", "\udc80"])
def test_broken_card_is_refused(store: PrefixStore, tmp_path: Path, card: str) -> None:
    digest = kept(tmp_path, a_prefix())
    (tmp_path / digest / "card.json").write_bytes(card.encode(errors="surrogateescape"))
    with pytest.raises(UnusablePrefix):
        store.length(digest)


def test_shape_other_than_the_cards_is_refused(store: PrefixStore, tmp_path: Path) -> None:
    digest = kept(tmp_path, a_prefix(5), virtual_tokens=6)
    with pytest.raises(UnusablePrefix, match="not"):
        store.prefix(digest)


@pytest.mark.parametrize("content", [b"", b"half", save({"other": torch.zeros(1)})])
def test_damaged_prefix_is_refused(store: PrefixStore, tmp_path: Path, content: bytes) -> None:
    digest = kept(tmp_path, a_prefix())
    (tmp_path / digest / "prefix.safetensors").write_bytes(content)
    with pytest.raises(UnusablePrefix):
        store.prefix(digest)


def test_exchanged_prefix_is_refused(store: PrefixStore, tmp_path: Path) -> None:
    digest = kept(tmp_path, a_prefix(seed=0))
    (tmp_path / digest / "prefix.safetensors").write_bytes(save({"prefix": a_prefix(seed=1)}))
    with pytest.raises(UnusablePrefix, match="name"):
        store.prefix(digest)


def test_prompt_published_after_it_was_refused_is_found(store: PrefixStore, tmp_path: Path) -> None:
    prefix = a_prefix()
    digest = hashlib.sha256(save({"prefix": prefix})).hexdigest()
    with pytest.raises(UnusablePrefix):
        store.length(digest)
    assert kept(tmp_path, prefix) == digest
    assert store.length(digest) == 5


def test_last_used_prefixes_stay_loaded(tmp_path: Path) -> None:
    first, second, third = (a_prefix(seed=seed) for seed in range(3))
    store = PrefixStore(tmp_path, GEOMETRY, BASE, kept_bytes=2 * first.nbytes)
    digests = [kept(tmp_path, prefix) for prefix in (first, second, third)]
    loaded = [store.prefix(digest) for digest in digests[:2]]
    assert store.prefix(digests[0]) is loaded[0]
    store.prefix(digests[2])
    assert store.prefix(digests[0]) is loaded[0]
    assert store.prefix(digests[1]) is not loaded[1]


def test_prefix_larger_than_the_room_is_served_all_the_same(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path, GEOMETRY, BASE, kept_bytes=1)
    assert store.prefix(kept(tmp_path, a_prefix())).shape == (2, 2, 5, 3, 4)


def test_slots_follow_the_blocks_of_the_request() -> None:
    load = Load("d", (7, 2, 5), 0, 10)
    assert slots(load, 4) == [28, 29, 30, 31, 8, 9, 10, 11, 20, 21]


def test_slots_begin_after_what_the_block_cache_holds() -> None:
    load = Load("d", (7, 2, 5), 8, 10)
    assert slots(load, 4) == [20, 21]


@pytest.mark.parametrize(
    ("total", "ranks", "heads"),
    [
        (4, 1, [(0, 1, 2, 3)]),
        (4, 2, [(0, 1), (2, 3)]),
        (4, 4, [(0,), (1,), (2,), (3,)]),
        (2, 4, [(0,), (0,), (1,), (1,)]),
        (1, 2, [(0,), (0,)]),
    ],
)
def test_each_rank_takes_its_own_heads(
    total: int, ranks: int, heads: list[tuple[int, ...]]
) -> None:
    every = list(range(total))
    taken = [tuple(every[local_heads(total, rank, ranks)]) for rank in range(ranks)]
    assert taken == heads
