"""Search, refinement, shopping lists and details of a product."""

import re
from collections.abc import Callable
from dataclasses import replace

from assistant.dialogue.actions.history import order_status
from assistant.dialogue.actions.scope import Scope, named, pointed_at
from assistant.dialogue.cards import card_facts, products_event, shown, tool_event
from assistant.dialogue.context import Context, PendingRequest
from assistant.dialogue.describing import described
from assistant.dialogue.events import TurnEvent
from assistant.dialogue.grounding import Facts
from assistant.dialogue.outcome import Outcome, Statement
from assistant.dialogue.requests import Intent, ListItem, Pointer, Reference, Request, Slots
from assistant.dialogue.wording import bounds, counted, joined
from assistant.retrieval.results import Filters, Relaxation
from assistant.retrieval.sizes import is_larger
from assistant.tools.results import Card, Found, ListedItem, PriceOrder
from assistant.tools.toolkit import CARDS

_NAMED_IN_TEXT = 3
_SAME_KIND = 0.45
_MOST_WORDS = 6
_COMPARED = 40
_DEARER = frozenset({"expensive", "dearer", "pricier", "premium", "posher", "fancier"})
_LARGER = frozenset({"bigger", "larger"})
_SMALLER = frozenset({"smaller"})
_BARE = 2
_CONTINUES = re.compile(
    r"^\W*(?:and\s+|but\s+|maybe\s+|or\s+)?(?:in|with|for)\s+\w+\W*$|\bones?\W*$|\binstead\b|\bflavou?r|"
    r"\b(?:it|that|them|those)\s+(?:in|for)\b",
    re.IGNORECASE,
)
_SORTS = re.compile(r"\bfirst\b|\bby\s+(?:the\s+)?price\b", re.IGNORECASE)
_A_KIND = re.compile(
    r"\bones?\b|\bflavou?r|\b(?:it|that|them|those|this)\s+in\b|\bin\s+[a-z]+\W*$|\bversions?\b",
    re.IGNORECASE,
)
_COMPARING = _DEARER | frozenset(
    "bit little more other others different box boxes pack packs size sizes bottle bottles "
    "bigger smaller larger better else another ones "
    "alternatives options lot even quite see next rest".split()
)


def find(scope: Scope, request: Request, context: Context) -> Outcome:
    """Search for products under the request's filters, or go on with the last search."""
    slots = request.slots
    if slots.reference is not None and slots.query is None and context.shown:
        return details(scope, request, context)
    if _goes_on(scope, request, context):
        return refine(scope, request, context)
    return _searched(scope, request, context)


def _searched(scope: Scope, request: Request, context: Context) -> Outcome:
    slots = request.slots
    query = slots.query or slots.aisle
    if query is None:
        return ask_what(request, context, "What are you looking for?")
    found = scope.toolkit.find_products(
        scope.session,
        query,
        filters_of(slots),
        k=CARDS + len(scope.seen),
        order=price_order(slots),
    )
    found = replace(found, cards=scope.fresh(found.cards)[:CARDS])
    event = tool_event(
        "find_products",
        query=query,
        max_price=slots.max_price,
        min_price=slots.min_price,
        own_label=slots.own_label,
        aisle=slots.aisle,
    )
    searched = replace(slots, query=query, reference=None, quantity=None)
    after = replace_context(context, found.cards, searched)
    if not found.carried:
        if (items := _unpunctuated(scope, query)) is not None:
            listed = replace(slots, query=None, items=items)
            return shopping_list(scope, replace(request, slots=listed), context)
        return _absent(found, event, after, query, scope.toolkit.is_recorded)
    if not found.cards:
        return _nothing_fits(found, event, searched, context, scope.store.currency)
    return _results(found, event, after, slots, scope.store.currency)


def _goes_on(scope: Scope, request: Request, context: Context) -> bool:
    """Tell whether "tomato one", "in vanilla?" or, after juice, "orange?" goes on with it."""
    query, last = request.slots.query, context.search.query if context.search else None
    if query is None or last is None or request.intent is not Intent.FIND:
        return False
    if _CONTINUES.search(request.text):
        return True
    bare = len(request.text.split()) <= _BARE
    toolkit = scope.toolkit
    return bare and (toolkit.is_name(f"{query} {last}") or not toolkit.carries(query))


def refine(scope: Scope, request: Request, context: Context) -> Outcome:
    """Change the last search: a new bound, own label, another kind, or cheaper ones."""
    last, new = context.search, request.slots
    pointer = new.reference.pointer if new.reference is not None else None
    if pointer is Pointer.CHEAPEST and context.shown:
        return details(scope, request, context)
    if last is None:
        if new.query is not None:
            return _searched(scope, request, context)
        if not context.shown:
            return ask_what(request, context, "What should I look for?")
        last = Slots(query=context.shown[0].name)
    wish = set((new.query or "").lower().split())
    changes = new.filled() or _A_KIND.search(request.text)
    if (wish and wish <= _COMPARING) or (context.shown and not changes):
        return _compared(scope, request, context, last)
    merged = replace(
        last,
        query=_merged_query(scope, last.query, new.query, bool(_A_KIND.search(request.text))),
        max_price=new.max_price if new.max_price is not None else last.max_price,
        min_price=new.min_price if new.min_price is not None else last.min_price,
        own_label=new.own_label if new.own_label is not None else last.own_label,
        aisle=new.aisle or last.aisle,
        cheapest_first=not new.dearest_first and (new.cheapest_first or last.cheapest_first),
        dearest_first=not new.cheapest_first and (new.dearest_first or last.dearest_first),
    )
    if new.cheapest_first and new.max_price is None and context.shown and not _sorts(request):
        return _cheaper(scope, request, context, merged)
    return _searched(scope, replace(request, slots=merged), context)


def _sorts(request: Request) -> bool:
    return _SORTS.search(request.text) is not None


def _compared(scope: Scope, request: Request, context: Context, last: Slots) -> Outcome:
    """Show dearer products, or others than those on the page: "more expensive", "bigger ones"."""
    wish = set((request.slots.query or "").lower().split())
    slots = replace(last, cheapest_first=request.slots.cheapest_first)
    if request.slots.cheapest_first and context.shown:
        return _cheaper(scope, request, context, slots)
    if wish & _DEARER and context.shown:
        slots = replace(slots, min_price=context.shown[0].price + 1, max_price=None)
    if wish & (_LARGER | _SMALLER) and context.shown:
        return _sized(scope, context, slots, larger=bool(wish & _LARGER))
    seen = scope.seen | {product.title for product in context.shown}
    return _searched(replace(scope, seen=seen), replace(request, slots=slots), context)


def _sized(scope: Scope, context: Context, last: Slots, *, larger: bool) -> Outcome:
    """Show packs larger or smaller than the one last looked at, where their sizes compare."""
    touched = [p for p in context.shown if p.product_id == context.touched]
    anchor = (touched or list(context.shown))[0]
    found = scope.toolkit.find_products(
        scope.session, last.query or anchor.name, filters_of(last), k=_COMPARED
    )
    size = scope.toolkit.catalogue.family(anchor.family_id).size
    cards = tuple(
        card
        for card in found.cards
        if is_larger(card.product.size, size) is larger and card.product.size != size
    )[:CARDS]
    if not cards:
        text = f"I have nothing {'larger' if larger else 'smaller'} than {anchor.title}."
        return Outcome(context=context, statements=(Statement(text, first=True),), talk=False)
    event = tool_event("find_products", query=found.query)
    shown_now = replace(found, cards=cards)
    after = replace_context(context, cards, replace(last, query=found.query))
    return _results(shown_now, event, after, last, scope.store.currency)


def shopping_list(scope: Scope, request: Request, context: Context) -> Outcome:
    """Find one product for each item of a list."""
    items = request.slots.items or _single(request.slots)
    if not items:
        return ask_what(request, context, "Which things should I put on your list?")
    listed = scope.toolkit.shopping_list(
        scope.session, [(item.query, item.quantity) for item in items], filters_of(request.slots)
    )
    by_title: dict[str, ListedItem] = {}
    for item in listed:
        if item.card is not None:
            by_title.setdefault(item.card.product.title, item)
    cards = [item.card for item in by_title.values() if item.card is not None]
    quantities = [item.quantity for item in by_title.values()]
    events: list[TurnEvent] = [
        tool_event("shopping_list", items=[item.query for item in listed], ok=bool(cards))
    ]
    if cards:
        events.append(products_event(cards))
    absent = [item.query for item in listed if item.card is None]
    return Outcome(
        context=context.model_copy(
            update={
                "shown": shown(cards, quantities),
                "search": None,
                "touched": None,
                "pending": None,
            }
        ),
        statements=_list_statements(listed, absent),
        events=tuple(events),
        facts=card_facts(cards)
        + Facts(("Add all to your cart.",), negative=bool(absent), occasions=("For your list",)),
        absent=bool(absent),
    )


def details(scope: Scope, request: Request, context: Context) -> Outcome:
    """State what the shop records about a product that was shown, or that is named."""
    slots = request.slots
    targets = pointed_at(slots.reference, context) if slots.reference is not None else ()
    if slots.cheapest_first and not targets:
        targets = pointed_at(Reference(Pointer.CHEAPEST), context)
    targets = targets or named(slots.query or "", context.shown)
    if not targets and slots.query is not None:
        return find(scope, replace(request, slots=replace(slots, reference=None)), context)
    if not targets and context.orders and not context.shown:
        return order_status(scope, request, context)
    if not targets:
        return ask_what(request, context, "Which product do you mean?")
    cards = scope.toolkit.product_details(scope.session, [p.product_id for p in targets])
    lines = [
        f"{card.product.title} costs {card.product.price_text} "
        f"and is in the aisle {card.product.aisle}."
        for card in cards
    ]
    families = scope.toolkit.catalogue.families
    told = tuple(
        dict.fromkeys(
            line
            for card in cards
            for line in described(card.product, families[card.product.family_id])
        )
    )
    return Outcome(
        context=context.model_copy(update={"touched": cards[0].product.id, "pending": None}),
        statements=(
            *(Statement(line, essential=True) for line in lines),
            *(Statement(line, essential=True) for line in told),
        ),
        events=(
            tool_event("product_details", product_ids=[c.product.id for c in cards]),
            products_event(cards),
        ),
        facts=card_facts(cards) + Facts((*lines, *told)),
        talk=False,
    )


def ask_what(request: Request, context: Context, question: str) -> Outcome:
    """Ask one question back; the request waits for the answer."""
    pending = PendingRequest(
        intent=request.intent, slots=request.slots, text=request.text, lacks="product"
    )
    return Outcome(
        context=context.model_copy(update={"pending": pending}),
        statements=(Statement(question, first=True),),
        talk=False,
        asked_back=True,
    )


def filters_of(slots: Slots) -> Filters:
    """Turn the slots of a search into hard filters."""
    return Filters(
        max_price=slots.max_price,
        min_price=slots.min_price,
        own_label=slots.own_label,
        aisle=slots.aisle,
        allow_restricted=frozenset(),
    )


def price_order(slots: Slots) -> PriceOrder | None:
    """Return whether the cheapest or the dearest are to come first."""
    if slots.dearest_first:
        return "dearest"
    return "cheapest" if slots.cheapest_first else None


def replace_context(
    context: Context, cards: tuple[Card, ...], search: Slots | None = None
) -> Context:
    """Note new cards on the page and the search that brought them."""
    return context.model_copy(
        update={"shown": shown(cards), "search": search, "touched": None, "pending": None}
    )


def named_with_prices(cards: tuple[Card, ...]) -> str:
    """Name the first cards with their prices."""
    named = [f"{card.product.title} at {card.product.price_text}" for card in cards]
    more = len(named) - _NAMED_IN_TEXT
    text = joined(named[:_NAMED_IN_TEXT])
    return f"{text}, and {more} more" if more > 0 else text


def _results(
    found: Found, event: TurnEvent, after: Context, slots: Slots, currency: str
) -> Outcome:
    said = bounds(slots, currency)
    opening = f"{counted(len(found.cards), 'product')} for “{found.query}”{said}"
    return Outcome(
        context=after,
        statements=(Statement(f"I found {opening}: {named_with_prices(found.cards)}."),),
        events=(event, products_event(found.cards)),
        facts=card_facts(found.cards) + _bound_facts(slots, currency),
    )


def _absent(
    found: Found,
    event: TurnEvent,
    after: Context,
    query: str,
    is_recorded: Callable[[str], bool],
) -> Outcome:
    statements = [Statement(f"No, this shop does not carry “{query}”.", first=True)]
    unheard = [word for word in found.missing if not is_recorded(word)]
    if unheard:
        words = joined([f"“{word}”" for word in unheard])
        statements.append(Statement(f"Its records do not mention {words}.", first=True))
    events: list[TurnEvent] = [event]
    if found.cards:
        events.append(products_event(found.cards))
        statements.append(
            Statement(f"The nearest I can show: {named_with_prices(found.cards)}.", first=True)
        )
    return Outcome(
        context=after,
        statements=tuple(statements),
        events=tuple(events),
        talk=False,
        absent=True,
    )


def _nothing_fits(
    found: Found, event: TurnEvent, slots: Slots, context: Context, currency: str
) -> Outcome:
    statements = [Statement(f"Nothing fits “{found.query}”{bounds(slots, currency)}.", first=True)]
    pending = None
    if found.relaxations:
        best = max(found.relaxations, key=lambda relaxation: relaxation.families)
        statements.append(Statement(_offer(best), first=True))
        pending = PendingRequest(intent=Intent.FIND, slots=_without(slots, best), text=found.query)
    return Outcome(
        context=context.model_copy(update={"search": slots, "pending": pending}),
        statements=tuple(statements),
        events=(event,),
        talk=False,
        asked_back=pending is not None,
    )


_FILTER_NAMES = {
    "max_price": "the price limit",
    "min_price": "the lowest price",
    "own_label": "the own-label wish",
    "aisle": "the aisle",
}


def _offer(relaxation: Relaxation) -> str:
    count = counted(relaxation.families, "product")
    return f"Without {_FILTER_NAMES[relaxation.dropped]} there would be {count}; shall I show them?"


def _without(slots: Slots, relaxation: Relaxation) -> Slots:
    match relaxation.dropped:
        case "max_price":
            return replace(slots, max_price=None)
        case "min_price":
            return replace(slots, min_price=None)
        case "own_label":
            return replace(slots, own_label=None)
        case "aisle":
            return replace(slots, aisle=None)


def _cheaper(scope: Scope, request: Request, context: Context, merged: Slots) -> Outcome:
    """Look below the price of what was shown first; say so when that was the cheapest."""
    touched = [p for p in context.shown if p.product_id == context.touched]
    anchor = (touched or list(context.shown))[0]
    slots = replace(merged, max_price=anchor.price - 1, cheapest_first=True)
    outcome = _searched(scope, replace(request, slots=slots), context)
    if any(event.type == "products" for event in outcome.events) or anchor.price <= 1:
        return outcome
    text = f"Nothing cheaper than {anchor.title} at {scope.money(anchor.price)} fits."
    return Outcome(
        context=context.model_copy(update={"search": merged, "pending": None}),
        statements=(Statement(text, first=True),),
        events=outcome.events,
        talk=False,
    )


def _merged_query(
    scope: Scope, last: str | None, new: str | None, of_a_kind: bool = False
) -> str | None:
    """Put the new word in the place of its own kind: "cat food" and "dogs" give "dogs food".

    `of_a_kind` says that the new word only describes: "strawberry ones" of yogurt.
    """
    if new is None or last is None:
        return new or last
    words = last.split()
    scores = list(scope.similarity(new, words))
    best = max(range(len(words)), key=scores.__getitem__)
    replaced = " ".join([*words[:best], new, *words[best + 1 :]])
    if of_a_kind or scores[best] < _SAME_KIND or not scope.toolkit.carries(replaced):
        return f"{new} {last}"
    return replaced


def _unpunctuated(scope: Scope, query: str) -> tuple[ListItem, ...] | None:
    """Read "milk eggs bread" as a list, if each word alone is what the shop calls something."""
    words = query.split()
    if not 3 <= len(words) <= _MOST_WORDS:
        return None
    if not all(scope.toolkit.is_name(word) for word in words):
        return None
    return tuple(ListItem(word) for word in words)


def _single(slots: Slots) -> tuple[ListItem, ...]:
    return (ListItem(slots.query, slots.quantity or 1),) if slots.query else ()


def _list_statements(listed: tuple[ListedItem, ...], absent: list[str]) -> tuple[Statement, ...]:
    statements = []
    found = tuple(item.card for item in listed if item.card is not None)
    if absent:
        words = joined([f"“{query}”" for query in absent])
        statements.append(Statement(f"I could not find {words} here.", first=True))
    if found:
        names = joined([f"{c.product.title} at {c.product.price_text}" for c in found])
        statements.append(Statement(f"For your list: {names}."))
        statements.append(Statement("Say “add all” to put them in your cart.", essential=True))
    return tuple(statements)


def _bound_facts(slots: Slots, currency: str) -> Facts:
    said = bounds(slots, currency)
    if not said:
        return Facts((), occasions=("Found",))
    loose = said.replace("up to", "under up to below less than").replace(".00", "")
    return Facts((said, loose), occasions=(f"Found{said}",))
