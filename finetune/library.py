"""Adapters by what a person calls them: a name, a run, a folder; and what ships with the code."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import AdapterError
from assistant.llm.adapters import (
    CARD_FILE,
    PREFIX_FILE,
    Adapter,
    AdapterRegistry,
    read_adapter,
)
from assistant.prompting import PROMPTS
from finetune.tuning import ADAPTER_FOLDER, FORGOTTEN

SHIPPED = PROMPTS / "soft"
MAX_SHIPPED_BYTES = 2_000_000
MOST_FORGOTTEN = 0.02


def trained(home: Path) -> Iterator[Adapter]:
    """Yield what runs of this data home made, newest first."""
    cards = (home / "finetune" / "runs").glob(f"*/{ADAPTER_FOLDER}/{CARD_FILE}")
    for card in sorted(cards, key=lambda path: path.stat().st_mtime, reverse=True):
        yield read_adapter(card.parent)


def find_trained(name: str, home: Path) -> Adapter:
    """Return a folder's adapter, a run's, or the newest one trained under a name.

    Raises AdapterError where there is none.
    """
    for folder in (Path(name), home / "finetune" / "runs" / name / ADAPTER_FOLDER):
        if (folder / CARD_FILE).is_file():
            return read_adapter(folder)
    for adapter in trained(home):
        if name == adapter.card.name or adapter.card.digest.startswith(name):
            return adapter
    raise AdapterError(
        f"No run of this data home made an adapter {name!r}: see `python -m finetune list`, or "
        "train one with `python -m finetune train CONFIG`."
    )


def find(name: str, home: Path) -> Adapter:
    """Return the published adapter of a name, else a trained one."""
    for adapter in AdapterRegistry(home, SHIPPED).published():
        if adapter.card.name == name:
            return adapter
    return find_trained(name, home)


def check_forgetting(adapter: Adapter) -> None:
    """Raise AdapterError for an adapter that lost what its parent could."""
    lost = adapter.card.metrics.get(FORGOTTEN, 0.0)
    if lost > MOST_FORGOTTEN:
        raise AdapterError(
            f"{adapter.card.name} is {100 * lost:.1f} points worse than its parent on the parent's "
            "test set: train it with some of the old samples, or publish it with --anyway."
        )


def ship(adapter: Adapter, shipped: Path) -> Path:
    """Copy an adapter among those that come with the code; AdapterError over 2 MB."""
    size = (adapter.path / PREFIX_FILE).stat().st_size
    if size > MAX_SHIPPED_BYTES:
        raise AdapterError(
            f"{adapter.card.name} has {size:,} bytes; what ships must stay under "
            f"{MAX_SHIPPED_BYTES:,}: train it with fewer virtual tokens."
        )
    target = shipped / adapter.card.name
    target.mkdir(parents=True, exist_ok=True)
    for file in (PREFIX_FILE, CARD_FILE):
        shutil.copyfile(adapter.path / file, target / file)
    return target
