"""Scorers of carts and orders: what is stored after a turn and what was shown of it."""

from collections.abc import Mapping
from types import MappingProxyType

from assistant.evaluation.expectations import CartLineRule
from assistant.evaluation.moment import Moment, Scorer
from assistant.evaluation.words import assigned, says_any
from assistant.orders.cart import CartLine


def _orders_min(m: Moment) -> str | None:
    few = len(m.turn.order_cards) < (m.expect.orders_min or 0)
    return f"{len(m.turn.order_cards)} orders" if few else None


def _orders_max(m: Moment) -> str | None:
    most, shown = m.expect.orders_max, len(m.turn.order_cards)
    return f"{shown} orders" if most is not None and shown > most else None


def _orders_include(m: Moment) -> str | None:
    shown = [order.id for order in m.turn.order_cards]
    return None if set(m.expect.orders_include or ()) <= set(shown) else f"orders {shown}"


def _orders_none(m: Moment) -> str | None:
    shown = m.turn.cited | {order.id for order in m.turn.order_cards}
    leaked = shown & set(m.expect.orders_none or ())
    return f"showed {sorted(leaked)}" if leaked else None


def _cart(m: Moment) -> str | None:
    rules, lines = m.expect.cart or (), m.turn.after.cart.lines
    options = [
        frozenset(n for n, line in enumerate(lines) if _line_fits(line, rule, m)) for rule in rules
    ]
    if len(lines) == len(rules) and assigned(options):
        return None
    return "cart: " + ("; ".join(f"{line.quantity} x {line.title}" for line in lines) or "empty")


def _line_fits(line: CartLine, rule: CartLineRule, m: Moment) -> bool:
    titled = rule.title_any is None or says_any(line.title, rule.title_any)
    placed = rule.shown is None or line.product_id in {c.id for c in m.shown(rule.shown)}
    return line.quantity == rule.quantity and titled and placed


def _cart_total_matches(m: Moment) -> str | None:
    if not m.turn.carts:
        return "no cart was shown"
    shown, products = m.turn.carts[-1], m.facts.products
    wanted = {
        line.product_id: (line.quantity, line.quantity * products[line.product_id].price)
        for line in m.turn.after.cart.lines
    }
    if {line.product_id: (line.quantity, line.total) for line in shown.items} != wanted:
        return "the shown lines are not the stored ones at catalogue prices"
    total = sum(amount for _, amount in wanted.values())
    return None if shown.total == total else f"shown total {shown.total}, not {total}"


def _no_changes(m: Moment) -> str | None:
    before, after = m.turn.before, m.turn.after
    if before.cart != after.cart:
        return "the cart changed"
    if before.orders != after.orders or before.records != after.records:
        return "an order changed"
    return None if before.customer == after.customer else "address or payment methods changed"


STATE_SCORERS: Mapping[str, Scorer] = MappingProxyType(
    {
        "orders_min": _orders_min,
        "orders_max": _orders_max,
        "orders_include": _orders_include,
        "orders_none": _orders_none,
        "cart": _cart,
        "cart_total_matches": _cart_total_matches,
        "no_changes": _no_changes,
    }
)
