import pytest

from finetune.phrasing.keys import template_key, training_templates


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Find me oat milk under $3!", "find me chicken breast under 12.50 dollars"),
        ("Add two of the second one, please.", "add 5 of the 3rd one"),
        ("do you have organic bananas?", "Do you have coffee"),
        ("hi, where is order 31198570044", "where is order #W4412"),
        ("what's the price of apples", "what’s the price of apple"),
    ],
)
def test_sentences_of_one_template_have_one_key(one: str, other: str) -> None:
    assert template_key(one) == template_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("find me oat milk", "get me oat milk"),
        ("add two of the second one", "add the second one"),
        ("when did i buy coffee", "when did i last buy coffee"),
    ],
)
def test_other_phrasings_have_other_keys(one: str, other: str) -> None:
    assert template_key(one) != template_key(other)


def test_placeholders_stand_for_what_varies() -> None:
    assert template_key("Find me oat milk under $3") == "find me <thing> under <price>"
    assert template_key("the 2nd one") == "the <nth> <number>"


def test_what_the_classifier_was_trained_on_is_known() -> None:
    known = training_templates()
    assert template_key("do you have oat milk?") in known
    assert template_key("a sentence about seventeen purple llamas on holiday") not in known
