"""Turns a wish into a proposal, or says what it still lacks or why it cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.catalog.customers import Customer, PaymentKind, PaymentMethod
from assistant.dialogue.actions.scope import Scope
from assistant.dialogue.orders.addresses import begins_address, read_address
from assistant.dialogue.orders.choosing import Chosen, Unsure, choose_order
from assistant.dialogue.orders.options import Options, choose_option
from assistant.dialogue.orders.payments import means_other, named_methods
from assistant.dialogue.orders.rules import allows, nearest, offers
from assistant.dialogue.orders.wishes import Aim, Lack, OpenWish, OrderTalk, OrderWish
from assistant.dialogue.orders.words import known_reason, words
from assistant.dialogue.wording import joined
from assistant.errors import InvalidArguments, NotFound, PolicyForbids, ToolError
from assistant.orders.orders import Order, OrderLine
from assistant.orders.proposals import Proposal
from assistant.orders.records import Offer
from assistant.tools.order_desk import OrderDesk

_ITEM_AIMS: dict[Aim, tuple[Aim, Aim]] = {
    "change_items": ("change_items", "exchange_items"),
    "exchange_items": ("exchange_items", "change_items"),
}
_ONE_OF = frozenset({"one", "1", "single"})


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal that now waits for the shopper's yes."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Lacking:
    """A question for what a wish lacks; `orders` are shown with it."""

    open: OpenWish
    question: str
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a wish cannot be; `section` is the heading of the policy that says so, `near` what can.

    `offered` False says that the shop does not do such a thing in the chat at all.
    """

    text: str
    section: str = ""
    near: str = ""
    offered: bool = True
    order_id: str | None = None


Step = Proposed | Lacking | Refused


@dataclass(frozen=True, slots=True)
class Completer:
    """Completes wishes from the shopper's own orders, addresses and payment methods."""

    scope: Scope
    desk: OrderDesk
    talk: OrderTalk
    shown: tuple[str, ...]

    def step(self, wish: OrderWish) -> Step:
        """Propose what a wish asks for, ask for what it lacks, or explain why it cannot be."""
        aims = _ITEM_AIMS.get(wish.aim, (wish.aim,))
        if not any(offers(self.desk.policy, aim) for aim in aims):
            return Refused(_NOT_OFFERED[wish.aim], offered=False)
        try:
            if wish.aim == "place_order":
                return self._place(wish)
            if wish.aim == "change_default_address":
                return self._default_address(wish)
            return self._on_order(wish, aims)
        except ToolError as error:
            return Refused(str(error))

    def _place(self, wish: OrderWish) -> Step:
        cart = self.scope.toolkit.cart(self.scope.session)
        if not cart.lines:
            raise InvalidArguments("Your cart is empty; put something into it first.")
        profile = self.desk.profile(self.scope.session)
        address = read_address(wish.address, profile) if wish.address else None
        if wish.address and address is None:
            return self._ask_address(wish, profile)
        method = self._method(wish, profile, cart.total, None)
        if isinstance(method, Lacking):
            return method
        return Proposed(self.desk.place_order(self.scope.session, method.id, address))

    def _default_address(self, wish: OrderWish) -> Step:
        profile = self.desk.profile(self.scope.session)
        address = read_address(wish.address, profile)
        if address is None or address == profile.address:
            return self._ask_address(wish, profile)
        return Proposed(self.desk.change_default_address(self.scope.session, address))

    def _on_order(self, wish: OrderWish, aims: Sequence[Aim]) -> Step:
        found = choose_order(self.scope, wish, aims, self.talk, self.shown)
        if isinstance(found, Unsure):
            return self._ask_order(wish, found)
        order = found.order
        clock = self.scope.store.clock
        aim = next((a for a in aims if allows(self.desk.policy, a, order, clock)), wish.aim)
        if not offers(self.desk.policy, aim):
            aim = next(a for a in aims if offers(self.desk.policy, a))
        settled = wish.model_copy(update={"aim": aim, "order_id": order.id})
        try:
            return self._proposed(settled, found)
        except PolicyForbids as error:
            near = nearest(self.desk.policy, aim, order, clock)
            return Refused(str(error), error.section, near, order_id=order.id)
        except ToolError as error:
            return Refused(str(error), order_id=order.id)

    def _proposed(self, wish: OrderWish, found: Chosen) -> Step:
        self._require_allowed(wish, found.order)
        match wish.aim:
            case "cancel_order":
                return self._cancel(wish, found.order)
            case "change_address":
                return self._address(wish, found.order)
            case "change_payment":
                return self._payment(wish, found.order)
            case "return_items":
                return self._return(wish, found)
            case _:
                return self._other_option(wish, found)

    def _require_allowed(self, wish: OrderWish, order: Order) -> None:
        """Let the policy speak before anything is asked: a proposal that it forbids says why."""
        if not allows(self.desk.policy, wish.aim, order, self.scope.store.clock):
            self._forbidden(wish, order)

    def _forbidden(self, wish: OrderWish, order: Order) -> None:
        session, first = self.scope.session, order.lines[0].product_id
        paid = self.desk.order(session, order.id).original_payment or "unknown"
        match wish.aim:
            case "cancel_order":
                self.desk.cancel_order(session, order.id, wish.reason)
            case "change_address":
                self.desk.change_address(session, order.id, self.desk.profile(session).address)
            case "change_payment":
                self.desk.change_payment(session, order.id, paid)
            case "return_items":
                self.desk.return_items(session, order.id, [first], paid)
            case "change_items":
                self.desk.change_items(session, order.id, [(first, first)], paid)
            case _:
                self.desk.exchange_items(session, order.id, [(first, first)], paid)
        # The shop's clock has moved on since this process read it, so it is allowed after all.
        self.desk.drop(session)

    def _cancel(self, wish: OrderWish, order: Order) -> Step:
        rule = self.desk.policy.cancel
        reasons = rule.reasons if rule is not None else ()
        if not reasons:
            return Proposed(
                self.desk.cancel_order(self.scope.session, order.id, wish.reason.strip(" .,!"))
            )
        reason = known_reason(wish.reason, reasons)
        if reason is None:
            question = f"Why should it be cancelled? An order is cancelled when {_either(reasons)}."
            return self._lacking(wish, "reason", question, reasons)
        return Proposed(self.desk.cancel_order(self.scope.session, order.id, reason))

    def _address(self, wish: OrderWish, order: Order) -> Step:
        profile = self.desk.profile(self.scope.session)
        address = read_address(wish.address, profile)
        if address is None:
            return self._ask_address(wish, profile)
        return Proposed(self.desk.change_address(self.scope.session, order.id, address))

    def _payment(self, wish: OrderWish, order: Order) -> Step:
        profile = self.desk.profile(self.scope.session)
        paid = self.desk.order(self.scope.session, order.id).original_payment
        others = [m for m in profile.payment_methods if m.id != paid]
        if not others:
            now = "".join(m.text for m in profile.payment_methods if m.id == paid)
            raise InvalidArguments(
                f"Order {order.id} is paid with your {now}, and the shop knows no other way to pay"
                " of yours."
            )
        if not wish.payment and not wish.payment_method_id:
            return self._ask_payment(wish, others)
        method = self._method(wish, profile, order.total, paid)
        if isinstance(method, Lacking):
            return method
        return Proposed(self.desk.change_payment(self.scope.session, order.id, method.id))

    def _return(self, wish: OrderWish, found: Chosen) -> Step:
        lines = self._items(wish, found)
        if isinstance(lines, Lacking):
            return lines
        order, profile = found.order, self.desk.profile(self.scope.session)
        paid = self.desk.order(self.scope.session, order.id).original_payment
        method = self._method(wish, profile, 0, paid)
        if isinstance(method, Lacking):
            return method
        one = len(lines) == 1 and bool(_ONE_OF & frozenset(words(wish.what.split("of")[0])))
        units = [line.product_id for line in lines for _ in range(1 if one else line.quantity)]
        return Proposed(self.desk.return_items(self.scope.session, order.id, units, method.id))

    def _items(self, wish: OrderWish, found: Chosen) -> Sequence[OrderLine] | Lacking:
        order = found.order
        if wish.product_ids:
            return [line for line in order.lines if line.product_id in wish.product_ids]
        if wish.whole or len(order.lines) == 1:
            return order.lines
        if found.lines:
            return found.lines
        doing = "return" if wish.aim == "return_items" else "change"
        titles = joined([line.title for line in order.lines])
        question = f"Which items of order {order.id} do you want to {doing}? It holds {titles}."
        ids = tuple(line.product_id for line in order.lines)
        return self._lacking(wish, "items", question, ids, (order,))

    def _other_option(self, wish: OrderWish, found: Chosen) -> Step:
        lines = self._items(wish, found)
        if isinstance(lines, Lacking):
            return lines
        options = [self._options(wish, line) for line in lines]
        settled = [option for option in options if option.chosen is not None]
        option = settled[0] if len(settled) == 1 else options[0]
        line = option.line
        wish = wish.model_copy(update={"product_ids": (line.product_id,)})
        if option.chosen is None:
            if not option.available:
                raise InvalidArguments(f"There is no other option of {line.title} to be had.")
            return self._lacking(wish, "option", option.question(self.scope.money), option.ids)
        wish = wish.model_copy(update={"new_product_id": option.chosen.product_id})
        return self._swapped(wish, found.order, option, option.chosen)

    def _options(self, wish: OrderWish, line: OrderLine) -> Options:
        offers = self.desk.product_options(line.family_id) if line.family_id else ()
        return choose_option(line, offers, f"{wish.into} {wish.what}", wish.new_product_id)

    def _swapped(self, wish: OrderWish, order: Order, option: Options, new: Offer) -> Step:
        profile = self.desk.profile(self.scope.session)
        paid = self.desk.order(self.scope.session, order.id).original_payment
        difference = option.difference
        # Where the price stays the same nothing moves, so no payment method has to be named.
        method = self._method(wish, profile, max(difference, 0), None if difference else paid)
        if isinstance(method, Lacking):
            return method
        pairs = [(option.line.product_id, new.product_id)] * option.line.quantity
        ask = self.desk.change_items if wish.aim == "change_items" else self.desk.exchange_items
        return Proposed(ask(self.scope.session, order.id, pairs, method.id))

    def _method(
        self, wish: OrderWish, profile: Customer, needed: int, usual: str | None
    ) -> PaymentMethod | Lacking:
        """Return the method that a wish names, the `usual` one or the only one; else ask."""
        methods = profile.payment_methods
        chosen = [m for m in methods if m.id == wish.payment_method_id]
        if not chosen and wish.payment:
            chosen = list(named_methods(wish.payment, methods))
            if means_other(wish.payment):
                chosen = [m for m in methods if m.id != usual]
            if not chosen:
                return self._ask_payment(
                    wish, methods, "The shop knows no such way to pay of yours. "
                )
        elif not chosen:
            chosen = [m for m in methods if m.id == usual] or list(methods)
        if len(chosen) != 1:
            return self._ask_payment(wish, chosen)
        method = chosen[0]
        if method.kind is PaymentKind.GIFT_CARD and (method.balance or 0) < needed:
            left = [m for m in methods if m is not method]
            why = (
                f"Your {method.text} holds {self.scope.money(method.balance or 0)} and"
                f" {self.scope.money(needed)} is needed. "
            )
            return self._ask_payment(wish, left, why)
        return method

    def _ask_payment(
        self, wish: OrderWish, methods: Sequence[PaymentMethod], why: str = ""
    ) -> Lacking:
        if not methods:
            raise NotFound(f"{why}There is no way to pay of yours that could be used.")
        ways = _either([f"your {method.text}" for method in methods])
        ids = tuple(method.id for method in methods)
        cleared = wish.model_copy(update={"payment": "", "payment_method_id": None})
        return self._lacking(cleared, "payment", f"{why}Which payment method: {ways}?", ids)

    def _ask_address(self, wish: OrderWish, profile: Customer) -> Lacking:
        names = [f"“{saved.name}”" for saved in profile.saved_addresses]
        saved = f" or name a saved one ({joined(names)})" if names else ""
        part = "That is not a whole address yet. " if begins_address(wish.address) else ""
        question = f"{part}Which address? Write street, city, state and postcode{saved}."
        return self._lacking(wish.model_copy(update={"address": ""}), "address", question)

    def _ask_order(self, wish: OrderWish, found: Unsure) -> Lacking:
        absent = f"I find no “{found.absent}” in your orders. " if found.absent else ""
        question = f"{absent}Which order do you mean? Tell me its number or what is in it."
        ids = tuple(order.id for order in found.orders)
        cleared = wish.model_copy(update={"what": ""}) if found.absent else wish
        return self._lacking(cleared, "order", question, ids, found.orders)

    def _lacking(
        self,
        wish: OrderWish,
        lacks: Lack,
        question: str,
        ids: Sequence[str] = (),
        orders: tuple[Order, ...] = (),
    ) -> Lacking:
        return Lacking(OpenWish(wish=wish, lacks=lacks, offered=tuple(ids)), question, orders)


def _either(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} or {parts[-1]}"


_NOT_OFFERED: dict[Aim, str] = {
    "cancel_order": "Orders cannot be cancelled in this chat.",
    "change_items": "The items of an order cannot be changed in this chat.",
    "change_address": "The address of an order cannot be changed in this chat.",
    "change_payment": "The payment of an order cannot be changed in this chat.",
    "return_items": "Items cannot be returned in this chat.",
    "exchange_items": "Items cannot be exchanged in this chat.",
    "change_default_address": "Your address cannot be changed in this chat.",
    "place_order": "Orders cannot be placed in this chat; the cart only adds up prices.",
}
