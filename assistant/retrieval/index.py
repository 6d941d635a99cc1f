"""The product index: built once into an immutable folder, then searched."""

import shutil
from collections.abc import Iterable, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock

from assistant.catalog.products import Family, Restriction
from assistant.errors import CheckpointError, NotPrepared
from assistant.retrieval.embedder import Embedder, Progress, no_progress
from assistant.retrieval.layout import REMEDY, VERSION, Layout, Manifest
from assistant.retrieval.lexical import LexicalIndex
from assistant.retrieval.listings import Listing, Shelf
from assistant.retrieval.relevance import Evidence
from assistant.retrieval.results import NO_FILTERS, Filters, SearchResult
from assistant.retrieval.search import Searcher
from assistant.retrieval.vectors import (
    VectorIndex,
    build_vectors,
    embedded,
    open_vectors,
    remote,
)

if TYPE_CHECKING:
    from chromadb.api import ClientAPI


def build_index(
    families: Iterable[Family],
    embedder: Embedder,
    directory: Path,
    progress: Progress = no_progress,
    *,
    chroma_url: str | None = None,
) -> Path:
    """Build the index of these families below `directory`, or find it built already.

    Returns the finished folder, named by the fingerprint of texts, model and format. What an
    interrupted build left is thrown away and built again; finished folders never change.
    """
    shelf = Shelf(families)
    fingerprint = _fingerprint(shelf, embedder)
    target = directory / fingerprint
    directory.mkdir(parents=True, exist_ok=True)
    with FileLock(directory / ".build.lock"):
        if not Layout(target).finished(fingerprint):
            half = directory / f".{fingerprint}.half"
            for leftover in (half, target):
                shutil.rmtree(leftover, ignore_errors=True)
            _write(shelf, embedder, Layout(half), fingerprint, chroma_url, progress)
            half.rename(target)
    return target


def _write(
    shelf: Shelf,
    embedder: Embedder,
    layout: Layout,
    fingerprint: str,
    chroma_url: str | None,
    progress: Progress,
) -> None:
    layout.folder.mkdir()
    texts = distinct_texts(shelf.listings)
    vectors = embedder.encode(texts, progress)
    np.save(layout.vectors, vectors)
    # Closed before the folder is renamed: Chroma keeps one open database for each path.
    with closing(_client(layout, chroma_url)) as client:
        build_vectors(client, _collection(fingerprint), vectors, progress)
    layout.write_manifest(Manifest(fingerprint, len(texts), len(shelf.listings)))


class ProductIndex:
    """Searches one store's catalogue; safe to use from several threads and processes."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    @classmethod
    def open(
        cls,
        directory: Path,
        embedder: Embedder,
        families: Iterable[Family],
        *,
        chroma_url: str | None = None,
    ) -> "ProductIndex":
        """Open the finished index of these families below `directory`.

        Raises NotPrepared where there is none and CheckpointError where it is broken. Where only
        the vector index is broken, searches go on by words and say so (`degraded`).
        """
        shelf = Shelf(families)
        fingerprint = _fingerprint(shelf, embedder)
        layout = Layout(directory / fingerprint)
        if not layout.finished(fingerprint):
            raise NotPrepared(f"The store's search index is not built yet. {REMEDY}")
        texts = distinct_texts(shelf.listings)
        return cls(
            Searcher(
                shelf,
                texts,
                layout.read_vectors(len(texts)),
                LexicalIndex(shelf.listings),
                _open_vectors(layout, fingerprint, chroma_url, len(texts)),
                embedder,
            )
        )

    def search(self, query: str, filters: Filters = NO_FILTERS, k: int = 10) -> SearchResult:
        """Find at most `k` families that satisfy every filter, one per title, best first."""
        return self._searcher.search(query, filters, k)

    def restrictions_asked(self, query: str) -> frozenset[Restriction]:
        """Which restricted kinds the query itself asks for: `beer`, `ibuprofen`."""
        return self._searcher.restrictions_asked(query)

    def evidence(self, query: str) -> Evidence | None:
        """What the relevance floor judges by; None where nothing comes near."""
        return self._searcher.evidence(query)


def distinct_texts(listings: Sequence[Listing]) -> tuple[str, ...]:
    """All texts of the listings in a fixed order, each once."""
    return tuple(sorted({text for listing in listings for text in listing.texts}))


def _open_vectors(
    layout: Layout, fingerprint: str, chroma_url: str | None, texts: int
) -> VectorIndex | None:
    try:
        index = open_vectors(_client(layout, chroma_url), _collection(fingerprint))
        return index if len(index) == texts else None
    except CheckpointError:
        return None


def _client(layout: Layout, chroma_url: str | None) -> "ClientAPI":
    return remote(chroma_url) if chroma_url else embedded(layout.chroma)


def _collection(fingerprint: str) -> str:
    return f"texts-{fingerprint}"


def _fingerprint(shelf: Shelf, embedder: Embedder) -> str:
    parts = f"{VERSION} {shelf.digest} {embedder.digest}"
    return sha256(parts.encode()).hexdigest()[:16]
