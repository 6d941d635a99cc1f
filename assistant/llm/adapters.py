"""Learned prompts on disk: one immutable file a version, and a pointer to the published one."""

import contextlib
import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import AdapterError
from assistant.llm.disk import disk_errors_explained

PREFIX_FILE = "prefix.safetensors"
CARD_FILE = "card.json"
TENSOR = "prefix"
MAX_BYTES = 64_000_000
_log = logging.getLogger(__name__)
_NAME = r"^[a-z][a-z0-9_-]{0,40}$"


class AdapterCard(BaseModel):
    """What an adapter is, where it comes from and how good it was when it was made.

    `digest` is the SHA-256 of the prefix file, `base_digest` that of the base model, `prompt` the
    text prompt it was trained with, as `name@version`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=_NAME)
    task: str
    method: str
    base_model: str
    base_digest: str
    virtual_tokens: int = Field(gt=0)
    layers: int = Field(gt=0)
    kv_heads: int = Field(gt=0)
    head_dim: int = Field(gt=0)
    dtype: Literal["bfloat16"] = "bfloat16"
    digest: str = Field(pattern="^[0-9a-f]{64}$")
    data_digest: str
    prompt: str
    init: str
    seed: int
    trained_tokens: int
    trainable_parameters: int
    seconds: float
    metrics: Mapping[str, float]
    parent: str | None = None
    date: str

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """The prefix's shape: layers, keys and values, virtual tokens, heads, head size."""
        return (self.layers, 2, self.virtual_tokens, self.kv_heads, self.head_dim)


@dataclass(frozen=True, slots=True)
class Adapter:
    """A learned prompt that has been read and checked; `path` is its folder."""

    card: AdapterCard
    path: Path


class _Pointers(BaseModel):
    """The published digests of each name, oldest first; `shipped` is what came with the code."""

    model_config = ConfigDict(frozen=True)

    history: dict[str, tuple[str, ...]] = {}
    shipped: dict[str, str] = {}


def read_adapter(folder: Path) -> Adapter:
    """Read an adapter; AdapterError where a file is absent, altered or of another shape."""
    try:
        card = AdapterCard.model_validate_json((folder / CARD_FILE).read_bytes())
        content = (folder / PREFIX_FILE).read_bytes()
    except (OSError, ValidationError) as error:
        raise AdapterError(
            f"{folder} holds no whole adapter ({error}): publish it again, or roll back."
        ) from error
    if len(content) > MAX_BYTES or hashlib.sha256(content).hexdigest() != card.digest:
        raise AdapterError(
            f"The prefix in {folder} is not the one its card describes: publish it again."
        )
    found = _header(content)
    if found != (list(card.shape), "BF16"):
        raise AdapterError(
            f"The prefix in {folder} is {found}, its card says {list(card.shape)} in bfloat16: "
            "export it again."
        )
    return Adapter(card, folder)


def _header(content: bytes) -> tuple[list[int], str] | None:
    """Return shape and type of the one tensor of a safetensors file; None where it is not one."""
    try:
        size = int.from_bytes(content[:8], "little")
        entry = json.loads(content[8 : 8 + size])[TENSOR]
        return list(entry["shape"]), str(entry["dtype"])
    except (ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class ServedAdapters:
    """The published adapters that were made for the model that an engine serves."""

    registry: "AdapterRegistry"
    base_digest: str

    def find(self, name: str) -> AdapterCard | None:
        """Return the card of the version in force; None, noted in the log, where there is none."""
        try:
            return self.registry.resolve(name, self.base_digest).card
        except AdapterError as error:
            _log.debug("%s", error)
            return None


class AdapterRegistry:
    """The adapters of a data home, and those that came with the code as their first versions.

    Published files are immutable and named by digest; publishing and rolling back only move a
    pointer, so requests in flight keep the version they began with.
    """

    def __init__(self, home: Path, shipped: Path) -> None:
        self.folder = home / "adapters"
        self._pointer_file = self.folder / "published.json"
        self._shipped = shipped
        self._read: tuple[tuple[int, int, int], _Pointers] | None = None
        self._loaded: dict[str, Adapter] = {}
        self._take_in_shipped()

    def published(self) -> tuple[Adapter, ...]:
        """Return the published version of every name."""
        return tuple(self._load(digests[-1]) for digests in self._pointers().history.values())

    def versions(self, name: str) -> tuple[str, ...]:
        """Return the digests published under a name, oldest first; the last one is in force."""
        return self._pointers().history.get(name, ())

    def resolve(self, name: str, base_digest: str) -> Adapter:
        """Return the published adapter; AdapterError for none, or one made for another model."""
        digests = self.versions(name)
        if not digests:
            raise AdapterError(
                f"No adapter {name!r} is published: see `python -m finetune list`, "
                f"or train one and run `python -m finetune publish {name}`."
            )
        adapter = self._load(digests[-1])
        if adapter.card.base_digest != base_digest:
            raise AdapterError(
                f"The adapter {name!r} was trained on {adapter.card.base_model} "
                f"({adapter.card.base_digest}), the engine serves {base_digest}: train it again "
                "on this model; until then the hand-written prompts are used."
            )
        return adapter

    def publish(self, folder: Path) -> Adapter:
        """Copy an adapter in and put it in force under its card's name."""
        adapter = read_adapter(folder)
        with disk_errors_explained(self.folder), self._locked():
            self._copy_in(adapter)
            before = self._pointers()
            name, digest = adapter.card.name, adapter.card.digest
            digests = (*(d for d in before.history.get(name, ()) if d != digest), digest)
            self._write(before.model_copy(update={"history": before.history | {name: digests}}))
        return self._load(digest)

    def rollback(self, name: str) -> Adapter:
        """Put the version before back in force; AdapterError where there is none."""
        with disk_errors_explained(self.folder), self._locked():
            before = self._pointers()
            digests = before.history.get(name, ())
            if len(digests) < 2:
                raise AdapterError(
                    f"There is no earlier version of {name!r} to go back to: "
                    "see `python -m finetune list`."
                )
            history = before.history | {name: digests[:-1]}
            self._write(before.model_copy(update={"history": history}))
        return self._load(digests[-2])

    def _take_in_shipped(self) -> None:
        """Publish what came with the code, unless this shop has published something since."""
        folders = sorted(p.parent for p in self._shipped.glob(f"*/{CARD_FILE}"))
        if not folders:
            return
        with disk_errors_explained(self.folder), self._locked():
            before = self._pointers()
            after = before
            for adapter in map(read_adapter, folders):
                after = self._with_shipped(after, adapter)
            if after != before:
                self._write(after)

    def _with_shipped(self, pointers: _Pointers, adapter: Adapter) -> _Pointers:
        name, digest = adapter.card.name, adapter.card.digest
        known = pointers.shipped.get(name)
        if known == digest:
            return pointers
        self._copy_in(adapter)
        digests = pointers.history.get(name, ())
        own = digests and digests[-1] != known
        rest = tuple(d for d in digests if d != digest)
        changed = (digest, *rest) if own else (*rest, digest)
        return _Pointers(
            history=pointers.history | {name: changed}, shipped=pointers.shipped | {name: digest}
        )

    def _copy_in(self, adapter: Adapter) -> None:
        target = self.folder / adapter.card.digest
        if target.is_dir():
            with contextlib.suppress(AdapterError):
                read_adapter(target)
                return
            shutil.rmtree(target)
        partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=self.folder))
        try:
            for file in (PREFIX_FILE, CARD_FILE):
                shutil.copyfile(adapter.path / file, partial / file)
            # The engine may run as another user.
            partial.chmod(0o755)
            partial.rename(target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise

    def _load(self, digest: str) -> Adapter:
        if digest not in self._loaded:
            self._loaded[digest] = read_adapter(self.folder / digest)
        return self._loaded[digest]

    def _pointers(self) -> _Pointers:
        """Read the pointer file where it has changed since the last time."""
        try:
            found = self._pointer_file.stat()
        except FileNotFoundError:
            return _Pointers()
        # Times alone are too coarse for two changes right after each other.
        changed = (found.st_mtime_ns, found.st_ino, found.st_size)
        if self._read is None or self._read[0] != changed:
            self._read = changed, self._parsed()
        return self._read[1]

    def _parsed(self) -> _Pointers:
        try:
            return _Pointers.model_validate_json(self._pointer_file.read_bytes())
        except ValidationError as error:
            raise AdapterError(
                f"{self._pointer_file} is damaged: remove it and publish the adapters again."
            ) from error

    def _write(self, pointers: _Pointers) -> None:
        partial = self._pointer_file.with_suffix(".partial")
        partial.write_text(pointers.model_dump_json(indent=1), encoding="utf-8")
        partial.replace(self._pointer_file)

    def _locked(self) -> FileLock:
        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / ".lock")
