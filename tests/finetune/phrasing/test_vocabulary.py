from finetune.phrasing.vocabulary import default_vocabulary, vocabulary


def test_catalogue_words_are_lower_case_phrases_without_doubles() -> None:
    words = vocabulary(["Milk", "milk ", "  Rye   bread", "", "x" * 60])
    assert words.catalogue == ("milk", "rye bread")


def test_what_no_grocer_carries_is_there_without_a_catalogue() -> None:
    assert {"oat milk", "iphone", "gluten-free pasta"} <= set(vocabulary([]).absent)


def test_the_default_stores_names_and_keywords_are_read() -> None:
    found = set(default_vocabulary().catalogue)
    assert "milk" in found
    assert not any("," in name for name in found)


def test_all_phrases_cover_products_properties_and_people() -> None:
    phrases = vocabulary(["Zwieback"]).all_phrases
    assert {"zwieback", "oat milk", "organic", "dogs", "household 12"} <= phrases
