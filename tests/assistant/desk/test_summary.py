from datetime import timedelta

import pytest

from assistant.desk.handoffs import HandoffBook
from assistant.desk.summary import Heard, in_words, summarise, waited
from tests.assistant.desk.conftest import Clock


def test_a_summary_tells_reason_waiting_time_and_wishes(
    handoffs: HandoffBook, clock: Clock
) -> None:
    handoff = handoffs.request("talk", "900", "asked for a person")
    clock.pass_by(minutes=7, seconds=40)
    heard = (
        Heard("where is order 71", ("order_status",)),
        Heard("asdf", ("unclear",)),
        Heard("milk and cancel it", ("find", "order_change")),
        Heard("to the person", ()),
    )
    told = summarise(handoff, heard, clock())
    assert told.reason == "asked for a person"
    assert told.waiting == "waiting 7 min"
    assert (told.messages, told.not_understood) == (4, 1)
    assert told.wants == (
        "order status: where is order 71",
        "find and order change: milk and cancel it",
    )


def test_the_waiting_time_stands_still_once_a_person_came(
    handoffs: HandoffBook, clock: Clock
) -> None:
    handoff = handoffs.request("talk", "900", "asked")
    clock.pass_by(minutes=3)
    taken = handoffs.take(handoff.id, "Ann")
    clock.pass_by(hours=5)
    assert waited(taken, clock()) == "waited 3 min"


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(seconds=59), "under a minute"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(days=3, hours=20), "3 d"),
    ],
)
def test_time_is_told_in_its_largest_unit(time: timedelta, words: str) -> None:
    assert in_words(time) == words
