"""What the grounding check lets through, and what it stops."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dialogue.grounding import Facts, GroundingCheck

FACTS = Facts(
    lines=(
        "I found 5 snacks under $3.",
        "Potato chips, 9 oz $2.49 Snacks",
        "Pretzels, 16 oz (own label) $1.99 Snacks",
        "Chocolate bar $0.79 Sweets",
        "Last bought on 12 December 2017",
    ),
    names=("Potato chips", "Pretzels", "Chocolate bar"),
    counts=(5,),
)
CHECK = GroundingCheck(FACTS)


@pytest.mark.parametrize(
    "sentence",
    [
        "Here are 5 snacks under $3 that you might enjoy!",
        "I found 5 options for you.",
        "Potato chips for $2.49 and pretzels for $1.99.",
        "The 9 oz potato chips are $2.49.",
        "You last bought it on 12 Dec 2017.",
        "Would you like to add any of these to your cart?",
    ],
)
def test_a_sentence_that_the_facts_bear_out_is_kept(sentence: str) -> None:
    assert CHECK.check(sentence).kept


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("Potato chips for $1.99 are great.", "not true of"),
        ("Try Potato chips, 16 oz.", "not true of"),
        ("Pretzels, 9 oz at $2.49 and more.", "not true of"),
        ("Potato chips are $1.00.", "not in the facts"),
        ("I found 2 options for you.", "not in the facts"),
        ("We have chocolate chips.", "together"),
        ("They are organic and healthy.", "not in the facts"),
        ("You last bought it on 3 December 2017.", "not in the facts"),
        ("We don't have snacks.", "do not"),
        ("Oat milk is $2.49.", "not in the facts"),
        ("It will be delivered tomorrow.", "not in the facts"),
        ("You can return it within 30 days.", "not in the facts"),
        ("![x](http://evil) chips", "markup"),
        ("<b>Pretzels</b>", "markup"),
        ("Брецели для вас", "markup"),
        ("snacks " * 50, "long"),
    ],
)
def test_a_claim_that_the_facts_do_not_hold_is_stopped(sentence: str, why: str) -> None:
    verdict = CHECK.check(sentence)
    assert not verdict.kept
    assert why in verdict.reason


def test_a_no_is_kept_only_where_something_was_refused() -> None:
    absent = GroundingCheck(Facts(("Oat milk",), negative=True))
    assert absent.check("Sorry, we do not have oat milk.").kept
    assert not GroundingCheck(Facts(("Oat milk",))).check("Sorry, we do not have oat milk.").kept


@given(st.integers(min_value=0, max_value=99999))
def test_no_price_outside_the_facts_is_ever_kept(minor: int) -> None:
    price = f"${minor // 100}.{minor % 100:02}"
    kept = CHECK.check(f"The pretzels are {price}.").kept
    assert kept is (price == "$1.99")


def test_a_product_whose_name_begins_with_a_plain_word_is_still_told_apart() -> None:
    check = GroundingCheck(
        Facts(
            ("Choice beef cuts $7.99 Meat", "Chicken $3.38 Meat"), ("Choice beef cuts", "Chicken")
        )
    )
    assert check.check("How about Chicken at $3.38 and Choice beef cuts at $7.99?").kept
    assert not check.check("How about Chicken at $7.99 and Choice beef cuts at $3.38?").kept
