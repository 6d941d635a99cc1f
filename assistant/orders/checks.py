"""The checks that several rules share; each raises what the customer is told."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from assistant.catalog.customers import PaymentKind, PaymentMethod
from assistant.catalog.products import money
from assistant.errors import InvalidArguments, NotFound, PolicyForbids
from assistant.orders.policy import Rule
from assistant.orders.records import Offer, OrderRecord, Situation
from assistant.orders.units import Units

AnyRule = TypeVar("AnyRule")
StatusRule = TypeVar("StatusRule", bound=Rule)


def require_order(situation: Situation) -> OrderRecord:
    """Return the order the request is about."""
    if situation.order is None:
        raise NotFound("You have no such order; ask for your orders to see their numbers.")
    return situation.order


def offered(rule: AnyRule | None, doing: str) -> AnyRule:
    """Return the rule on an action; raises PolicyForbids where the shop has none."""
    if rule is None:
        raise PolicyForbids(f"{doing} is not possible here; a person at the shop can help.", "")
    return rule


def allowed(rule: StatusRule | None, order: OrderRecord, action: str, doing: str) -> StatusRule:
    """Return the rule on an action, in words `doing`, if the order's status allows it.

    Raises PolicyForbids otherwise, and where the action is allowed once and was done before.
    """
    rule = offered(rule, doing)
    if order.status not in rule.when:
        raise PolicyForbids(
            f"Order {order.id} is {order.status}; {doing.lower()} is possible only"
            f" while an order is {' or '.join(rule.when)}.",
            rule.section,
        )
    if rule.once and order.has_had(action):
        raise PolicyForbids(
            f"{doing} is possible only once, and order {order.id} has had it.", rule.section
        )
    return rule


def require_recent(
    days: int | None, order: OrderRecord, situation: Situation, section: str
) -> None:
    """Raise PolicyForbids for an order placed more than `days` days before the shop's clock."""
    if days is not None and situation.clock - order.placed_at > timedelta(days=days):
        raise PolicyForbids(
            f"Order {order.id} was placed more than {days} days ago, too long for that.", section
        )


def require_method(situation: Situation, payment_method_id: str) -> PaymentMethod:
    """Return the customer's payment method of that id."""
    method = situation.method(payment_method_id)
    if method is None:
        own = ", ".join(m.id for m in situation.customer.payment_methods) or "none"
        raise NotFound(f"You have no payment method {payment_method_id!r}; yours are: {own}.")
    return method


def require_covered(method: PaymentMethod, amount: int, currency: str) -> None:
    """Raise InvalidArguments where a gift card's balance is less than what it has to pay."""
    if method.kind is PaymentKind.GIFT_CARD and (method.balance or 0) < amount:
        raise InvalidArguments(
            f"Gift card {method.id} holds {money(method.balance or 0, currency)} and"
            f" {money(amount, currency)} is needed; choose another way to pay."
        )


def require_other_options(units: Sequence[Units], situation: Situation) -> dict[str, Offer]:
    """Return the new products of a change, each tagged in `units`, by id.

    Raises InvalidArguments for one that is absent, of another family, or the same as before, and
    where the shop has fewer than wanted.
    """
    for part in units:
        offer = situation.offers.get(part.tag)
        if offer is None or offer.family_id != part.line.family_id:
            raise InvalidArguments(
                f"{part.tag!r} is no option of {part.line.title}; ask for the product's options."
            )
        if offer.product_id == part.line.product_id:
            raise InvalidArguments(f"{offer.title} is what was ordered; name another option.")
    wanted = Counter({part.tag: 0 for part in units})
    for part in units:
        wanted[part.tag] += part.quantity
    require_stock(situation, wanted)
    return {product_id: situation.offers[product_id] for product_id in wanted}


def require_stock(situation: Situation, wanted: Counter[str]) -> None:
    """Raise InvalidArguments where the shop does not have as many units as wanted."""
    for product_id, quantity in wanted.items():
        offer = situation.offers.get(product_id)
        if offer is None:
            raise NotFound(f"There is no product {product_id!r} in this shop.")
        if offer.stock is not None and offer.stock < quantity:
            left = f"only {offer.stock} left" if offer.stock else "out of stock"
            raise InvalidArguments(f"{offer.title} is {left}; choose another option.")
