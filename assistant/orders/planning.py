"""What a request does under a policy: pure functions from a situation to effects.

The same plan is made when a change is proposed and again when it is confirmed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.catalog.customers import PaymentKind, PaymentMethod
from assistant.errors import InvalidArguments, PolicyForbids
from assistant.orders import checks, money
from assistant.orders.effects import Effects, LineEffect, LineKind, StockEffect
from assistant.orders.policy import OrderPolicy, ReturnRule
from assistant.orders.records import Offer, OrderRecord, Situation
from assistant.orders.requests import (
    CancelOrder,
    ChangeAddress,
    ChangeDefaultAddress,
    ChangeItems,
    ChangePayment,
    ExchangeItems,
    PlaceOrder,
    Request,
    ReturnItems,
)
from assistant.orders.units import Units, all_units, named_units


@dataclass(frozen=True, slots=True)
class Planner:
    """The rules of one shop; `currency` is the one its messages are in."""

    policy: OrderPolicy
    currency: str

    def plan(self, request: Request, situation: Situation) -> Effects:
        """Return exactly what the request would change.

        Raises PolicyForbids, InvalidArguments or NotFound, in words for the customer.
        """
        match request:
            case ChangeDefaultAddress():
                return self._change_default_address(request, situation)
            case PlaceOrder():
                return self._place(request, situation)
        order = checks.require_order(situation)
        match request:
            case CancelOrder():
                return self._cancel(request, order, situation)
            case ChangeItems():
                return self._change_items(request, order, situation)
            case ChangeAddress():
                return self._change_address(request, order)
            case ChangePayment():
                return self._change_payment(request, order, situation)
            case ReturnItems():
                return self._return(request, order, situation)
            case ExchangeItems():
                return self._exchange(request, order, situation)

    def _cancel(self, request: CancelOrder, order: OrderRecord, situation: Situation) -> Effects:
        rule = checks.allowed(self.policy.cancel, order, request.action, "Cancelling")
        if rule.reasons and request.reason not in rule.reasons:
            raise InvalidArguments(
                f"An order is cancelled for one of these reasons: {', '.join(rule.reasons)}."
            )
        units = all_units(order)
        return Effects(
            order_id=order.id,
            status_before=order.status,
            status=rule.becomes,
            lines=tuple(_line("cancelled", part) for part in units),
            money=money.refunds_of_everything(order, situation, self.policy.refunds),
            stock=self._stock(_back(units)),
            reason=request.reason or None,
        )

    def _change_items(
        self, request: ChangeItems, order: OrderRecord, situation: Situation
    ) -> Effects:
        doing = "Changing items"
        rule = checks.allowed(self.policy.change_items, order, request.action, doing)
        checks.require_recent(rule.within_days, order, situation, rule.section)
        swap = self._swap(request, order, situation)
        settled = money.settlement(swap.difference, swap.method, self.policy.refunds)
        return Effects(
            order_id=order.id,
            status_before=order.status,
            status=rule.becomes,
            lines=tuple(_line("changed", part, swap.new[part.tag]) for part in swap.units),
            money=(settled,),
            stock=self._stock((*_back(swap.units), *_out(swap.units))),
            payment_method_id=swap.method.id,
            difference=swap.difference,
        )

    def _exchange(
        self, request: ExchangeItems, order: OrderRecord, situation: Situation
    ) -> Effects:
        rule = checks.allowed(self.policy.exchange_items, order, request.action, "Exchanging")
        checks.require_recent(rule.within_days, order, situation, rule.section)
        swap = self._swap(request, order, situation)
        settled = money.settlement(swap.difference, swap.method, self.policy.refunds, booked=False)
        return Effects(
            order_id=order.id,
            status_before=order.status,
            status=rule.becomes,
            lines=tuple(_line("exchanged", part, swap.new[part.tag]) for part in swap.units),
            money=(settled,),
            stock=self._stock(_out(swap.units)),
            payment_method_id=swap.method.id,
            difference=swap.difference,
        )

    def _swap(
        self, request: ChangeItems | ExchangeItems, order: OrderRecord, situation: Situation
    ) -> "_Swap":
        units = named_units(
            order,
            [change.product_id for change in request.changes],
            [change.new_product_id for change in request.changes],
        )
        new = checks.require_other_options(units, situation)
        method = checks.require_method(situation, request.payment_method_id)
        cost = sum(new[part.tag].price * part.quantity for part in units)
        difference = cost - sum(part.total for part in units)
        checks.require_covered(method, difference, self.currency)
        return _Swap(units, new, method, difference)

    def _change_address(self, request: ChangeAddress, order: OrderRecord) -> Effects:
        rule = self.policy.change_address
        checks.allowed(rule, order, request.action, "Changing the address")
        return Effects(
            order_id=order.id,
            status_before=order.status,
            address_before=order.address,
            address=request.address,
        )

    def _change_payment(
        self, request: ChangePayment, order: OrderRecord, situation: Situation
    ) -> Effects:
        rule = self.policy.change_payment
        checks.allowed(rule, order, request.action, "Changing the payment")
        method = checks.require_method(situation, request.payment_method_id)
        entries = money.repayment(order, method, situation, self.policy.refunds)
        checks.require_covered(method, entries[0].amount, self.currency)
        return Effects(
            order_id=order.id,
            status_before=order.status,
            money=entries,
            payment_method_id=method.id,
        )

    def _return(self, request: ReturnItems, order: OrderRecord, situation: Situation) -> Effects:
        rule = checks.allowed(self.policy.return_items, order, request.action, "Returning")
        checks.require_recent(rule.within_days, order, situation, rule.section)
        units = named_units(order, request.product_ids)
        _require_returnable(units, rule)
        method = checks.require_method(situation, request.payment_method_id)
        _require_route(method, order, rule)
        amount = sum(part.total for part in units)
        return Effects(
            order_id=order.id,
            status_before=order.status,
            status=rule.becomes,
            lines=tuple(_line("returned", part) for part in units),
            money=(money.refund(amount, method, self.policy.refunds, booked=False),),
            payment_method_id=method.id,
        )

    def _change_default_address(
        self, request: ChangeDefaultAddress, situation: Situation
    ) -> Effects:
        checks.offered(self.policy.change_default_address, "Changing the default address")
        return Effects(address_before=situation.customer.address, address=request.address)

    def _place(self, request: PlaceOrder, situation: Situation) -> Effects:
        rule = checks.offered(self.policy.place_order, "Ordering")
        if not situation.cart:
            raise InvalidArguments("The cart is empty; put something into it first.")
        checks.require_stock(situation, Counter(dict(situation.cart)))
        method = checks.require_method(situation, request.payment_method_id)
        lines = tuple(_ordered(situation, number) for number in range(len(situation.cart)))
        total = sum(line.total for line in lines)
        checks.require_covered(method, total, self.currency)
        return Effects(
            order_id=request.order_id,
            status=rule.becomes,
            lines=lines,
            money=(money.payment(total, method),),
            stock=self._stock(StockEffect(product_id=p, units=-n) for p, n in situation.cart),
            address=request.address or situation.customer.address,
            payment_method_id=method.id,
        )

    def _stock(self, effects: Iterable[StockEffect]) -> tuple[StockEffect, ...]:
        return tuple(effects) if self.policy.counts_stock else ()


@dataclass(frozen=True, slots=True)
class _Swap:
    """Units and the offers that take their place, by product id; `difference` in minor units."""

    units: tuple[Units, ...]
    new: Mapping[str, Offer]
    method: PaymentMethod
    difference: int


def _require_returnable(units: Sequence[Units], rule: ReturnRule) -> None:
    for part in units:
        if part.line.aisle in rule.excluded_aisles:
            raise PolicyForbids(f"{part.line.title} cannot be returned.", rule.section)


def _require_route(method: PaymentMethod, order: OrderRecord, rule: ReturnRule) -> None:
    routes = {
        "original": method.id == order.original_payment,
        "gift_card": method.kind is PaymentKind.GIFT_CARD,
        "any": True,
    }
    if not any(routes[route] for route in rule.refund_to):
        raise PolicyForbids(
            f"The refund cannot go to your {method.text}; it can go to"
            f" {' or '.join(_ROUTES[route] for route in rule.refund_to)}.",
            rule.section,
        )


_ROUTES = {
    "original": "what the order was paid with",
    "gift_card": "a gift card of yours",
    "any": "any of your payment methods",
}


def _line(kind: LineKind, part: Units, new: Offer | None = None) -> LineEffect:
    return LineEffect(
        kind=kind,
        line=part.line.number,
        quantity=part.quantity,
        product_id=part.line.product_id,
        title=part.line.title,
        total=part.total,
        new_product_id=new.product_id if new else None,
        new_title=new.title if new else None,
        new_total=new.price * part.quantity if new else None,
    )


def _ordered(situation: Situation, number: int) -> LineEffect:
    product_id, quantity = situation.cart[number]
    offer = situation.offers[product_id]
    return LineEffect(
        kind="ordered",
        line=number,
        quantity=quantity,
        product_id=product_id,
        title=offer.title,
        total=offer.price * quantity,
    )


def _back(units: Sequence[Units]) -> Iterator[StockEffect]:
    for part in units:
        yield StockEffect(product_id=part.line.product_id, units=part.quantity)


def _out(units: Sequence[Units]) -> Iterator[StockEffect]:
    for part in units:
        yield StockEffect(product_id=part.tag, units=-part.quantity)
