"""Scorers of product cards: their properties, their evidence and what they were shown for."""

from collections.abc import Mapping
from types import MappingProxyType

from assistant.dialogue.events import ProductItem
from assistant.evaluation.expectations import CardRule
from assistant.evaluation.moment import Moment, Scorer, named
from assistant.evaluation.records import Facts, cited
from assistant.evaluation.words import assigned, says_any


def fits(card: ProductItem, rule: CardRule, facts: Facts) -> bool:
    """Tell whether a card has all properties that a rule states, as the catalogue records them."""
    product = facts.products.get(card.id)
    if product is None:
        return False
    checks = (
        rule.price_max is None or card.price <= rule.price_max,
        rule.price_min is None or card.price >= rule.price_min,
        rule.own_label is None or product.own_label == rule.own_label,
        rule.title_any is None or says_any(product.title, rule.title_any),
        rule.aisle_any is None or product.aisle in rule.aisle_any,
        rule.restricted is None or (product.restriction is not None) == rule.restricted,
        rule.promoted is None or (product.id in facts.promoted) == rule.promoted,
    )
    return all(checks)


def _catalogued(m: Moment) -> str | None:
    products = m.facts.products
    false = [
        card
        for card in m.turn.cards
        if card.id not in products
        or (card.title, card.price) != (products[card.id].title, products[card.id].price)
    ]
    return f"not as the catalogue has it: {named(false)}" if false else None


def _products_min(m: Moment) -> str | None:
    few = len(m.turn.cards) < (m.expect.products_min or 0)
    return f"{len(m.turn.cards)} cards" if few else None


def _products_max(m: Moment) -> str | None:
    most = m.expect.products_max
    return f"{len(m.turn.cards)} cards" if most is not None and len(m.turn.cards) > most else None


def _products_all(m: Moment) -> str | None:
    rule = m.expect.products_all or CardRule()
    unfit = [card for card in m.turn.cards if not fits(card, rule, m.facts)]
    return f"unfit: {named(unfit)}" if unfit else None


def _products_any(m: Moment) -> str | None:
    rule = m.expect.products_any or CardRule()
    fit = any(fits(card, rule, m.facts) for card in m.turn.cards)
    return None if fit else f"none fits of: {named(m.turn.cards)}"


def _products_none(m: Moment) -> str | None:
    rule = m.expect.products_none or CardRule()
    fit = [card for card in m.turn.cards if fits(card, rule, m.facts)]
    return f"shown: {named(fit)}" if fit else None


def _products_first(m: Moment) -> str | None:
    rule = m.expect.products_first or CardRule()
    fit = bool(m.turn.cards) and fits(m.turn.cards[0], rule, m.facts)
    return None if fit else f"first: {named(m.turn.cards[:1])}"


def _distinct_titles(m: Moment) -> str | None:
    # The same product may answer two requests of one message; two products must not read alike.
    ids_of: dict[str, set[str]] = {}
    for card in m.turn.cards:
        ids_of.setdefault(card.title, set()).add(card.id)
    alike = sorted(title for title, ids in ids_of.items() if len(ids) > 1)
    again = [named(g) for g in m.turn.card_groups if len({card.id for card in g}) < len(g)]
    return f"twice: {[*alike, *again][:3]}" if alike or again else None


def _price_ascending(m: Moment) -> str | None:
    prices = [card.price for card in m.turn.cards]
    return None if prices == sorted(prices) else f"prices {prices}"


def _cheaper_than(m: Moment) -> str | None:
    place = m.expect.cheaper_than
    then = m.shown(place) if place is not None else ()
    if not then:
        return "nothing was shown to compare with"
    limit = max(card.price for card in then)
    dear = [card for card in m.turn.cards if card.price >= limit]
    return f"not below {limit}: {named(dear)}" if dear else None


def _list_covers(m: Moment) -> str | None:
    wanted = m.expect.list_covers or ()
    options = [
        frozenset(n for n, card in enumerate(m.turn.cards) if says_any(card.title, words))
        for words in wanted
    ]
    if assigned(options):
        return None
    missing = [words[0] for words, fit in zip(wanted, options, strict=True) if not fit]
    return f"no card of its own for: {', '.join(missing) or 'some items'}"


def _why_has_orders(m: Moment) -> str | None:
    if not m.expect.why_has_orders:
        return "orders are cited" if m.turn.cited else None
    if not m.turn.cards:
        return "no cards"
    unproven = [card for card in m.turn.cards if not _proven(card, m.facts)]
    return f"no orders that prove: {named(unproven)}" if unproven else None


def _proven(card: ProductItem, facts: Facts) -> bool:
    orders, product = cited((card,)), facts.products.get(card.id)
    if not orders or product is None:
        return False
    return all(
        order_id in facts.orders
        and any(line.family_id == product.family_id for line in facts.orders[order_id].lines)
        for order_id in orders
    )


def _evidence_any(m: Moment) -> str | None:
    shown = m.turn.cited | {order.id for order in m.turn.order_cards}
    return None if shown & set(m.expect.evidence_any or ()) else f"cited {sorted(shown)[:5]}"


def _by_history(m: Moment, *, bought: bool) -> list[ProductItem]:
    families, products = m.facts.bought_families, m.facts.products
    return [
        card
        for card in m.turn.cards
        if card.id in products and (products[card.id].family_id in families) is bought
    ]


def _bought_before(m: Moment) -> str | None:
    new = _by_history(m, bought=False)
    return f"never bought: {named(new)}" if new else None


def _new_to_shopper(m: Moment) -> str | None:
    old = _by_history(m, bought=True)
    return f"bought before: {named(old)}" if old else None


CARD_INVARIANTS: Mapping[str, Scorer] = MappingProxyType({"catalogued": _catalogued})
CARD_SCORERS: Mapping[str, Scorer] = MappingProxyType(
    {
        "products_min": _products_min,
        "products_max": _products_max,
        "products_all": _products_all,
        "products_any": _products_any,
        "products_none": _products_none,
        "products_first": _products_first,
        "products_distinct_titles": _distinct_titles,
        "products_price_ascending": _price_ascending,
        "cheaper_than": _cheaper_than,
        "list_covers": _list_covers,
        "why_has_orders": _why_has_orders,
        "evidence_any": _evidence_any,
        "bought_before": _bought_before,
        "new_to_shopper": _new_to_shopper,
    }
)
