from assistant.dialogue.requests import Intent
from assistant.evaluation.expectations import SlotRules
from assistant.evaluation.slots import judge_slots
from tests.assistant.evaluation.small_shop import asked


def test_each_stated_slot_is_judged_with_what_filled_it() -> None:
    request = asked(
        Intent.FIND, {"query": "model", "max_price": "rule"}, query="ground coffee", max_price=400
    )
    rules = SlotRules(query_words=("Coffee",), max_price=500)
    found = {v.slot: (v.source, v.right) for v in judge_slots([rules], [request])}
    assert found == {"query_words": ("model", True), "max_price": ("rule", False)}


def test_slots_that_are_not_stated_are_not_judged() -> None:
    assert judge_slots([SlotRules()], [asked(Intent.FIND, query="milk")]) == ()
    assert judge_slots([None], [asked(Intent.FIND, query="milk")]) == ()


def test_stated_null_wants_the_slot_empty() -> None:
    rules = SlotRules(max_price=None)
    empty = judge_slots([rules], [asked(Intent.FIND)])[0]
    filled = judge_slots([rules], [asked(Intent.FIND, {"max_price": "rule"}, max_price=1)])[0]
    assert (empty.right, empty.source) == (True, "nothing")
    assert (filled.right, filled.source) == (False, "rule")


def test_request_that_is_not_there_makes_its_slots_wrong() -> None:
    found = judge_slots([SlotRules(quantity=2)], [])
    assert [(v.source, v.right) for v in found] == [("nothing", False)]


def test_list_items_need_one_request_item_each_and_no_more() -> None:
    rules = SlotRules(items_words=("milk", "egg"))
    items = [{"query": "eggs", "quantity": 1}, {"query": "milk", "quantity": 1}]
    assert judge_slots([rules], [asked(Intent.SHOPPING_LIST, items=items)])[0].right
    assert not judge_slots([rules], [asked(Intent.SHOPPING_LIST, items=items[:1])])[0].right
    more = [*items, {"query": "milk", "quantity": 1}]
    assert not judge_slots([rules], [asked(Intent.SHOPPING_LIST, items=more)])[0].right


def test_a_references_place_is_credited_to_what_filled_the_reference() -> None:
    request = asked(Intent.CART_ADD, {"reference": "rule"}, reference="ordinal", reference_index=2)
    found = judge_slots([SlotRules.model_validate({"reference_index": 2})], [request])[0]
    assert (found.right, found.source) == (True, "rule")
