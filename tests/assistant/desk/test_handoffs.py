import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from assistant.catalog.database import Database
from assistant.desk.handoffs import Entry, EntryKind, HandoffBook, HandoffState, Standing
from assistant.errors import BadInput, HandoffConflict
from tests.assistant.desk.conftest import Clock


def deeds(handoffs: HandoffBook, conversation: str) -> list[tuple[str, str, str]]:
    return [(e.actor, e.kind.value, e.text) for e in handoffs.entries(conversation)]


def test_the_queue_shows_reasons_the_longest_waiting_first(
    handoffs: HandoffBook, clock: Clock
) -> None:
    handoffs.request("talk-1", "900", "asked for a person")
    clock.pass_by(minutes=4)
    second = handoffs.request("talk-2", None, "two answers failed")
    clock.pass_by(minutes=1)
    first, last = handoffs.queue()
    assert (first.conversation_id, first.shopper_id, first.reason) == (
        "talk-1",
        "900",
        "asked for a person",
    )
    assert clock() - first.requested_at == timedelta(minutes=5)
    assert clock() - last.requested_at == timedelta(minutes=1)
    assert handoffs.place(second) == 2
    handoffs.take(first.id, "Ann")
    assert handoffs.place(second) == 1


def test_a_conversation_in_the_queue_is_not_queued_again(handoffs: HandoffBook) -> None:
    first = handoffs.request("talk", "900", "asked for a person")
    assert handoffs.request("talk", "900", "asked again") == first
    taken = handoffs.take(first.id, "Ann")
    assert handoffs.request("talk", "900", "asked once more") == taken
    assert deeds(handoffs, "talk") == [
        ("shopper", "asked", "asked for a person"),
        ("Ann", "joined", ""),
    ]


def test_the_trail_tells_who_did_what(handoffs: HandoffBook, clock: Clock) -> None:
    handoff = handoffs.request("talk", "900", "asked for a person")
    handoffs.take(handoff.id, "Ann")
    clock.pass_by(seconds=30)
    said = handoffs.say(handoff.id, "Ann", "  Hello!  ")
    handoffs.note(handoff.id, "Ann", EntryKind.PROPOSED, "cancel order 7")
    ended = handoffs.resolve(handoff.id, "Ann")
    assert said == Entry(3, "talk", handoff.id, EntryKind.MESSAGE, "Ann", "Hello!", clock())
    assert deeds(handoffs, "talk") == [
        ("shopper", "asked", "asked for a person"),
        ("Ann", "joined", ""),
        ("Ann", "message", "Hello!"),
        ("Ann", "proposed", "cancel order 7"),
        ("Ann", "resolved", ""),
    ]
    assert (ended.state, ended.closed_at) == (HandoffState.RESOLVED, clock())
    assert handoffs.queue() == ()
    assert handoffs.ended(5) == (ended,)


def test_only_who_has_a_conversation_speaks_and_ends_it(handoffs: HandoffBook) -> None:
    handoff = handoffs.request("talk", None, "asked")
    with pytest.raises(HandoffConflict, match="take it over first"):
        handoffs.say(handoff.id, "Ann", "Hello!")
    handoffs.take(handoff.id, "Ann")
    for step in (
        lambda: handoffs.say(handoff.id, "Bob", "Hello!"),
        lambda: handoffs.hand_back(handoff.id, "Bob"),
        lambda: handoffs.resolve(handoff.id, "Bob"),
        lambda: handoffs.held_by(handoff.id, "Bob"),
        lambda: handoffs.take(handoff.id, "Bob"),
    ):
        with pytest.raises(HandoffConflict, match="Ann has this conversation"):
            step()
    handoffs.hand_back(handoff.id, "Ann")
    with pytest.raises(HandoffConflict, match="has ended"):
        handoffs.say(handoff.id, "Ann", "Wait!")
    with pytest.raises(HandoffConflict, match="no such request"):
        handoffs.take(999, "Ann")


def test_a_shopper_can_always_go_back_to_the_assistant(handoffs: HandoffBook) -> None:
    assert not handoffs.leave("talk")
    handoffs.request("talk", None, "asked")
    assert handoffs.leave("talk")
    assert handoffs.standing("talk") == Standing(ended=1)
    handoff = handoffs.request("talk", None, "asked again")
    handoffs.take(handoff.id, "Ann")
    assert handoffs.leave("talk")
    with pytest.raises(HandoffConflict, match="has ended"):
        handoffs.say(handoff.id, "Ann", "Wait!")
    states = [h.state for h in handoffs.of_conversation("talk")]
    assert states == [HandoffState.WITHDRAWN, HandoffState.RETURNED]


def test_an_empty_or_endless_reply_is_not_sent(handoffs: HandoffBook) -> None:
    handoff = handoffs.request("talk", None, "asked")
    handoffs.take(handoff.id, "Ann")
    with pytest.raises(BadInput, match="Write a reply"):
        handoffs.say(handoff.id, "Ann", " \n")
    with pytest.raises(BadInput, match="4,000 characters"):
        handoffs.say(handoff.id, "Ann", "a" * 4001)


@pytest.mark.parametrize("_round", range(10))
def test_of_agents_who_take_at_once_one_gets_the_conversation(
    handoffs: HandoffBook, _round: int
) -> None:
    handoff = handoffs.request("talk", None, "asked")
    names = [f"Agent {number}" for number in range(8)]
    together = Barrier(len(names))

    def take(name: str) -> bool:
        together.wait()
        try:
            return handoffs.take(handoff.id, name).agent == name
        except HandoffConflict:
            return False

    with ThreadPoolExecutor(len(names)) as threads:
        got = list(threads.map(take, names))
    assert got.count(True) == 1
    (held,) = handoffs.queue()
    assert held.agent == names[got.index(True)]
    assert [e.actor for e in handoffs.entries("talk")] == ["shopper", held.agent]


def test_two_requests_at_once_make_one_hand_off(handoffs: HandoffBook) -> None:
    together = Barrier(4)

    def ask(number: int) -> int:
        together.wait()
        return handoffs.request("talk", None, f"asked {number}").id

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(ask, range(4)))) == 1
    assert len(handoffs.queue()) == 1


def test_a_step_is_told_to_who_follows(database: Database) -> None:
    told: list[str] = []
    handoffs = HandoffBook(database, "corner", told.append)
    handoff = handoffs.request("talk", None, "asked")
    handoffs.take(handoff.id, "Ann")
    handoffs.say(handoff.id, "Ann", "Hello!")
    handoffs.hand_back(handoff.id, "Ann")
    assert told == ["talk"] * 4


def test_stores_do_not_share_their_queues(handoffs: HandoffBook, database: Database) -> None:
    handoff = handoffs.request("talk", None, "asked")
    village = HandoffBook(database, "village")
    assert village.queue() == ()
    with pytest.raises(HandoffConflict, match="no such request"):
        village.take(handoff.id, "Ann")


def test_what_was_said_can_be_erased_while_the_trail_stays(handoffs: HandoffBook) -> None:
    handoff = handoffs.request("talk", "900", "my card was stolen")
    handoffs.take(handoff.id, "Ann")
    handoffs.say(handoff.id, "Ann", "Poor you, 900!")
    other = handoffs.request("other", "901", "asked")
    handoffs.erase(["talk"])
    assert deeds(handoffs, "talk") == [
        ("shopper", "asked", ""),
        ("Ann", "joined", ""),
        ("Ann", "message", ""),
    ]
    assert handoffs.of_conversation("talk")[0].reason == ""
    assert handoffs.of_conversation("other") == (other,)


class HandoffMachine(RuleBasedStateMachine):
    """Any sequence of steps of a shopper and two agents, against a model of one conversation."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._database = Database(f"sqlite:///{Path(self._folder.name) / 'shop.db'}")
        self._database.create_all()
        self.handoffs = HandoffBook(self._database, "corner")
        self.last = 0
        self.state: HandoffState | None = None
        self.agent: str | None = None
        self.ended = 0
        self.trail: list[tuple[str, str]] = []

    def teardown(self) -> None:
        self._database.dispose()
        self._folder.cleanup()

    @property
    def is_open(self) -> bool:
        return self.state in {HandoffState.WAITING, HandoffState.TAKEN}

    def end(self, state: HandoffState, actor: str, kind: str) -> None:
        self.state, self.ended = state, self.ended + 1
        self.trail.append((actor, kind))

    @rule()
    def the_shopper_asks(self) -> None:
        handoff = self.handoffs.request("talk", "900", "asked")
        if self.is_open:
            assert handoff.id == self.last
            return
        assert handoff.id > self.last
        self.last, self.state, self.agent = handoff.id, HandoffState.WAITING, None
        self.trail.append(("shopper", "asked"))

    @rule()
    def the_shopper_leaves(self) -> None:
        assert self.handoffs.leave("talk") == self.is_open
        if self.is_open:
            waits = self.state is HandoffState.WAITING
            after = HandoffState.WITHDRAWN if waits else HandoffState.RETURNED
            self.end(after, "shopper", "left")

    @rule(agent=st.sampled_from(["Ann", "Bob"]))
    def an_agent_takes(self, agent: str) -> None:
        if self.state is HandoffState.WAITING:
            self.handoffs.take(self.last, agent)
            self.state, self.agent = HandoffState.TAKEN, agent
            self.trail.append((agent, "joined"))
        else:
            with pytest.raises(HandoffConflict):
                self.handoffs.take(self.last, agent)

    @rule(agent=st.sampled_from(["Ann", "Bob"]), step=st.sampled_from(["say", "back", "resolve"]))
    def an_agent_acts(self, agent: str, step: str) -> None:
        if self.state is not HandoffState.TAKEN or self.agent != agent:
            with pytest.raises(HandoffConflict):
                self.act(agent, step)
            return
        self.act(agent, step)
        if step == "say":
            self.trail.append((agent, "message"))
        elif step == "back":
            self.end(HandoffState.RETURNED, agent, "returned")
        else:
            self.end(HandoffState.RESOLVED, agent, "resolved")

    def act(self, agent: str, step: str) -> None:
        if step == "say":
            self.handoffs.say(self.last, agent, "Hello!")
        elif step == "back":
            self.handoffs.hand_back(self.last, agent)
        else:
            self.handoffs.resolve(self.last, agent)

    @invariant()
    def the_book_agrees(self) -> None:
        assert self.handoffs.standing("talk") == Standing(
            waiting=self.state is HandoffState.WAITING,
            taken=self.state is HandoffState.TAKEN,
            ended=self.ended,
        )
        queue = self.handoffs.queue()
        assert [(h.id, h.state, h.agent) for h in queue] == (
            [(self.last, self.state, self.agent)] if self.is_open else []
        )
        assert [(e.actor, e.kind.value) for e in self.handoffs.entries("talk")] == self.trail


TestHandoffMachine = HandoffMachine.TestCase
TestHandoffMachine.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
