"""Searching the corner shop with real MiniLM vectors in a real Chroma."""

import json
import multiprocessing
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.catalog.products import Family, Restriction
from assistant.errors import CheckpointError, NotPrepared
from assistant.retrieval import Embedder, Filters, Hit, ProductIndex, SearchResult, build_index
from assistant.retrieval.embedder import Vectors
from assistant.retrieval.layout import Layout
from assistant.retrieval.vectors import embedded, open_vectors
from tests.assistant.retrieval.corner_shop import SHELVES

Names = Callable[..., list[str]]
QUERIES = ("milk", "snack", "something sweet", "beer", "oat milk", "cat litter", "soda", "")
AISLES = sorted({line.split("|")[5].strip() for line in SHELVES.strip().splitlines()})


def test_milk_finds_ten_different_milks_before_milk_chocolate(
    index: ProductIndex, shop: Mapping[str, Family]
) -> None:
    hits = index.search("milk").hits

    titles = [shop[hit.family_id].title for hit in hits]
    assert len(titles) == len(set(titles)) == 10
    assert titles[0] == "Milk, 1 gal (own label)"
    assert all("ilk" in title for title in titles)
    assert "Milk chocolate bars, 3 oz" not in titles


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("chocolate milk", "Chocolate milk"),
        ("eggs", "Large eggs"),
        ("bread", "White bread"),
        ("butter", "Butter"),
        ("peanut butter", "Peanut butter"),
        ("hot dogs", "Premium meat hot dogs"),
        ("hot dog buns", "Hot dog buns"),
        ("washing up liquid", "Dishwashing liquid"),
        ("kitchen roll", "Paper towels"),
        ("cat litter", "Scoopable cat litter"),
        ("dog treats", "Dog treats"),
        ("stuff for tacos", "Taco shells"),
        ("minced beef", "Ground beef"),
        ("food for my puppy", "Dry dog food"),
        ("do you have any orange juice please", "Orange juice"),
    ],
)
def test_what_is_named_comes_first(names: Names, query: str, first: str) -> None:
    assert names(query)[0] == first


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("choclate milk", "Chocolate milk"),
        ("yoghurt", "Yogurt"),
        ("tomatos", "Hothouse tomatoes, loose"),
        ("shampo", "Shampoo"),
        ("toiletpaper", "Toilet paper"),
        ("dough nuts", "Donuts"),
        ("doughnut", "Donuts"),
        ("butter milk", "Buttermilk"),
    ],
)
def test_spelling_does_not_matter(names: Names, query: str, first: str) -> None:
    assert names(query)[0] == first


def test_an_aisle_named_finds_what_is_in_it(
    index: ProductIndex, shop: Mapping[str, Family]
) -> None:
    hits = index.search("snack", k=4).hits

    assert {shop[hit.family_id].aisle for hit in hits} == {"Snacks"}
    assert len({shop[hit.family_id].name for hit in hits}) > 1


def test_a_named_size_comes_first(index: ProductIndex, shop: Mapping[str, Family]) -> None:
    first = index.search("half gallon of milk").hits[0]

    assert shop[first.family_id].size == "1/2 gal"


def test_sauce_named_after_steak_is_no_steak(index: ProductIndex) -> None:
    assert not index.search("steak", Filters(aisle="Meat & poultry", max_price=100)).hits


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("oat milk", ("oat",)),
        ("do you have almond milk?", ("almond",)),
        ("gluten-free bread", ("gluten", "free")),
        ("vegan butter", ("vegan",)),
        ("avocado oil", ("avocado",)),
        ("coke", ("coke",)),
        ("iphone", ("iphone",)),
    ],
)
def test_what_the_shop_lacks_is_said(
    index: ProductIndex, query: str, missing: tuple[str, ...]
) -> None:
    result = index.search(query)

    assert not result.carried
    assert result.missing == missing


@pytest.mark.parametrize(
    "query",
    ["milk", "some cheap milk please", "crisps", "toilet paper", "cat food", "bananas for the kids",
     "pizza tonight", "ground coffee", "a dozen eggs", "sugar or olive oil"],
)  # fmt: skip
def test_what_the_shop_carries_is_not_called_missing(index: ProductIndex, query: str) -> None:
    result = index.search(query)

    assert result.carried
    assert result.missing == ()


def test_alternatives_to_what_is_missing_are_of_its_kind(names: Names) -> None:
    assert all("ilk" in name for name in names("oat milk", k=4))
    assert names("coke", k=2)[0].startswith("Soft drinks")
    assert names("uranium") == []


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("beer", {Restriction.ALCOHOL}),
        ("a bottle of wine", {Restriction.ALCOHOL}),
        ("cigarettes", {Restriction.TOBACCO}),
        ("condoms", {Restriction.INTIMATE}),
        ("ibuprofen", {Restriction.MEDICINE}),
        ("something for a headache", {Restriction.MEDICINE}),
        ("milk", set()),
        ("snacks for the game", set()),
        ("", set()),
    ],
)
def test_restricted_kinds_are_asked_for_by_name_only(
    index: ProductIndex, query: str, kinds: set[Restriction]
) -> None:
    assert index.restrictions_asked(query) == kinds


def test_restricted_families_need_permission(names: Names) -> None:
    allowed = Filters(allow_restricted=frozenset({Restriction.ALCOHOL}))

    assert "Beer" not in names("beer")
    assert names("beer", allowed)[0] == "Beer"
    assert "Cigarettes" not in names("cigarettes", allowed)


def test_nothing_fitting_says_what_dropping_each_filter_gives(index: ProductIndex) -> None:
    result = index.search("milk", Filters(max_price=50, own_label=True))

    assert result.hits == ()
    assert result.carried
    # Dropping the label leaves no milk at 50 cents either, so only the price is offered.
    assert [each.dropped for each in result.relaxations] == ["max_price"]
    assert result.relaxations[0].families >= 4


def test_filters_alone_give_best_sellers(names: Names) -> None:
    assert names("", Filters(max_price=100), k=2) == ["Bananas", "Yogurt"]
    assert names("something nice", Filters(aisle="Snacks"), k=1) == ["Potato chips"]
    assert names("") == []


@given(
    query=st.sampled_from(QUERIES),
    low=st.none() | st.integers(0, 600),
    high=st.none() | st.integers(0, 900),
    own=st.none() | st.booleans(),
    aisle=st.none() | st.sampled_from(AISLES),
    kinds=st.frozensets(st.sampled_from(list(Restriction))),
    k=st.integers(1, 15),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_hit_ever_violates_a_filter(
    index: ProductIndex,
    shop: Mapping[str, Family],
    query: str,
    low: int | None,
    high: int | None,
    own: bool | None,
    aisle: str | None,
    kinds: frozenset[Restriction],
    k: int,
) -> None:
    hits = index.search(query, Filters(high, low, own, aisle, kinds), k).hits

    found = [shop[hit.family_id] for hit in hits]
    assert len(found) <= k
    assert len({family.title for family in found}) == len(found)
    for family in found:
        assert low is None or family.best_seller.price >= low
        assert high is None or family.best_seller.price <= high
        assert own is None or family.own_label == own
        assert aisle is None or family.aisle == aisle
        assert family.restriction is None or family.restriction in kinds


@pytest.mark.parametrize(
    "text",
    ["🙂🙂🙂", "<|im_end|><|im_start|>system", "x" * 10_000, "milk " * 5_000, "¿tienes leche?"],
)
def test_any_text_is_answered(index: ProductIndex, text: str) -> None:
    assert isinstance(index.search(text), SearchResult)


def _answers(index: ProductIndex) -> list[tuple[Hit, ...]]:
    return [index.search(query).hits for query in QUERIES]


def test_an_index_built_again_answers_the_same(
    index: ProductIndex, embedder: Embedder, shop: Mapping[str, Family], tmp_path: Path
) -> None:
    build_index(reversed(list(shop.values())), embedder, tmp_path)

    assert _answers(ProductIndex.open(tmp_path, embedder, shop.values())) == _answers(index)


def test_a_finished_index_is_found_and_left_alone(
    directory: Path, embedder: Embedder, shop: Mapping[str, Family]
) -> None:
    manifest = next(directory.glob("*/manifest.json"))
    before = manifest.stat().st_mtime_ns

    assert build_index(shop.values(), embedder, directory) == manifest.parent
    assert manifest.stat().st_mtime_ns == before


def test_a_new_text_makes_a_new_index_and_a_new_price_does_not(
    directory: Path, embedder: Embedder, shop: Mapping[str, Family], tmp_path: Path
) -> None:
    first, *others = shop.values()
    cheaper = replace(first, best_seller=replace(first.best_seller, price=1))
    renamed = replace(first, name="Goat milk")

    assert build_index([cheaper, *others], embedder, directory).parent == directory
    assert len(list(directory.glob("*/manifest.json"))) == 1
    build_index([renamed, *others], embedder, tmp_path)
    with pytest.raises(NotPrepared, match="prepare"):
        ProductIndex.open(directory, embedder, [renamed, *others])


def test_a_half_finished_build_is_done_again(
    directory: Path, embedder: Embedder, shop: Mapping[str, Family], tmp_path: Path
) -> None:
    finished = next(directory.glob("*/manifest.json")).parent
    half = tmp_path / f".{finished.name}.half"
    shutil.copytree(finished, half)
    (half / "manifest.json").unlink()
    with pytest.raises(NotPrepared):
        ProductIndex.open(tmp_path, embedder, shop.values())

    build_index(shop.values(), embedder, tmp_path)

    assert not half.exists()
    assert ProductIndex.open(tmp_path, embedder, shop.values()).search("milk").hits


@pytest.fixture
def copied(directory: Path, tmp_path: Path) -> Layout:
    """A finished index that may be broken."""
    finished = next(directory.glob("*/manifest.json")).parent
    shutil.copytree(finished, tmp_path / finished.name)
    return Layout(tmp_path / finished.name)


def test_without_its_vector_index_words_still_answer(
    copied: Layout, embedder: Embedder, shop: Mapping[str, Family]
) -> None:
    shutil.rmtree(copied.chroma)

    index = ProductIndex.open(copied.folder.parent, embedder, shop.values())
    result = index.search("milk")

    assert result.degraded
    assert shop[result.hits[0].family_id].name == "Milk"


def test_a_corrupt_database_degrades_as_well(
    copied: Layout, embedder: Embedder, shop: Mapping[str, Family]
) -> None:
    (copied.chroma / "chroma.sqlite3").write_bytes(b"not a database" * 100)

    index = ProductIndex.open(copied.folder.parent, embedder, shop.values())

    assert index.search("cat litter").degraded


@pytest.mark.parametrize("damage", ["absent", "garbage", "short"])
def test_broken_vectors_are_refused_with_the_remedy(
    copied: Layout, embedder: Embedder, shop: Mapping[str, Family], damage: str
) -> None:
    if damage == "absent":
        copied.vectors.unlink()
    elif damage == "garbage":
        copied.vectors.write_bytes(b"garbage")
    else:
        np.save(copied.vectors, np.zeros((3, 384), dtype=np.float32))

    with pytest.raises(CheckpointError, match="assistant prepare"):
        ProductIndex.open(copied.folder.parent, embedder, shop.values())


def test_a_broken_manifest_counts_as_unfinished(
    copied: Layout, embedder: Embedder, shop: Mapping[str, Family]
) -> None:
    copied.manifest.write_text(json.dumps({"fingerprint": copied.folder.name}))

    with pytest.raises(NotPrepared):
        ProductIndex.open(copied.folder.parent, embedder, shop.values())


def _nearest(folder: Path, queries: Vectors) -> list[list[int]]:
    manifest = Layout(folder).read_manifest()
    texts = open_vectors(embedded(Layout(folder).chroma), f"texts-{manifest.fingerprint}")
    return [texts.nearest(query, 5, range(50)) for query in queries]


def test_several_processes_read_one_index_at_once(index: ProductIndex, directory: Path) -> None:
    folder = next(directory.glob("*/manifest.json")).parent
    queries = np.load(folder / "vectors.npy")[:40]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        elsewhere = pool.starmap(_nearest, [(folder, queries)] * 2)

    assert elsewhere == [_nearest(folder, queries)] * 2
    assert [found[0] for found in elsewhere[0]] == list(range(40))
    assert not index.search("milk").degraded
