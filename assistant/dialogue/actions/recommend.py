"""Recommendations in their scenarios, and what a shopper usually buys."""

from dataclasses import replace

from assistant.dialogue.actions.find import find, named_with_prices, replace_context
from assistant.dialogue.actions.scope import Scope
from assistant.dialogue.cards import offer_facts, products_event, tool_event
from assistant.dialogue.context import Context
from assistant.dialogue.outcome import Outcome, Statement
from assistant.dialogue.requests import Request
from assistant.recommend.scenarios import Scenario
from assistant.tools.results import Card

_SIGN_IN = "You are not signed in, so I go by what sells best in this shop."


def recommend(scope: Scope, _request: Request, context: Context) -> Outcome:
    """Recommend what the shopper may need again, then what the model proposes besides."""
    cards = scope.toolkit.recommend(scope.session, Scenario.REPLENISH)
    habits = _shown(scope, "recommend", "For your next shop", cards, context)
    names = {card.product.name for card in cards}
    fresh = scope.fresh(
        c for c in scope.toolkit.named(scope.proposed) if c.product.name not in names
    )
    if not fresh or not cards:
        return habits
    new = _shown(scope, "plan_new", "To try besides", fresh, context)
    return replace(
        habits,
        context=replace_context(context, (*scope.fresh(cards), *fresh)),
        statements=(*habits.statements, *new.statements),
        events=(*habits.events, *new.events),
        facts=habits.facts + replace(new.facts, occasions=()),
    )


def discover(scope: Scope, _request: Request, context: Context) -> Outcome:
    """Recommend what the shopper has not bought before."""
    cards = scope.toolkit.recommend(scope.session, Scenario.BROWSE)
    return _shown(scope, "discover", "Things you have not bought here before", cards, context)


def promotions(scope: Scope, request: Request, context: Context) -> Outcome:
    """Show this week's promotions, the shopper's kinds of products first."""
    query = request.slots.query
    if query is None:
        cards = scope.toolkit.promotions(scope.session)
        return _shown(scope, "promotions", "On promotion this week", cards, context)
    cards = scope.toolkit.promotions(scope.session, query)
    if cards:
        return _shown(scope, "promotions", f"On promotion for “{query}”", cards, context)
    none = Statement(f"Nothing is on promotion for “{query}” this week.", first=True)
    found = find(scope, request, context)
    return replace(found, statements=(none, *found.statements))


def pairs(scope: Scope, _request: Request, context: Context) -> Outcome:
    """Show what goes with the cart."""
    if not scope.toolkit.cart(scope.session).lines:
        return Outcome(
            context=context,
            statements=(
                Statement("Your cart is empty, so there is nothing to match yet.", first=True),
            ),
            events=(tool_event("cart_pairs", ok=False),),
            talk=False,
        )
    cards = scope.toolkit.recommend(scope.session, Scenario.CART)
    return _shown(scope, "cart_pairs", "Often bought with what is in your cart", cards, context)


def usual(scope: Scope, request: Request, context: Context) -> Outcome:
    """Show what the shopper usually buys, with the orders that prove it."""
    if scope.session.shopper_id is None:
        text = "I know what you usually buy only when you are signed in."
        return Outcome(
            context=context,
            statements=(Statement(text, first=True),),
            events=(tool_event("usual_products", ok=False),),
            talk=False,
        )
    query = request.slots.query
    heading = "What you usually buy" if query is None else f"What you usually buy of “{query}”"
    cards = scope.toolkit.usual(scope.session, query)
    return _shown(scope, "usual_products", heading, cards, context)


def _shown(
    scope: Scope, tool: str, heading: str, cards: tuple[Card, ...], context: Context
) -> Outcome:
    cards = scope.fresh(cards)
    if not cards:
        return Outcome(
            context=context,
            statements=(Statement(f"{heading}: there is nothing to show yet.", first=True),),
            events=(tool_event(tool, ok=False),),
            talk=False,
        )
    guest = scope.session.shopper_id is None and tool in {"recommend", "discover"}
    statements = [Statement(_SIGN_IN, first=True)] if guest else []
    statements.append(Statement(f"{heading}: {named_with_prices(cards)}."))
    return Outcome(
        context=replace_context(context, cards),
        statements=tuple(statements),
        events=(tool_event(tool), products_event(cards)),
        facts=offer_facts(heading, cards),
    )
