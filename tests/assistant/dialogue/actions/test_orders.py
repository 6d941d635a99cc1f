"""Orders changed by talking: nothing without an exact yes, and words only from what is stored."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from assistant.dialogue.events import CartEvent, OrdersEvent, ToolEvent
from assistant.llm.scripted import ScriptedChat
from assistant.orders.planning import Planner
from assistant.orders.proposals import wall_clock
from assistant.orders.schema import proposals
from assistant.tools.order_desk import OrderDesk
from assistant.wiring import OpenStore
from tests.assistant.dialogue.orders.conftest import OrderChat, proposed, said, tools

Opens = Callable[[str | None], OrderChat]
PENDING = "2626942"  # Priya's (103): five items for $95.00, paid with her only card
SHIPPED = "2626392"  # Desmond's (102)


async def test_a_yes_right_after_the_proposal_cancels_and_tells_the_stored_state(
    chat_of: Opens,
) -> None:
    chat = chat_of("103")
    event = proposed(await chat.say("cancel my coffee order"))
    assert event is not None
    assert event.action == "cancel_order"
    assert event.parameters["order_id"] == PENDING
    assert chat.order(PENDING).status == "pending"
    events = await chat.say("yes")
    kinds = [e.type for e in events if isinstance(e, ToolEvent | OrdersEvent)]
    assert kinds == ["tool", "orders"]
    assert chat.order(PENDING).status == "cancelled"
    assert "is now cancelled" in said(events)
    assert "$95.00 goes back to your Visa card ending in 0935" in said(events)


async def test_anything_but_an_exact_yes_drops_the_proposal(chat_of: Opens) -> None:
    chat = chat_of("103")
    for answer in ("yes but not the coffee", "show me kettles", "hmm", "no"):
        await chat.say("cancel my coffee order")
        await chat.say(answer)
        assert chat.desk.pending(chat.session) is None, answer
        await chat.say("yes")
        assert chat.order(PENDING).status == "pending", answer


async def test_two_wishes_are_proposed_one_after_the_other(chat_of: Opens) -> None:
    chat = chat_of("103")
    first = await chat.say("cancel the coffee order and send the box grater back")
    assert (event := proposed(first)) is not None and event.action == "cancel_order"
    second = await chat.say("yes")
    assert (event := proposed(second)) is not None and event.action == "return_items"
    assert chat.order("2624580").status == "delivered"
    await chat.say("yes")
    assert chat.order("2624580").status == "return requested"


async def test_a_declined_wish_leaves_the_next_one_to_be_decided(chat_of: Opens) -> None:
    chat = chat_of("103")
    await chat.say("cancel the coffee order and send the box grater back")
    event = proposed(await chat.say("no"))
    assert event is not None and event.action == "return_items"
    assert proposed(await chat.say("never mind")) is None
    assert chat.order(PENDING).status == "pending"


async def test_what_policy_forbids_is_explained_with_the_rule_and_what_can_be_done(
    chat_of: Opens,
) -> None:
    chat = chat_of("102")
    events = await chat.say(f"cancel order {SHIPPED}")
    assert proposed(events) is None
    assert tools(events) == [("propose", False)]
    assert "An order that has been shipped cannot be cancelled" in said(events)
    assert "It can be sent back once it has arrived." in said(events)


async def test_what_is_missing_is_asked_for_and_the_next_message_completes_it(
    chat_of: Opens,
) -> None:
    chat = chat_of("106")
    asked = await chat.say("send my order to my new address")
    assert proposed(asked) is None
    event = proposed(await chat.say("12 Alder Street, Stillmere, VT 00252"))
    assert event is not None and event.action == "change_address"
    await chat.say("yes")
    address = chat.order("2626509").address
    assert address is not None and address.line1 == "12 Alder Street"


async def test_a_reason_is_asked_for_where_the_policy_accepts_only_some(
    invented_store: OpenStore,
) -> None:
    assert invented_store.desk is not None and invented_store.desk.policy.cancel is not None
    reasons = ("no longer needed", "ordered by mistake")
    rule = invented_store.desk.policy.cancel.model_copy(update={"reasons": reasons})
    policy = invented_store.desk.policy.model_copy(update={"cancel": rule})
    store = invented_store.catalogue.store
    desk = OrderDesk(invented_store.database, store, Planner(policy, store.currency))
    strict = replace(invented_store, desk=desk)
    assistant = strict.assistant(ScriptedChat(always=lambda _call: ""))
    chat = OrderChat(strict, assistant, strict.log.open(None, "103"))
    asked = await chat.say("cancel my coffee order, it is too expensive")
    assert proposed(asked) is None
    assert "when no longer needed or ordered by mistake" in said(asked)
    event = proposed(await chat.say("I don't need it anymore"))
    assert event is not None and event.parameters["reason"] == "no longer needed"


async def test_another_matter_ends_an_open_question(chat_of: Opens) -> None:
    chat = chat_of("106")
    await chat.say("send my order to my new address")
    await chat.say("what is your return policy?")
    assert proposed(await chat.say("12 Alder Street, Stillmere, VT 00252")) is None


async def test_the_cart_becomes_an_order_and_is_empty_afterwards(chat_of: Opens) -> None:
    chat = chat_of("103")
    chat.store.carts.add(chat.session.cart_owner, "MB5106-2", 2)
    await chat.say("check out")
    events = await chat.say("yes")
    newest = chat.store.toolkit.order_status(chat.session, None)
    assert [(line.product_id, line.quantity) for line in newest.lines] == [("MB5106-2", 2)]
    assert newest.status == "pending"
    assert [e.items for e in events if isinstance(e, CartEvent)] == [()]
    assert f"Order {newest.id} is placed and pending" in said(events)


async def test_an_expired_proposal_is_explained_and_does_nothing(chat_of: Opens) -> None:
    chat = chat_of("103")
    await chat.say("cancel my coffee order")
    with chat.store.database.write() as connection:
        past = wall_clock() - timedelta(minutes=1)
        connection.execute(update(proposals).values(expires_at=past))
    events = await chat.say("yes")
    assert tools(events) == [("confirm", False)]
    assert "expired" in said(events)
    assert chat.order(PENDING).status == "pending"


async def test_a_changed_situation_is_explained_and_does_nothing(chat_of: Opens) -> None:
    chat = chat_of("103")
    chat.store.carts.add(chat.session.cart_owner, "MB5106-2", 1)
    await chat.say("check out")
    chat.store.carts.add(chat.session.cart_owner, "MB5311-1", 1)
    events = await chat.say("yes")
    assert "Things have changed" in said(events)
    assert chat.store.toolkit.order_status(chat.session, None).id == PENDING


async def test_the_button_confirms_its_own_proposal_only(chat_of: Opens) -> None:
    chat = chat_of("103")
    first = proposed(await chat.say("cancel my coffee order"))
    second = proposed(await chat.say("send my order to work"))
    assert first is not None and second is not None
    stale = await chat.say("Yes", confirms=first.id)
    assert tools(stale) == [("confirm", False)]
    assert chat.order(PENDING).status == "pending"
    await chat.say("Yes", confirms=second.id)
    address = chat.order(PENDING).address
    assert address is not None and address.line1 == "1200 Foundry Plaza"


async def test_the_button_pressed_twice_acts_once_and_answers_the_same(chat_of: Opens) -> None:
    chat = chat_of("103")
    event = proposed(await chat.say("return the box grater"))
    assert event is not None
    once = await chat.say("Yes", confirms=event.id)
    again = await chat.say("Yes", confirms=event.id)
    assert said(once) == said(again)
    assert len(chat.order("2624580").changes) == 1


async def test_another_customers_proposal_and_order_are_nobodys(chat_of: Opens) -> None:
    mine, theirs = chat_of("103"), chat_of("104")
    event = proposed(await mine.say("cancel my coffee order"))
    assert event is not None
    stolen = await theirs.say("Yes", confirms=event.id)
    assert "no such proposal" in said(stolen)
    assert mine.order(PENDING).status == "pending"
    named = await theirs.say(f"cancel order {PENDING}")
    assert proposed(named) is None
    assert "You have no order" in said(named)


async def test_a_guest_is_asked_to_sign_in(chat_of: Opens) -> None:
    events = await chat_of(None).say("cancel my order")
    assert proposed(events) is None
    assert "sign in" in said(events)


async def test_a_refund_question_shows_the_proposal_again_so_that_a_yes_follows_it(
    chat_of: Opens,
) -> None:
    chat = chat_of("103")
    event = proposed(await chat.say("cancel my coffee order"))
    again = await chat.say("when would I get my refund?")
    assert proposed(again) == event
    assert "within 3 to 5 business days" in said(again)
    await chat.say("yes")
    assert chat.order(PENDING).status == "cancelled"


async def test_a_gift_cards_balance_is_told_from_the_database(chat_of: Opens) -> None:
    events = await chat_of("105").say("what's the balance on my gift card?")
    assert tools(events) == [("gift_card_balance", True)]
    assert "holds $25.00" in said(events)


async def test_near_misses_change_and_propose_nothing(chat_of: Opens) -> None:
    chat = chat_of("103")
    for text in ("cancel my newsletter", "can I cancel an order?", "don't cancel my order"):
        assert proposed(await chat.say(text)) is None, text
    assert chat.order(PENDING).status == "pending"


async def test_an_open_wish_survives_a_restart(chat_of: Opens) -> None:
    before = chat_of("106")
    await before.say("send my order to my new address")
    after = OrderChat(before.store, chat_of(None).assistant, before.conversation)
    assert proposed(await after.say("12 Alder Street, Stillmere, VT 00252")) is not None
