"""The listings' texts as vectors in Chroma, embedded in this process or on a server."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.errors import CheckpointError
from assistant.retrieval.embedder import Progress, Vectors

if TYPE_CHECKING:
    from chromadb import Collection
    from chromadb.api import ClientAPI

_BATCH = 2000


class VectorIndex:
    """Nearest texts by cosine; a text is known by its row."""

    def __init__(self, collection: "Collection") -> None:
        self._collection = collection

    def __len__(self) -> int:
        return int(self._collection.count())

    def nearest(self, query: Vectors, count: int, rows: Sequence[int] | None = None) -> list[int]:
        """The rows nearest to one unit vector of shape (384,), among `rows` where given.

        Raises CheckpointError where the index does not answer.
        """
        from chromadb.errors import ChromaError

        try:
            found = self._collection.query(
                query_embeddings=query[None, :],
                n_results=min(count, len(rows)) if rows is not None else count,
                ids=None if rows is None else [str(row) for row in rows],
                include=[],
            )
        except (ChromaError, OSError, ValueError) as error:
            raise CheckpointError(f"The vector index does not answer: {error}") from error
        return [int(row) for row in found["ids"][0]]


def build_vectors(client: "ClientAPI", name: str, vectors: Vectors, progress: Progress) -> None:
    """Write the vectors, row by row, into a new collection; an unfinished one is replaced."""
    from chromadb.errors import NotFoundError

    with suppress(NotFoundError, ValueError):
        client.delete_collection(name)
    collection = client.create_collection(
        name,
        embedding_function=None,
        configuration={
            # One thread and wide beams: rebuilt from the same texts, it answers the same.
            "hnsw": {"space": "cosine", "num_threads": 1, "ef_construction": 200, "ef_search": 200}
        },
    )
    for start in range(0, len(vectors), _BATCH):
        rows = np.arange(start, min(start + _BATCH, len(vectors)))
        collection.add(ids=[str(row) for row in rows], embeddings=vectors[rows])
        progress("Writing the vector index", (start + len(rows)) / len(vectors))


def open_vectors(client: "ClientAPI", name: str) -> VectorIndex:
    """Open a finished collection; raises CheckpointError where it is absent or broken."""
    from chromadb.errors import ChromaError

    try:
        return VectorIndex(client.get_collection(name, embedding_function=None))
    except (ChromaError, OSError, ValueError) as error:
        raise CheckpointError(f"The vector index {name} cannot be opened: {error}") from error


def embedded(folder: Path) -> "ClientAPI":
    """Open Chroma in this process on a folder."""
    import chromadb
    from chromadb.errors import ChromaError

    try:
        return chromadb.PersistentClient(str(folder), settings=_settings())
    except (ChromaError, OSError, ValueError) as error:
        raise CheckpointError(f"The vector index in {folder} cannot be opened: {error}") from error


def remote(url: str) -> "ClientAPI":
    """Connect to a Chroma server on a private network."""
    from urllib.parse import urlsplit

    import chromadb

    parts = urlsplit(url)
    secure = parts.scheme == "https"
    try:
        return chromadb.HttpClient(
            host=parts.hostname or "localhost",
            port=parts.port or (443 if secure else 8000),
            ssl=secure,
            settings=_settings(),
        )
    except (ValueError, OSError) as error:
        raise CheckpointError(f"No Chroma server answers at {url}: {error}") from error


def _settings() -> "object":
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)
