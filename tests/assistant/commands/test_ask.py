"""`ask` without an engine: the plain rendering, and whose conversation it is."""

from assistant.dialogue.events import DoneEvent, ProductsEvent, printed_events
from tests.assistant.commands.conftest import Command


def test_every_line_is_an_event_and_the_last_says_what_was_down(command: Command) -> None:
    ended = command("ask", "Do you have milk?", "--json")
    events = [printed_events.validate_json(line) for line in ended.out.splitlines()]
    assert ended.status == 0
    assert [item.id for e in events if isinstance(e, ProductsEvent) for item in e.items] == [
        "m1",
        "h1",
    ]
    done = events[-1]
    assert isinstance(done, DoneEvent)
    assert done.degraded == ("engine",)
    assert not any(isinstance(event, DoneEvent) for event in events[:-1])


def test_a_person_reads_products_and_text(command: Command) -> None:
    ended = command("ask", "What do I usually buy?", "--shopper", "ann")
    assert ended.status == 0
    assert "     $2.49  Milk, 1 gal  Bought twice, last on 13 Apr\n" in ended.out
    assert ended.out.endswith("\n(without: engine)\n")


def test_an_unknown_shopper_is_bad_usage(command: Command) -> None:
    ended = command("ask", "hello", "--shopper", "zoe", "--json")
    assert (ended.status, ended.out) == (2, "")
    assert "no shopper 'zoe'" in ended.err


def test_an_unknown_store_is_bad_usage(command: Command) -> None:
    ended = command("ask", "hello", "--store", "nowhere", "--json")
    assert (ended.status, ended.out) == (2, "")


def test_a_conversation_goes_on_for_its_shopper_and_nobody_else(command: Command) -> None:
    chat = ("--conversation", "c-1", "--json")
    assert command("ask", "Do you have milk?", "--shopper", "ann", *chat).status == 0
    added = command("ask", "add the second one", "--shopper", "ann", *chat)
    assert '"type":"cart","items":[{"product_id":"h1"' in added.out
    for other in ((), ("--shopper", "bob")):
        refused = command("ask", "show my cart", *other, *chat)
        assert (refused.status, refused.out) == (2, "")
