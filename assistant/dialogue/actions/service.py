"""Policy, people, small talk and everything the shop does not do."""

import re
from dataclasses import replace

from assistant.dialogue.actions.scope import Scope
from assistant.dialogue.cards import tool_event
from assistant.dialogue.context import Context, PendingRequest
from assistant.dialogue.events import HandoffEvent, ToolEvent
from assistant.dialogue.grounding import Facts
from assistant.dialogue.outcome import Outcome, Statement
from assistant.dialogue.requests import Intent, Request, Slots

_THANKS = re.compile(r"\b(?:thanks?|thx|ty|cheers|bye|goodbye|great|cool|nice)\b", re.IGNORECASE)
_ABOUT_ORDERS = re.compile(
    r"\b(?:orders?|ordered|items?|bought|purchas\w*|deliver\w*|return\w*|refunds?|exchang\w*|address|"
    r"pay\w*|paid|parcel|package|shipped|sent)\b",
    re.IGNORECASE,
)
_REASON_CHARS = 120
_ABILITIES = (
    "I can find products, fill your cart, look up your orders and tell you the shop's policy.",
    "I am an automated assistant of this shop, not a person.",
    "Ask for a person at any time.",
)


def policy(scope: Scope, request: Request, context: Context) -> Outcome:
    """Quote the shop's policy on a question."""
    section = scope.toolkit.shop_policy(request.text)
    if section is None:
        text = "The shop's policy does not say. Shall I take a message for the staff?"
        return _offer_person(
            context, (text,), tool_event("shop_policy", ok=False, question=request.text)
        )
    return Outcome(
        context=context.model_copy(update={"pending": None}),
        statements=(Statement(f"{section.title}: {section.text}", first=True),),
        events=(tool_event("shop_policy", section=section.title),),
        facts=Facts((section.title, section.text), negative=True),
        talk=False,
    )


def order_change(scope: Scope, request: Request, context: Context) -> Outcome:
    """Say that orders are not changed here, quote the rule and offer a person."""
    section = scope.toolkit.shop_policy(request.text)
    rule = () if section is None else (f"{section.title}: {section.text}",)
    return _offer_person(
        context,
        ("I cannot change, cancel or return orders in this chat.", *rule,
         "Shall I take a message for the staff?"),
        tool_event("shop_policy", section=None if section is None else section.title),
    )  # fmt: skip


def order_rules(scope: Scope, request: Request, context: Context) -> Outcome:
    """Quote the rule that a message about orders asks for, where it names nothing to be done."""
    if _ABOUT_ORDERS.search(request.text) is None:
        return _offer_person(
            context,
            ("That is nothing I can do here; of what is the shop's I change only orders.",
             "Shall I take a message for the staff?"),
            tool_event("shop_policy", ok=False, question=request.text),
        )  # fmt: skip
    told = policy(scope, request, context)
    ask = "To have an order changed, tell me its number or what is in it, and what to do with it."
    return replace(told, statements=(*told.statements, Statement(ask, first=True)))


def human(scope: Scope, request: Request, context: Context) -> Outcome:
    """Put the conversation into the desk's queue; with nobody on duty, take a message too."""
    session = scope.session
    # A "yes" says nothing; what it was said to does.
    pending = context.pending
    asked = pending.text if pending and pending.intent is Intent.HUMAN else request.text
    reason = f"asked for a person: {asked[:_REASON_CHARS]}"
    place = scope.staff.call(session.conversation_id, session.shopper_id, reason)
    texts = _nobody_on_duty(scope) if place is None else _in_the_queue(place)
    return Outcome(
        context=context.model_copy(update={"awaits_message": place is None, "pending": None}),
        statements=tuple(Statement(text, first=True) for text in texts),
        events=(tool_event("contact_staff"), HandoffEvent(reason=reason)),
        talk=False,
    )


def _nobody_on_duty(scope: Scope) -> tuple[str, ...]:
    return (
        "Nobody is on duty right now, but a person will read your message.",
        "Write it as your next message and I keep it for the staff.",
        scope.store.contact,
    )


def _in_the_queue(place: int) -> tuple[str, ...]:
    ahead = "You are next." if place == 1 else f"You are number {place} in the queue."
    return (
        f"A person of the shop will join you here and sees what was said. {ahead}",
        "You can go on asking me meanwhile.",
    )


def small_talk(scope: Scope, request: Request, context: Context) -> Outcome:
    """Be polite and say what the assistant is and can do."""
    if _THANKS.search(request.text):
        return _plainly(context, "You are welcome! Is there anything else you need?")
    shop = (f"This is {scope.store.title}.",) if scope.store.invented else ()
    return _plainly(context, f"Hello! {_ABILITIES[1]}", *shop, _ABILITIES[0], _ABILITIES[2])


def out_of_scope(_scope: Scope, _request: Request, context: Context) -> Outcome:
    """Say what the assistant is not for."""
    return _plainly(
        context,
        "That is outside what I can help with: I am this shop's assistant.",
        _ABILITIES[0],
    )


def unsafe(_scope: Scope, _request: Request, context: Context) -> Outcome:
    """Refuse, without repeating what was asked."""
    return _plainly(
        context,
        "I cannot do that: I only show the signed-in shopper their own data and the shop's "
        "products.",
        "Tell me what you would like to find or know.",
    )


def unclear(_scope: Scope, _request: Request, context: Context) -> Outcome:
    """Ask one question back."""
    return Outcome(
        context=context,
        statements=(
            Statement(
                "I did not get that. Are you looking for a product, your cart or an order?",
                first=True,
            ),
        ),
        talk=False,
        asked_back=True,
    )


def nothing_pending(_scope: Scope, _request: Request, context: Context) -> Outcome:
    """Answer a yes or no that nothing waits for."""
    return Outcome(
        context=context,
        statements=(
            Statement("All right; nothing is waiting for a yes or no.", first=True),
            Statement("What would you like to find or know?", first=True),
        ),
        talk=False,
        asked_back=True,
    )


def declined(_scope: Scope, _request: Request, context: Context) -> Outcome:
    """Drop what waited for a yes."""
    return Outcome(
        context=context.model_copy(update={"pending": None}),
        statements=(Statement("All right, I leave it at that.", first=True),),
        talk=False,
    )


def _plainly(context: Context, *texts: str) -> Outcome:
    return Outcome(
        context=context,
        statements=tuple(Statement(text, first=True) for text in texts),
        talk=False,
    )


def _offer_person(context: Context, texts: tuple[str, ...], event: ToolEvent) -> Outcome:
    pending = PendingRequest(intent=Intent.HUMAN, slots=Slots(), text="a message for the staff")
    return Outcome(
        context=context.model_copy(update={"pending": pending}),
        statements=tuple(Statement(text, first=True) for text in texts),
        events=(event,),
        talk=False,
        asked_back=True,
    )
