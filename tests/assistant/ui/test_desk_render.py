"""Nothing that a person wrote becomes markup, on either page."""

from datetime import UTC, datetime

import pytest

from assistant.catalog.customers import Address, Customer, PaymentKind, PaymentMethod
from assistant.desk.customers import CustomerFile
from assistant.desk.handoffs import Entry, EntryKind, Handoff, HandoffState
from assistant.desk.summary import Summary
from assistant.orders.cart import Cart
from assistant.orders.effects import Effects
from assistant.orders.proposals import Proposal
from assistant.orders.requests import CancelOrder
from assistant.tools.memory import Habit, Remembered
from assistant.ui.render import Renderer
from tests.assistant.catalog.conftest import a_store
from tests.assistant.ui.test_render import PAYLOADS, Markup

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def a_handoff(text: str, state: HandoffState = HandoffState.TAKEN) -> Handoff:
    return Handoff(7, text, text, text, state, text, NOW, NOW, None)


def a_customer(text: str) -> Customer:
    method = PaymentMethod(text, PaymentKind.CARD, text, "1234")
    return Customer("900", text, text, text, Address(*[text] * 6), (method,))


def pages(renderer: Renderer, text: str) -> list[str]:
    handoff = a_handoff(text)
    entry = Entry(1, text, 7, EntryKind.MESSAGE, text, text, NOW)
    remembered = Remembered(a_customer(text), (Habit(text, text, 2, NOW),), (text,))
    return [
        *(
            renderer.deed(Entry(1, text, 7, kind, actor, text, NOW))
            for kind in EntryKind
            for actor in (text, "shopper")
        ),
        renderer.person(handoff, 1),
        renderer.person(a_handoff(text, HandoffState.WAITING), 2),
        renderer.page("desk/topbar.html", agent=text),
        renderer.page("desk/sign_in.html", name=text, complaint=text),
        renderer.page("desk/bar.html", handoff=handoff, mine=False),
        renderer.page(
            "desk/queue.html",
            groups=(("Waiting", [handoff]),),
            chosen=text,
            waited=lambda _handoff: text,
            shopper=lambda _handoff: text,
        ),
        renderer.page(
            "desk/side.html",
            handoff=handoff,
            mine=True,
            summary=Summary(text, text, 1, 1, (text,)),
            file=CustomerFile(a_customer(text)),
            trail=(entry,),
            words=lambda _proposal: text,
            policy=None,
            complaint=text,
        ),
        renderer.page(
            "memory.html",
            signed_in=True,
            remembered=remembered,
            habits=remembered.habits,
            conversations=1,
            cart=Cart((), "USD"),
            complaint=text,
            done=text,
        ),
    ]


@pytest.mark.parametrize("acts", [True, False])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_people_write_stays_text(payload: str, acts: bool) -> None:
    renderer = Renderer(a_store(), acts=acts)
    for hostile, harmless in zip(pages(renderer, payload), pages(renderer, "x"), strict=True):
        seen, expected = Markup(hostile), Markup(harmless)
        assert seen.tags == expected.tags
        assert {name: len(values) for name, values in seen.attributes.items()} == {
            name: len(values) for name, values in expected.attributes.items()
        }


def test_a_waiting_change_has_buttons_for_the_shopper_alone() -> None:
    proposal = Proposal(
        "p-1", CancelOrder(order_id="7"), Effects(order_id="7"), "digest", "pending", NOW
    )
    for acts, count in ((True, 1), (False, 0)):
        shown = Markup(Renderer(a_store(), acts=acts).proposal(proposal)).attributes
        assert shown.get("data-yes", []) == ["p-1"] * count
        assert shown.get("data-no", []) == ["p-1"] * count


def test_the_desk_offers_each_step_to_who_may_take_it() -> None:
    renderer = Renderer(a_store(), acts=False)
    steps = {}
    for state in HandoffState:
        for mine in (True, False):
            bar = Markup(renderer.page("desk/bar.html", handoff=a_handoff("x", state), mine=mine))
            steps[state.value, mine] = bar.attributes.get("data-step", [])
    # `mine` is true only of a conversation that is with the agent now.
    assert steps["waiting", False] == ["take"]
    assert steps["taken", True] == ["hand_back", "resolve"]
    assert steps["taken", False] == steps["resolved", False] == steps["returned", False] == []
