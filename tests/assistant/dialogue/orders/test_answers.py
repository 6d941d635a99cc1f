import pytest

from assistant.dialogue.orders.answers import is_no, is_yes, may_answer


@pytest.mark.parametrize(
    "text", ["yes", "Yes please!", "ok", "yep, go ahead", "do it", "I confirm"]
)
def test_an_exact_yes_is_one(text: str) -> None:
    assert is_yes(text)
    assert not is_no(text)


@pytest.mark.parametrize(
    "text",
    [
        "yes but send it to work",
        "yes?? what",
        "thanks",
        "please",
        "not yes",
        "yes to the other",
        "",
    ],
)
def test_anything_besides_the_yes_makes_it_none(text: str) -> None:
    assert not is_yes(text)


@pytest.mark.parametrize(
    "text", ["no", "nope", "actually no, keep it", "never mind", "cancel that"]
)
def test_a_no_is_one(text: str) -> None:
    assert is_no(text)
    assert not is_yes(text)


def test_a_question_or_a_long_text_is_no_answer() -> None:
    assert may_answer("the blue one")
    assert not may_answer("what does the blue one cost?")
    assert not may_answer("word " * 20)
