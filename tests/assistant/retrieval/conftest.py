"""The corner shop's real index, built once."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from assistant.catalog.products import Family
from assistant.retrieval import Embedder, Filters, ProductIndex, build_index
from assistant.retrieval.results import NO_FILTERS
from tests.assistant.retrieval.corner_shop import corner_shop

Names = Callable[..., list[str]]


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture(scope="session")
def shop() -> Mapping[str, Family]:
    return {family.id: family for family in corner_shop()}


@pytest.fixture(scope="session")
def directory(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, shop: Mapping[str, Family]
) -> Path:
    directory = tmp_path_factory.mktemp("index")
    build_index(shop.values(), embedder, directory)
    return directory


@pytest.fixture(scope="session")
def index(directory: Path, embedder: Embedder, shop: Mapping[str, Family]) -> ProductIndex:
    return ProductIndex.open(directory, embedder, shop.values())


@pytest.fixture(scope="session")
def names(index: ProductIndex, shop: Mapping[str, Family]) -> Names:
    """Search and return the names of the hits, best first."""

    def search(query: str, filters: Filters = NO_FILTERS, k: int = 10) -> list[str]:
        return [shop[hit.family_id].name for hit in index.search(query, filters, k).hits]

    return search
