import json
from collections import Counter
from random import Random

import pytest

from assistant.dialogue.requests import Intent, Pointer, Slots
from assistant.errors import ConfigurationError
from finetune.phrasing.generator import Example, Generator, as_json, digest
from finetune.phrasing.grammar import Template, parse
from finetune.phrasing.noise import Noise
from finetune.phrasing.vocabulary import vocabulary

CLEAN = Noise(clean=1.0, sentence_case=0.0)
WORDS = vocabulary(["Milk", "Rye bread"])


def rendered(line: str, intent: Intent = Intent.FIND, seed: int = 0) -> Example:
    template = Template("test/1", intent, parse(line))
    return Generator(WORDS, CLEAN).render(template, Random(seed))


def test_a_price_ceiling_is_gold_in_minor_units() -> None:
    found = rendered("under {max}")
    assert found.slots.max_price is not None
    whole = found.slots.max_price // 100
    assert found.text.startswith("under ")
    assert str(whole) in found.text or whole <= 10


def test_a_range_has_its_ceiling_above_its_floor() -> None:
    for seed in range(50):
        slots = rendered("between {min} and {max}", seed=seed).slots
        assert slots.min_price is not None
        assert slots.max_price is not None
        assert slots.min_price < slots.max_price


def test_the_last_one_counts_from_the_end_and_ordinals_from_one() -> None:
    for seed in range(60):
        found = rendered("{nth}", Intent.DETAILS, seed)
        assert found.slots.reference is not None
        index = found.slots.reference.index
        backwards = any(word in found.text for word in ("last", "bottom", "final"))
        assert (index == -1) is backwards


def test_the_first_reference_of_two_is_gold() -> None:
    reference = rendered("the cheapest: {cheapest} or {it}", Intent.DETAILS).slots.reference
    assert reference is not None
    assert reference.pointer is Pointer.CHEAPEST


def test_a_list_has_its_items_in_order_with_their_quantities() -> None:
    for seed in range(50):
        found = rendered("{items}", Intent.SHOPPING_LIST, seed)
        places = [found.text.find(item.query) for item in found.slots.items]
        assert len(places) >= 2
        assert -1 not in places
        assert all(item.quantity >= 1 for item in found.slots.items)


def test_own_label_and_cheapest_first_are_gold() -> None:
    slots = rendered("the {cheap} {own} {product}").slots
    assert slots.own_label is True
    assert slots.cheapest_first is True
    assert rendered("{national} {product}").slots.own_label is False


def test_a_trailing_underscore_leaves_no_slot() -> None:
    assert rendered("{thing} {qty_} {max_} {attribute_}").slots == Slots()


def test_an_order_id_is_gold_as_it_stands() -> None:
    found = rendered("where is {order}", Intent.ORDER_STATUS)
    assert found.slots.order_id is not None
    assert found.slots.order_id in found.text


def test_an_unknown_name_in_a_template_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"words\.txt"):
        rendered("{nonsense}")


def test_every_template_renders_and_gold_text_stands_in_the_example() -> None:
    generator = Generator(WORDS, Noise(clean=0.0, typo=1.0, shouted=0.2))
    rng = Random(3)
    for template in generator.templates:
        found = generator.render(template, rng)
        slots = found.slots
        spans = [item.query for item in slots.items]
        spans += [slots.query] if slots.query else []
        spans += [slots.reference.words] if slots.reference and slots.reference.words else []
        assert found.text
        assert all(span in found.text for span in spans), found


def test_the_same_seed_makes_the_same_examples_and_another_seed_others() -> None:
    first, again, other = (Generator(WORDS).examples(20, seed) for seed in (1, 1, 2))
    assert digest(first) == digest(again)
    assert digest(first) != digest(other)


def test_intents_get_their_share_of_different_texts() -> None:
    made = Generator(WORDS).examples(30, 1, {Intent.FIND: 2.0})
    counts = Counter(example.intent for example in made)
    assert counts[Intent.FIND] == 60
    assert counts[Intent.POLICY] == 30
    texts = [(example.intent, example.text) for example in made]
    assert len(set(texts)) == len(texts)


def test_a_heavy_template_comes_as_often_as_it_weighs() -> None:
    generator = Generator(WORDS, CLEAN)
    light = Template("find/1", Intent.FIND, parse("look for {product} {order}"))
    heavy = Template("find/2", Intent.FIND, parse("seek {product} {order}"), weight=3)
    others = tuple(each for each in generator.templates if each.intent is not Intent.FIND)
    generator.templates = (light, heavy, *others)
    made = generator.examples(40, 5)
    counts = Counter(each.template_id for each in made if each.intent is Intent.FIND)
    assert counts == {"find/1": 10, "find/2": 30}


def test_all_wordings_of_a_template_can_be_had() -> None:
    template = Template("test/1", Intent.ORDERS, parse("(show|list) my [old] orders"))
    assert set(Generator(WORDS).sentences(template, 10, Random(0))) == {
        "show my old orders",
        "show my orders",
        "list my old orders",
        "list my orders",
    }


def test_of_very_many_wordings_some_are_drawn() -> None:
    template = Template("test/1", Intent.ORDERS, parse("(a|b)(a|b)(a|b)"))
    assert len(list(Generator(WORDS).sentences(template, 5, Random(0)))) == 5


def test_json_leaves_out_what_was_not_said_but_keeps_a_no() -> None:
    record = json.loads(as_json(rendered("{national} {product}")))
    assert record["slots"].keys() == {"query", "own_label"}
    assert record["slots"]["own_label"] is False
    assert record["intent"] == "find"


def test_the_digest_depends_on_gold_slots() -> None:
    one = Example("milk", Intent.FIND, Slots(query="milk"), "find/1", "milk")
    other = Example("milk", Intent.FIND, Slots(), "find/1", "milk")
    assert digest([one]) != digest([other])
