"""Scorers of what was proposed, asked, refused and committed on the shopper's orders."""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from assistant.catalog.customers import Address
from assistant.dialogue.events import ProposalEvent
from assistant.evaluation.expectations import OrderRule
from assistant.evaluation.moment import Moment, Scorer
from assistant.orders.records import OrderRecord


def _proposes(m: Moment) -> str | None:
    wanted = m.expect.proposes
    choices = wanted if isinstance(wanted, tuple) else (wanted,)
    found = [event.action for event in m.turn.events if isinstance(event, ProposalEvent)]
    if len(found) > 1:
        return f"proposed {found} at once"
    return None if (found[0] if found else None) in choices else f"proposed {found}"


def _asks_for(m: Moment) -> str | None:
    asked = m.turn.trace.asks_for
    return None if asked == m.expect.asks_for else f"asked for {asked or 'nothing'}"


def _refuses(m: Moment) -> str | None:
    named = [tool.arguments.get("section") for tool in m.turn.tools if not tool.ok]
    return None if m.expect.refuses in named else f"refused by {named}"


def _changes_orders(m: Moment) -> str | None:
    before = {order.id: order for order in m.turn.before.records}
    after = {order.id: order for order in m.turn.after.records}
    changed = sorted(name for name in before.keys() & after.keys() if before[name] != after[name])
    return None if changed == sorted(m.expect.changes_orders or ()) else f"changed {changed}"


def _order_states(m: Moment) -> str | None:
    found = {order.id: order for order in m.turn.after.records}
    wrong = [
        f"{name}: {fault}"
        for name, rule in (m.expect.order_states or {}).items()
        for fault in (_faults(found[name], rule) if name in found else ["no such order"])
    ]
    return "; ".join(wrong) or None


def _places_order(m: Moment) -> str | None:
    rule = m.expect.places_order
    known = {order.id for order in m.turn.before.records}
    new = [order for order in m.turn.after.records if order.id not in known]
    if rule is None:
        return f"placed {[order.id for order in new]}" if new else None
    if len(new) != 1:
        return f"{len(new)} new orders"
    held = Counter({line.product_id: line.quantity for line in new[0].lines})
    wrong = [] if held == Counter(rule.products) else [f"holds {dict(held)}"]
    state = OrderRule(status=rule.status, paid_by=rule.paid_by, address_words=rule.address_words)
    return "; ".join([*wrong, *_faults(new[0], state)]) or None


def _home_words(m: Moment) -> str | None:
    customer = m.turn.after.customer
    home = None if customer is None else customer.address
    return None if _holds(home, m.expect.home_words or ()) else f"default address {home}"


def _faults(order: OrderRecord, rule: OrderRule) -> Iterable[str]:
    """Yield what of an order's record is not as a rule states."""
    if rule.status is not None and order.status != rule.status:
        yield f"is {order.status}"
    products = sorted(line.product_id for line in order.lines)
    if rule.products is not None and products != sorted(rule.products):
        yield f"holds {products}"
    if rule.address_words is not None and not _holds(order.address, rule.address_words):
        yield f"goes to {order.address}"
    payers = [method for method, paid in order.paid_by_method().items() if paid > 0]
    if rule.paid_by is not None and payers != [rule.paid_by]:
        yield f"is paid by {payers}"
    changed = [line for change in order.changes for line in change.lines]
    if rule.returns is not None and sorted(rule.returns) != sorted(c.product_id for c in changed):
        yield f"returns {[line.product_id for line in changed]}"
    new = [line.new_product_id for line in changed]
    if rule.exchanges is not None and sorted(rule.exchanges) != sorted(filter(None, new)):
        yield f"exchanges for {new}"


def _holds(address: Address | None, words: Iterable[str]) -> bool:
    return address is not None and all(word in address.text for word in words)


ORDER_SCORERS: Mapping[str, Scorer] = MappingProxyType(
    {
        "proposes": _proposes,
        "asks_for": _asks_for,
        "refuses": _refuses,
        "changes_orders": _changes_orders,
        "order_states": _order_states,
        "places_order": _places_order,
        "home_words": _home_words,
    }
)
