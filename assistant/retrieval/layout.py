"""Where a finished index lies, and what proves that it is finished."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from assistant.errors import CheckpointError
from assistant.retrieval.embedder import Vectors

VERSION = 1
"""Part of the fingerprint: raise it when what is indexed, or how, changes."""

REMEDY = "Run `python -m assistant prepare`; it builds the index again."


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written last, so that a folder without it is unfinished."""

    fingerprint: str
    texts: int
    listings: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of one index in an immutable folder named by its fingerprint."""

    folder: Path

    @property
    def chroma(self) -> Path:
        """Folder of the embedded Chroma database."""
        return self.folder / "chroma"

    @property
    def vectors(self) -> Path:
        """The embeddings, float32 of shape (texts, 384)."""
        return self.folder / "vectors.npy"

    @property
    def manifest(self) -> Path:
        """The manifest."""
        return self.folder / "manifest.json"

    def finished(self, fingerprint: str) -> bool:
        """Whether the folder holds the whole index of this fingerprint."""
        try:
            return self.read_manifest().fingerprint == fingerprint
        except CheckpointError:
            return False

    def read_manifest(self) -> Manifest:
        """Read the manifest; raises CheckpointError where it is absent or broken."""
        try:
            return Manifest(**json.loads(self.manifest.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise CheckpointError(f"There is no index in {self.folder}. {REMEDY}") from error

    def write_manifest(self, manifest: Manifest) -> None:
        """Write the manifest."""
        self.manifest.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")

    def read_vectors(self, texts: int) -> Vectors:
        """Map the embeddings into memory; raises CheckpointError where they do not fit."""
        try:
            vectors: Vectors = np.asarray(np.load(self.vectors, mmap_mode="r"))
        except (OSError, ValueError) as error:
            raise CheckpointError(f"{self.vectors} cannot be read ({error}). {REMEDY}") from error
        if vectors.shape != (texts, 384):
            raise CheckpointError(f"{self.vectors} has the shape {vectors.shape}. {REMEDY}")
        return vectors
