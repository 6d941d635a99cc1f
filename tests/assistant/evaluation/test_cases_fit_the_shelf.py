"""What committed cases look for on cards is on the default store's shelves."""

from collections.abc import Iterator

from assistant.catalog.completejourney.loader import STORE_NAME
from assistant.catalog.completejourney.vocabulary import read_vocabulary
from assistant.evaluation.cases import Case, read_cases
from assistant.evaluation.expectations import CardRule, Expect, Words
from assistant.evaluation.words import says_any
from assistant.prompting import PROMPTS

LABELS = [label for label in read_vocabulary().types.values() if label is not None]


def card_rules(expect: Expect) -> Iterator[CardRule]:
    for rule in (
        expect.products_all,
        expect.products_any,
        expect.products_none,
        expect.products_first,
    ):
        if rule is not None:
            yield rule


def title_words(expect: Expect) -> Iterator[Words]:
    yield from expect.list_covers or ()
    yield from (line.title_any for line in expect.cart or () if line.title_any is not None)
    yield from (rule.title_any for rule in card_rules(expect) if rule.title_any is not None)


def _grocery_cases() -> list[Case]:
    return [c for c in read_cases([PROMPTS / "cases"]) if c.store == STORE_NAME]


def test_every_title_that_a_case_wants_is_on_some_shelf_label() -> None:
    shelf = "\n".join(label.name for label in LABELS)
    lost = {
        (case.id, words)
        for case in _grocery_cases()
        for turn in case.turns
        for words in title_words(turn.expect)
        if not says_any(shelf, words)
    }
    assert lost == set()


def test_every_aisle_that_a_case_names_exists() -> None:
    aisles = {label.aisle for label in LABELS}
    named = {
        aisle
        for case in _grocery_cases()
        for turn in case.turns
        for rule in card_rules(turn.expect)
        for aisle in rule.aisle_any or ()
    }
    assert named <= aisles
