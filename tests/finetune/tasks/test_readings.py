import pytest

from assistant.dialogue.requests import Intent, ListItem, Pointer, Reference, Slots
from finetune.phrasing import Generator, default_vocabulary
from finetune.tasks.readings import (
    Reading,
    parse_readings,
    readings_json,
    slot_pairs,
)

READINGS = [
    Reading(Intent.FIND, Slots(query="oat milk", max_price=300, own_label=False)),
    Reading(Intent.SHOPPING_LIST, Slots(items=(ListItem("eggs", 12), ListItem("7 up")))),
    Reading(Intent.CART_ADD, Slots(quantity=2, reference=Reference(Pointer.ORDINAL, index=-1))),
    Reading(Intent.CART_SET, Slots(reference=Reference(Pointer.NAMED, words="the brie"))),
    Reading(Intent.DETAILS, Slots(reference=Reference(Pointer.CHEAPEST))),
    Reading(Intent.ORDER_STATUS, Slots(order_id="#W123")),
    Reading(Intent.REFINE, Slots(cheapest_first=True, aisle="dairy", min_price=50)),
]


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.intent)
def test_a_reading_comes_back_as_it_was_written(reading: Reading) -> None:
    assert parse_readings(readings_json([reading])) == (reading,)


def test_words_of_the_message_begin_with_a_blank() -> None:
    assert '"query":" oat milk"' in readings_json(READINGS)
    assert '" 12 x eggs"' in readings_json(READINGS)


def test_every_reading_of_the_grammar_comes_back() -> None:
    for example in Generator(default_vocabulary()).examples(per_intent=8, seed=1):
        written = readings_json([Reading(example.intent, example.slots)])
        (back,) = parse_readings(written) or ()
        assert back.intent is example.intent
        assert slot_pairs(back.slots) == slot_pairs(example.slots), written


def test_the_intent_comes_first() -> None:
    assert readings_json(READINGS[:1]) == (
        '[{"find":{"query":" oat milk","max_price":300,"own_label":false}}]'
    )


@pytest.mark.parametrize("output", ["", "[]", "{}", "[1]", '[{"fly":{}}]', '[{"find":1}]', "5"])
def test_what_is_no_list_of_requests_is_not_read(output: str) -> None:
    assert parse_readings(output) is None


def test_slots_of_a_wrong_kind_are_left_out() -> None:
    output = '[{"find":{"query":3,"max_price":"cheap","items":"x","own_label":1}}]'
    assert parse_readings(output) == (Reading(Intent.FIND, Slots()),)
