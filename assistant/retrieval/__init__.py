"""Search: the embedder, the product index and its results."""

from assistant.retrieval.embedder import Embedder
from assistant.retrieval.index import ProductIndex, build_index
from assistant.retrieval.results import Filters, Hit, Relaxation, SearchResult

__all__ = [
    "Embedder",
    "Filters",
    "Hit",
    "ProductIndex",
    "Relaxation",
    "SearchResult",
    "build_index",
]
