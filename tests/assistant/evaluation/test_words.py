import pytest

from assistant.evaluation.words import assigned, says


@pytest.mark.parametrize(
    ("title", "phrase", "held"),
    [
        ("Large eggs, 1 dozen", "egg", True),
        ("Large eggs, 1 dozen", "Eggs", True),
        ("Roma tomatoes", "tomato", True),
        ("Instant oatmeal", "oat", False),
        ("Pineapple", "apple", False),
        ("Hamburger buns", "ham", False),
        ("Strawberries, 16 oz", "strawberries", True),
        ("Kids' cereal", "kids", True),
        ("Dry dog food", "dog food", True),
        ("Dog food, dry", "food dog", False),
    ],
)
def test_whole_words_count_in_singular_and_plural(title: str, phrase: str, held: bool) -> None:
    assert says(title, phrase) is held


def test_one_card_cannot_stand_for_two_items() -> None:
    assert not assigned([frozenset({0}), frozenset({0})])


def test_an_item_moves_to_another_card_where_that_makes_room() -> None:
    # The first item takes card 0, the second only fits card 0: the first must move to card 1.
    assert assigned([frozenset({0, 1}), frozenset({0}), frozenset({2})])


def test_nothing_wanted_is_always_assigned() -> None:
    assert assigned([])
