"""The registry: immutable versions, a pointer, and what is refused."""

import json
from pathlib import Path

import pytest
import torch

from assistant.errors import AdapterError
from assistant.llm.adapters import AdapterRegistry, ServedAdapters, read_adapter
from assistant.llm.model_store import ModelFolder
from finetune.export import write_adapter
from tests.assistant.llm.prefixes import publish

BASE = ModelFolder("/models/small", "base-1", "small", local=True)


def prefix(value: float) -> torch.Tensor:
    return torch.full((2, 2, 5, 1, 8), value, dtype=torch.bfloat16)


def opened(tmp_path: Path) -> AdapterRegistry:
    return AdapterRegistry(tmp_path / "home", tmp_path / "shipped")


@pytest.fixture
def registry(tmp_path: Path) -> AdapterRegistry:
    return opened(tmp_path)


def ship(tmp_path: Path, value: float) -> str:
    """Put an adapter where those lie that come with the code."""
    elsewhere = AdapterRegistry(tmp_path / "elsewhere", tmp_path / "none")
    card = publish(elsewhere, "reply", prefix(value), BASE).card
    write_adapter(tmp_path / "shipped" / "reply", prefix(value), card)
    return card.digest


def in_force(registry: AdapterRegistry) -> str:
    return registry.resolve("reply", "base-1").card.digest


def test_the_last_one_published_is_in_force_until_it_is_rolled_back(
    registry: AdapterRegistry,
) -> None:
    first = publish(registry, "reply", prefix(1.0), BASE)
    second = publish(registry, "reply", prefix(2.0), BASE)
    assert in_force(registry) == second.card.digest
    assert registry.rollback("reply").card == first.card
    assert in_force(registry) == first.card.digest
    with pytest.raises(AdapterError, match="no earlier version"):
        registry.rollback("reply")


def test_another_process_sees_what_was_published(registry: AdapterRegistry, tmp_path: Path) -> None:
    publish(registry, "reply", prefix(1.0), BASE)
    newer = publish(opened(tmp_path), "reply", prefix(2.0), BASE)
    assert in_force(registry) == newer.card.digest


def test_an_earlier_version_published_again_is_the_last(registry: AdapterRegistry) -> None:
    first = publish(registry, "reply", prefix(1.0), BASE)
    second = publish(registry, "reply", prefix(2.0), BASE)
    publish(registry, "reply", prefix(1.0), BASE)
    assert registry.versions("reply") == (second.card.digest, first.card.digest)


def test_an_adapter_of_another_model_is_refused_with_a_remedy(registry: AdapterRegistry) -> None:
    publish(registry, "reply", prefix(1.0), BASE)
    with pytest.raises(AdapterError, match="train it again"):
        registry.resolve("reply", "base-2")
    with pytest.raises(AdapterError, match="No adapter 'understand'"):
        registry.resolve("understand", "base-1")
    assert ServedAdapters(registry, "base-2").find("reply") is None


def test_an_altered_prefix_is_refused(registry: AdapterRegistry) -> None:
    adapter = publish(registry, "reply", prefix(1.0), BASE)
    file = adapter.path / "prefix.safetensors"
    file.write_bytes(file.read_bytes()[:-1] + b"\x00")
    with pytest.raises(AdapterError, match="not the one its card describes"):
        read_adapter(adapter.path)


def test_a_card_that_promises_another_shape_is_refused(registry: AdapterRegistry) -> None:
    adapter = publish(registry, "reply", prefix(1.0), BASE)
    card = adapter.path / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"virtual_tokens": 4}))
    with pytest.raises(AdapterError, match=r"\[2, 2, 4, 1, 8\]"):
        read_adapter(adapter.path)


def test_half_an_adapter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AdapterError, match="no whole adapter"):
        read_adapter(tmp_path)


def test_what_came_with_the_code_is_the_first_version(tmp_path: Path) -> None:
    digest = ship(tmp_path, 1.0)
    assert in_force(opened(tmp_path)) == digest
    assert [adapter.card.name for adapter in opened(tmp_path).published()] == ["reply"]


def test_a_newer_one_of_the_code_gives_way_to_the_shops_own(tmp_path: Path) -> None:
    ship(tmp_path, 1.0)
    own = publish(opened(tmp_path), "reply", prefix(3.0), BASE)
    ship(tmp_path, 2.0)
    assert in_force(opened(tmp_path)) == own.card.digest


def test_a_newer_one_of_the_code_replaces_the_older(tmp_path: Path) -> None:
    ship(tmp_path, 1.0)
    opened(tmp_path)
    newer = ship(tmp_path, 2.0)
    assert in_force(opened(tmp_path)) == newer


def test_a_name_is_no_path(registry: AdapterRegistry) -> None:
    with pytest.raises(ValueError, match="pattern"):
        publish(registry, "../x", prefix(1.0), BASE)


def test_a_damaged_version_is_mended_by_publishing_it_again(registry: AdapterRegistry) -> None:
    adapter = publish(registry, "reply", prefix(1.0), BASE)
    (adapter.path / "prefix.safetensors").write_bytes(b"half")
    read_adapter(publish(registry, "reply", prefix(1.0), BASE).path)


def test_damaged_pointers_are_told_with_a_remedy(tmp_path: Path) -> None:
    registry = opened(tmp_path)
    registry.folder.mkdir(parents=True)
    (registry.folder / "published.json").write_text("{")
    with pytest.raises(AdapterError, match="publish the adapters again"):
        registry.published()


def test_versions_published_right_after_each_other_are_all_seen(tmp_path: Path) -> None:
    writer, reader = opened(tmp_path), opened(tmp_path)
    for value in range(20):
        adapter = publish(writer, "reply", prefix(float(value)), BASE)
        assert in_force(reader) == adapter.card.digest
