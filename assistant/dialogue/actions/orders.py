"""Changes of orders by chat: proposed one at a time, made only after the shopper's yes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.dialogue.actions import service
from assistant.dialogue.actions.scope import Scope
from assistant.dialogue.cards import cart_event, orders_event, proposal_event, tool_event
from assistant.dialogue.context import Context
from assistant.dialogue.events import TurnEvent
from assistant.dialogue.orders.answers import ALL_OF_IT
from assistant.dialogue.orders.completing import Completer, Lacking, Proposed, Refused
from assistant.dialogue.orders.telling import Committed, summary
from assistant.dialogue.orders.wishes import OrderTalk, OrderWish
from assistant.dialogue.outcome import Outcome, Statement
from assistant.dialogue.requests import Request
from assistant.dialogue.wording import joined
from assistant.errors import NotFound, StillRunning, ToolError
from assistant.orders.proposals import Outcome as Decided
from assistant.orders.proposals import Proposal
from assistant.tools.order_desk import OrderDesk

_SIGN_IN = (
    "Please sign in first: only a signed-in customer's own orders can be seen or changed here."
)
_SHALL_I = "Shall I do that? Answer yes to confirm, or no to leave it as it is."


@dataclass(slots=True)
class _Told:
    """What a turn about orders has come to so far."""

    context: Context
    texts: list[str] = field(default_factory=list)
    events: list[TurnEvent] = field(default_factory=list)
    asks_for: str = ""
    asked_back: bool = False

    def outcome(self) -> Outcome:
        return Outcome(
            context=self.context.model_copy(update={"pending": None}),
            statements=tuple(Statement(text, first=True) for text in self.texts),
            events=tuple(self.events),
            talk=False,
            asked_back=self.asked_back,
            asks_for=self.asks_for,
        )


def change(scope: Scope, request: Request, context: Context) -> Outcome:
    """Propose what was asked for, or ask for what it lacks; the old answer where nothing may be."""
    wish = request.wish
    if scope.desk is None:
        return service.order_change(scope, request, context)
    if wish is None:
        return service.order_rules(scope, request, context)
    if scope.session.shopper_id is None:
        told = _Told(_talking(context, OrderTalk()), [_SIGN_IN], asks_for="sign_in")
        told.events.append(tool_event("propose", ok=False, action=wish.aim))
        return told.outcome()
    if wish.aim == "gift_card_balance":
        return _balances(scope, scope.desk, context)
    if wish.aim == "refund_status":
        return _refunds(scope, scope.desk, wish, context)
    told = _Told(context)
    _go_on(scope, scope.desk, (wish, *context.order_talk.later), told)
    return told.outcome()


def confirm(scope: Scope, request: Request, context: Context) -> Outcome:
    """Carry out what was proposed last, and go on with what else was wished for."""
    talk, desk = context.order_talk, scope.desk
    if desk is None or talk.proposed is None:
        return service.nothing_pending(scope, request, context)
    told = _Told(context)
    try:
        # A typed yes and the page's button share the key, so that both together act once.
        confirmed = desk.confirm(scope.session, talk.proposed, f"yes {talk.proposed}")
    except ToolError as error:
        told.texts.append(str(error))
        told.events.append(tool_event("confirm", ok=False, proposal_id=talk.proposed))
        if isinstance(error, StillRunning):
            return told.outcome()
    else:
        _tell_committed(scope, desk, confirmed.outcome, told)
    told.context = _talking(told.context, talk.model_copy(update={"proposed": None, "later": ()}))
    _go_on(scope, desk, talk.later, told)
    return told.outcome()


def decline(scope: Scope, request: Request, context: Context) -> Outcome:
    """Drop what was proposed or asked; other wishes of the shopper go on."""
    talk, desk = context.order_talk, scope.desk
    if desk is None or (talk.proposed is None and talk.open is None):
        return service.declined(scope, request, context)
    if talk.proposed is not None:
        desk.drop(scope.session)
    told = _Told(_talking(context, OrderTalk(spoken_of=talk.spoken_of)))
    told.texts.append("All right, I leave it at that; nothing was changed.")
    if talk.proposed is not None and ALL_OF_IT.search(request.text) is None:
        _go_on(scope, desk, talk.later, told)
    return told.outcome()


def _go_on(scope: Scope, desk: OrderDesk, wishes: Sequence[OrderWish], told: _Told) -> None:
    """Take wishes in turn until one is proposed or asks something back."""
    for place, wish in enumerate(wishes):
        completer = Completer(scope, desk, told.context.order_talk, told.context.orders)
        step = completer.step(wish)
        later = tuple(wishes[place + 1 :])
        if isinstance(step, Refused):
            _tell_refused(scope, wish, step, told)
            continue
        if isinstance(step, Proposed):
            _tell_proposed(scope, step.proposal, later, told)
        else:
            _tell_lacking(scope, step, later, told)
        return


def _tell_proposed(
    scope: Scope, proposal: Proposal, later: tuple[OrderWish, ...], told: _Told
) -> None:
    said = summary(proposal.action, proposal.effects, scope.money)
    order_id = None if proposal.action == "place_order" else proposal.effects.order_id
    told.texts += [said, _SHALL_I]
    told.events += [
        tool_event("propose", action=proposal.action, order_id=order_id),
        proposal_event(proposal, said, scope.store.timezone),
    ]
    spoken = _spoken_of(told.context, order_id)
    told.context = _talking(
        told.context, OrderTalk(proposed=proposal.id, later=later, spoken_of=spoken)
    )
    if order_id is not None:
        told.context = told.context.model_copy(update={"orders": (order_id,)})


def _tell_lacking(scope: Scope, step: Lacking, later: tuple[OrderWish, ...], told: _Told) -> None:
    told.texts.append(step.question)
    told.asked_back, told.asks_for = True, step.open.lacks
    spoken = _spoken_of(told.context, step.open.wish.order_id)
    told.context = _talking(told.context, OrderTalk(open=step.open, later=later, spoken_of=spoken))
    if step.orders:
        told.events.append(orders_event(step.orders, scope.store.timezone))
        shown = tuple(order.id for order in step.orders)
        told.context = told.context.model_copy(update={"orders": shown, "shown": ()})


def _tell_refused(scope: Scope, wish: OrderWish, step: Refused, told: _Told) -> None:
    """Say why not, with the rule word for word and the nearest thing that can be done."""
    toolkit = scope.toolkit
    section = toolkit.policy_section(step.section)
    if section is None and not step.offered:
        section = toolkit.shop_policy(wish.text)
    told.texts.append(step.text)
    if section is not None:
        told.texts.append(f"{section.title}: {section.text}")
    if not step.offered:
        told.texts.append("Ask for a person if you want the shop's staff to look at it.")
    elif step.near:
        told.texts.append(step.near)
    told.events.append(
        tool_event(
            "propose",
            ok=False,
            action=wish.aim,
            order_id=step.order_id,
            section=None if section is None else section.title,
        )
    )
    spoken = _spoken_of(told.context, step.order_id)
    told.context = _talking(told.context, OrderTalk(spoken_of=spoken))
    if step.order_id is not None:
        told.context = told.context.model_copy(update={"orders": (step.order_id,)})


def _tell_committed(scope: Scope, desk: OrderDesk, decided: Decided, told: _Told) -> None:
    """Say what happened as the database now has it."""
    action, order_id = decided.action, decided.order_id
    told.events.append(
        tool_event("confirm", proposal_id=decided.proposal_id, action=action, order_id=order_id)
    )
    if order_id is None:
        home = desk.profile(scope.session).address.text
        told.texts.append(f"New orders now go to {home}.")
        return
    told.texts += _committed(scope, desk, order_id).told(action, decided.proposal_id)
    orders = scope.toolkit.orders_named(scope.session, [order_id])
    told.events.append(orders_event(orders, scope.store.timezone))
    if action == "place_order":
        told.events.append(cart_event(scope.toolkit.cart(scope.session)))
    told.context = told.context.model_copy(update={"orders": (order_id,), "shown": ()})


def _committed(scope: Scope, desk: OrderDesk, order_id: str) -> Committed:
    return Committed(
        order=desk.order(scope.session, order_id),
        customer=desk.profile(scope.session),
        policy=desk.policy,
        money=scope.money,
        title=lambda product_id: desk.product_option(product_id).title,
    )


def _balances(scope: Scope, desk: OrderDesk, context: Context) -> Outcome:
    told = _Told(context)
    try:
        cards = desk.gift_cards(scope.session)
    except NotFound as error:
        told.texts.append(str(error))
        told.events.append(tool_event("gift_card_balance", ok=False))
    else:
        held = [f"your {card.text} holds {scope.money(card.balance or 0)}" for card in cards]
        text = joined(held) if held else "you have no gift card with this shop"
        told.texts.append(f"{text[0].upper()}{text[1:]}.")
        told.events.append(tool_event("gift_card_balance"))
    _show_again(scope, desk, told)
    return told.outcome()


def _refunds(scope: Scope, desk: OrderDesk, wish: OrderWish, context: Context) -> Outcome:
    """Say which refunds are due and when they arrive, from the orders' rows and the policy."""
    told = _Told(context)
    orders = scope.toolkit.list_orders(scope.session, limit=_RECENT)
    ids = [wish.order_id] if wish.order_id else [order.id for order in orders]
    try:
        found = [(order_id, _committed(scope, desk, order_id).refunds_told()) for order_id in ids]
    except ToolError as error:
        told.texts.append(str(error))
        found = []
    due = next(((order_id, texts) for order_id, texts in found if texts), None)
    if due is not None:
        told.texts += [f"Order {due[0]}:", *due[1]]
    elif not told.texts:
        told.texts.append("I find no refund in your recent orders.")
    section = scope.toolkit.policy_section(desk.policy.refunds.section)
    if section is not None:
        told.texts.append(f"{section.title}: {section.text}")
    told.events.append(tool_event("refund_status", ok=due is not None))
    _show_again(scope, desk, told)
    return told.outcome()


def _show_again(scope: Scope, desk: OrderDesk, told: _Told) -> None:
    """Show what still waits for a yes once more, since the yes has to follow it."""
    waiting = desk.pending(scope.session) if told.context.order_talk.proposed else None
    if waiting is None:
        return
    said = summary(waiting.action, waiting.effects, scope.money)
    told.texts += [f"Still to confirm: {said}", _SHALL_I]
    told.events.append(proposal_event(waiting, said, scope.store.timezone))


def _talking(context: Context, talk: OrderTalk) -> Context:
    return context.model_copy(update={"order_talk": talk})


def _spoken_of(context: Context, order_id: str | None) -> tuple[str, ...]:
    spoken = context.order_talk.spoken_of
    if order_id is None or order_id in spoken:
        return spoken
    return (*spoken, order_id)


_RECENT = 10
