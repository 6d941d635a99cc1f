import pytest

from assistant.dialogue.requests import Intent
from assistant.errors import ConfigurationError
from finetune.phrasing.grammar import (
    Choice,
    Ref,
    grammar_digest,
    literals,
    load_groups,
    load_templates,
    parse,
)


def test_plain_text_is_one_literal() -> None:
    assert parse("show my orders") == ("show my orders",)


def test_braces_refer_to_slots_and_groups() -> None:
    assert parse("add {qty} more") == ("add ", Ref("qty"), " more")


def test_parentheses_choose_and_brackets_may_be_absent() -> None:
    assert parse("(a|b) [c]") == (
        Choice((("a",), ("b",))),
        " ",
        Choice((("c",), ())),
    )


def test_choices_nest() -> None:
    assert parse("(a [b]|{c})") == (Choice((("a ", Choice((("b",), ()))), (Ref("c"),))),)


def test_a_backslash_takes_a_bracket_literally() -> None:
    assert parse(r"alert\(1\)") == ("alert(1)",)


@pytest.mark.parametrize("line", ["(a|b", "a]", "{open", "a)"])
def test_unmatched_brackets_are_refused(line: str) -> None:
    with pytest.raises(ConfigurationError):
        parse(line)


def test_literals_reach_into_choices() -> None:
    assert list(literals(parse("show (my [old]|all) orders"))) == [
        "show ",
        "my ",
        "old",
        "all",
        " orders",
    ]


def test_groups_keep_no_blanks_around_their_bars() -> None:
    words = ("please", "pls", "plz", "if possible", "thanks", "kindly", "if you can")
    assert load_groups()["pls"][0] == Choice(tuple((word,) for word in words))


def test_every_intent_has_forty_templates_with_different_ids() -> None:
    templates = load_templates()
    counts = {intent: 0 for intent in Intent}
    for template in templates:
        counts[template.intent] += 1
    assert min(counts.values()) >= 40
    assert len({template.id for template in templates}) == len(templates)


def test_a_number_and_a_star_weigh_a_template() -> None:
    weights = {template.node: template.weight for template in load_templates()}
    assert weights[(Ref("thing_query"),)] == 14
    assert weights[(Ref("items"),)] == 1


def test_the_grammars_digest_is_stable() -> None:
    assert grammar_digest() == grammar_digest()
    assert len(grammar_digest()) == 64
