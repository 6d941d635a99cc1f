"""What a message means for the orders, before anything else is understood of it.

A yes counts only right after a proposal; whatever else is said drops what was proposed.
"""

from dataclasses import dataclass

from assistant.dialogue.actions.scope import Scope
from assistant.dialogue.context import Context
from assistant.dialogue.orders.answers import filled, is_no, is_yes, may_answer
from assistant.dialogue.orders.choosing import LOOKED_AT, Shelf
from assistant.dialogue.orders.reading import Heard, read_wishes
from assistant.dialogue.orders.rules import allows
from assistant.dialogue.orders.wishes import Aim, OpenWish, OrderTalk, OrderWish
from assistant.dialogue.requests import Intent, Request, Slots
from assistant.errors import ToolError
from assistant.tools.order_desk import OrderDesk

_MOST_TRIES = 1
_DROPPED = "I have dropped what I proposed; nothing was changed."
_READS = frozenset({"gift_card_balance", "refund_status"})


@dataclass(frozen=True, slots=True)
class Hearing:
    """Requests about orders, what is left to be understood, and what to say before all else."""

    requests: tuple[Request, ...]
    rest: str
    context: Context
    note: str = ""


def hear(scope: Scope, text: str, context: Context, confirms: str | None = None) -> Hearing:
    """Take out of a message what is about changing orders; `confirms` is a pressed button's."""
    desk = scope.desk
    if desk is None:
        return Hearing((), text, context)
    talk = context.order_talk
    if confirms is not None:
        pressed = talk.model_copy(update={"proposed": confirms})
        return _heard(Intent.CONFIRM, text, _talking(context, pressed))
    if talk.proposed is not None and is_yes(text):
        return _heard(Intent.CONFIRM, text, context)
    if (talk.proposed is not None or talk.open is not None) and is_no(text):
        return _heard(Intent.DECLINE, text, context)
    heard = _sure(scope, desk, read_wishes(text), context)
    if talk.open is not None:
        answer = _answered(scope, desk, talk.open, heard, text)
        if answer is not None:
            opened = talk.model_copy(update={"open": None})
            return _wished(text, answer, "", _talking(context, opened))
    return _afresh(scope, heard, text, context)


def let_go(scope: Scope, context: Context) -> tuple[Context, str]:
    """Drop what was proposed or asked, as any change of mind does; return what to say of it."""
    talk = context.order_talk
    dropped = scope.desk is not None and talk.proposed is not None and _drop(scope, scope.desk)
    spoken = OrderTalk(spoken_of=talk.spoken_of)
    return _talking(context, spoken), _DROPPED if dropped else ""


def _afresh(scope: Scope, heard: Heard, text: str, context: Context) -> Hearing:
    """Go on with the wishes of a message, or leave all of it to be understood."""
    talk = context.order_talk
    if talk.proposed is not None and heard.wishes and heard.wishes[0].aim in _READS:
        return _wished(text, heard.wishes[0], heard.rest, context)
    if heard.denied and not heard.wishes:
        said = _heard(Intent.DECLINE, text, context)
        return Hearing(said.requests, heard.rest, context)
    let, note = let_go(scope, context)
    if not heard.wishes:
        return Hearing((), text, let, note)
    first, *later = heard.wishes
    waiting = let.order_talk.model_copy(update={"later": tuple(later)})
    hearing = _wished(text, first, heard.rest, _talking(let, waiting))
    return Hearing(hearing.requests, hearing.rest, hearing.context, note)


def _answered(
    scope: Scope, desk: OrderDesk, waiting: OpenWish, heard: Heard, text: str
) -> OrderWish | None:
    """Return the open wish with the message's answer, or once more if it tried to answer."""
    if heard.wishes and heard.wishes[0].aim != waiting.wish.aim and waiting.lacks != "address":
        return None
    answer = filled(scope, desk, waiting, text)
    if answer is not None:
        return answer
    again = waiting.tries < _MOST_TRIES and may_answer(text) and not heard.wishes
    return waiting.wish.model_copy(update={"tries": waiting.tries + 1}) if again else None


def _sure(scope: Scope, desk: OrderDesk, heard: Heard, context: Context) -> Heard:
    """Leave a wish that names no order to the cart, unless it fits the shopper's orders alone."""
    if not heard.unsure or _about_orders(scope, desk, heard.wishes[0], context):
        return heard
    return Heard((), heard.rest)


def _about_orders(scope: Scope, desk: OrderDesk, wish: OrderWish, context: Context) -> bool:
    shelf = Shelf(scope)
    if scope.session.shopper_id is None:
        return False
    if not shelf.naming(wish.what):
        return wish.it and len(context.orders) == 1 and not context.shown
    cart = scope.toolkit.cart(scope.session).lines
    titles = " ".join(line.title for line in cart)
    if shelf.naming(wish.what) & shelf.naming(titles):
        return False
    aims: tuple[Aim, ...] = (wish.aim,)
    if wish.aim == "change_items":
        aims = ("change_items", "exchange_items")
    orders = scope.toolkit.list_orders(scope.session, limit=LOOKED_AT)
    clock = scope.store.clock
    return any(
        shelf.score(wish.what, order)[0] and allows(desk.policy, aim, order, clock)
        for order in orders
        for aim in aims
    )


def _drop(scope: Scope, desk: OrderDesk) -> bool:
    try:
        return desk.drop(scope.session)
    except ToolError:
        return False


def _talking(context: Context, talk: OrderTalk) -> Context:
    return context.model_copy(update={"order_talk": talk})


def _heard(intent: Intent, text: str, context: Context) -> Hearing:
    return Hearing((Request(intent, Slots(), text, 1.0),), "", context)


def _wished(text: str, wish: OrderWish, rest: str, context: Context) -> Hearing:
    request = Request(Intent.ORDER_CHANGE, _slots(wish), text, 1.0, wish=wish)
    return Hearing((request,), rest, context)


def _slots(wish: OrderWish) -> Slots:
    return Slots(order_id=wish.order_id)
