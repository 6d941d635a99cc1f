"""Words, sizes and readings of queries."""

import pytest

from assistant.retrieval.query import QueryReader
from assistant.retrieval.sizes import fit, sizes
from assistant.retrieval.words import split, stem, stems

KNOWN = {"milk": 5, "bread": 4, "pepper": 2, "paper": 9, "bell": 1, "toilet": 2, "candy": 3,
         "soft": 1, "drink": 2, "bacon": 1, "cleaner": 3, "buttermilk": 1, "tomato": 3,
         "breakfast": 2, "hot": 2, "dog": 4, "mustard": 1}  # fmt: skip
PAIRS = frozenset({("bell", "pepper"), ("toilet", "paper"), ("soft", "drink"), ("hot", "dog")})


@pytest.fixture(scope="module")
def reader() -> QueryReader:
    return QueryReader(KNOWN, PAIRS, {"pan", "bred", "plane"})


def _stems(reader: QueryReader, text: str) -> list[str]:
    return [word.stem for word in reader.read(text)[0].counted]


@pytest.mark.parametrize(
    ("one", "other"),
    [("tomatoes", "tomato"), ("berries", "berry"), ("cookies", "cookie"), ("peaches", "peach"),
     ("knives", "knife"), ("yoghurts", "yogurt"), ("colour", "color"), ("glasses", "glass"),
     ("shoes", "shoe"), ("quiches", "quiche"), ("boxes", "box"), ("men's", "man")],
)  # fmt: skip
def test_forms_of_one_word_share_a_stem(one: str, other: str) -> None:
    assert stems(one) == stems(other)


@pytest.mark.parametrize("word", ["hummus", "asparagus", "swiss", "gas", "citrus"])
def test_words_that_end_like_plurals_stay(word: str) -> None:
    assert stem(word) == word


def test_text_is_split_into_words_and_numbers() -> None:
    assert split("Crème-fraîche, 2% & 1.5 l for Ben’s kids!") == (
        "creme", "fraiche", "2%", "1.5", "l", "for", "ben", "kids"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1/2 gal", {(0.5, "gal")}),
        ("half a gallon of milk", {(0.5, "gal")}),
        ("2 liter soda", {(2.0, "l")}),
        ("a pint", {(None, "pt")}),
        ("3 pack, 8 oz", {(3.0, "pack"), (8.0, "oz")}),
        ("gum", set()),
    ],
)
def test_sizes_are_read(text: str, found: set[tuple[float | None, str]]) -> None:
    assert sizes(text) == found


def test_a_size_fits_by_amount_and_unit() -> None:
    assert fit(sizes("2 liter"), sizes("2 L")) == 1
    assert fit(sizes("gallon"), sizes("1 gal")) == 1
    assert fit(sizes("2 liter"), sizes("1 L")) == 0
    assert fit(sizes("milk"), sizes("1 gal")) == 0


def test_filler_does_not_count(reader: QueryReader) -> None:
    assert _stems(reader, "could you show me some milk please") == ["milk"]
    assert reader.read("what do you have") == ()
    assert reader.read("🙂") == ()


def test_neighbours_decide_what_a_typo_means(reader: QueryReader) -> None:
    assert _stems(reader, "bell pepers") == ["bell", "pepper"]
    assert _stems(reader, "toilet papper") == ["toilet", "paper"]


def test_real_words_are_no_typos(reader: QueryReader) -> None:
    assert _stems(reader, "bred") == ["bred"]
    assert _stems(reader, "oat") == ["oat"]


def test_compounds_are_taken_apart_and_put_together(reader: QueryReader) -> None:
    assert _stems(reader, "toiletpaper") == ["toilet", "paper"]
    assert _stems(reader, "butter milk") == ["buttermilk"]


def test_other_forms_of_a_word_are_found(reader: QueryReader) -> None:
    assert _stems(reader, "clean") == ["cleaner"]


def test_synonyms_make_a_second_reading(reader: QueryReader) -> None:
    said, meant = reader.read("fizzy drinks")

    assert said.text == "fizzy drinks"
    assert (meant.text, meant.exact) == ("soft drinks", True)


def test_a_wider_word_is_not_exact(reader: QueryReader) -> None:
    said, wider = reader.read("coke")

    assert said.exact
    assert (wider.text, wider.exact) == ("soft drinks", False)


def test_or_parts_a_query(reader: QueryReader) -> None:
    assert [query.text for query in reader.read("milk or bread")] == ["milk", "bread"]


def _content(reader: QueryReader, text: str) -> list[str]:
    return [word.stem for word in reader.read(text)[0].content]


def test_purposes_and_occasions_do_not_bind_but_audiences_do(reader: QueryReader) -> None:
    assert _content(reader, "bacon for breakfast") == ["bacon"]
    assert _content(reader, "breakfast") == ["breakfast"]
    assert _content(reader, "mustard for hot dogs") == ["mustard"]
    assert _content(reader, "candy for my dog") == ["candy", "dog"]
