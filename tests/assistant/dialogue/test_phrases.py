"""What is left of a message when its carrier phrases are gone."""

import pytest

from assistant.dialogue.phrases import candidate_spans, is_plain, split_items, strip_carrier
from assistant.dialogue.requests import ListItem


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("do you have any oat milk in stock?", "oat milk"),
        ("what snacks do you have", "snacks"),
        ("where can i get cat litter", "cat litter"),
        ("how much is milk", "milk"),
        ("when was the last time i bought coffee", "coffee"),
        ("what did i pay for the cheese last time", "cheese"),
        ("take the bread out of my cart", "bread"),
        ("first aid kit", "first aid kit"),
        ("new york strip steak", "new york strip steak"),
        ("show me something", ""),
    ],
)
def test_the_carrier_is_cut_at_both_ends(text: str, phrase: str) -> None:
    assert strip_carrier(text) == phrase


def test_a_list_is_split_but_names_with_and_stay_whole() -> None:
    assert split_items("2 milks, eggs & mac and cheese plus salt and vinegar chips") == (
        ListItem("milks", 2),
        ListItem("eggs", 1),
        ListItem("mac and cheese", 1),
        ListItem("salt and vinegar chips", 1),
    )


def test_the_catalogue_names_more_phrases_to_keep() -> None:
    assert split_items("milk and fruit and fibre bars", ["fruit and fibre"]) == (
        ListItem("milk", 1),
        ListItem("fruit and fibre bars", 1),
    )


@pytest.mark.parametrize(
    ("phrase", "plain"),
    [
        ("oat milk", True),
        ("birthday cake", True),
        ("", False),
        ("kid has a birthday", False),
        ("a b c d e", False),
    ],
)
def test_a_plain_phrase_is_short_and_has_no_clause(phrase: str, plain: bool) -> None:
    assert is_plain(phrase) is plain


def test_candidate_spans_are_phrases_of_the_message_without_function_words_at_the_edges() -> None:
    assert candidate_spans("bake a nice cake", longest=3) == (
        "bake", "bake a nice", "nice", "nice cake", "cake",
    )  # fmt: skip
