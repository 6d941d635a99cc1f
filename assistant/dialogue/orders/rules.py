"""Which rule of the shop's policy governs a wish, and whether an order is one it allows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from assistant.dialogue.orders.wishes import Aim
from assistant.orders.orders import Order
from assistant.orders.policy import ItemsRule, OrderPolicy, ReturnRule, Rule
from assistant.orders.requests import Action

ON_ORDERS: Mapping[Aim, str] = MappingProxyType(
    {
        "cancel_order": "cancel",
        "change_items": "change_items",
        "change_address": "change_address",
        "change_payment": "change_payment",
        "return_items": "return_items",
        "exchange_items": "exchange_items",
    }
)


def rule_of(policy: OrderPolicy, aim: Aim) -> Rule | None:
    """Return the rule on changing an order; None where the shop has none."""
    name = ON_ORDERS.get(aim)
    rule = None if name is None else getattr(policy, name)
    return rule if isinstance(rule, Rule) else None


def offers(policy: OrderPolicy, aim: Aim) -> bool:
    """Tell whether the shop's policy has the action at all."""
    if aim in ON_ORDERS:
        return rule_of(policy, aim) is not None
    return aim not in {"place_order", "change_default_address"} or (
        getattr(policy, aim) is not None
    )


def allows(policy: OrderPolicy, aim: Aim, order: Order, clock: datetime) -> bool:
    """Tell whether an order's status and age let the action be proposed."""
    rule = rule_of(policy, aim)
    if rule is None or order.status not in rule.when:
        return False
    days = rule.within_days if isinstance(rule, ItemsRule | ReturnRule) else None
    return days is None or clock - order.placed_at <= timedelta(days=days)


def nearest(policy: OrderPolicy, aim: Aim, order: Order, clock: datetime) -> str:
    """Say what may be done with the order instead, or that a person can help."""
    ways = [
        said for other, said in _INSTEAD if other != aim and allows(policy, other, order, clock)
    ]
    if ways:
        return f"What I can do with it: {' or '.join(ways)}. Tell me if you want that."
    returns = policy.return_items
    if order.status == "shipped" and returns is not None and "delivered" in returns.when:
        return "It can be sent back once it has arrived."
    return "I can take a message for a person at the shop; ask for a person if you want that."


_INSTEAD: tuple[tuple[Action, str], ...] = (
    ("cancel_order", "cancel it"),
    ("change_items", "change an item to another option"),
    ("return_items", "return items of it"),
    ("exchange_items", "exchange items of it for another option"),
)
