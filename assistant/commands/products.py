"""`search` and `recommend`: ranked products as one event."""

import sys
from collections.abc import Sequence

from assistant import wiring
from assistant.commands.events import print_json, print_plainly
from assistant.dialogue.cards import products_event
from assistant.errors import BadInput
from assistant.recommend.scenarios import Scenario
from assistant.retrieval.results import Filters
from assistant.settings import Settings
from assistant.tools.results import Card, Session


def search(
    settings: Settings,
    query: str,
    store: str | None,
    max_price: str | None,
    category: str | None,
    k: int,
    *,
    as_json: bool,
) -> None:
    """Print the products a query finds; what the shop does not carry is said on stderr."""
    if not query.strip():
        raise BadInput("The query is empty; say what to look for.")
    shop = wiring.open_store(settings, store or settings.store)
    aisle = None
    if category is not None:
        aisle = shop.catalogue.aisle_named(category)
        if aisle is None:
            known = ", ".join(shop.catalogue.aisles)
            raise BadInput(f"There is no category {category!r}; the aisles are: {known}.")
    filters = Filters(max_price=_minor(max_price), aisle=aisle)
    found = shop.toolkit.find_products(_session(shop, None), query, filters, k=k)
    if not found.carried:
        sys.stderr.write(f"This shop does not carry {query!r}; these are the nearest.\n")
    _print(found.cards, as_json=as_json)


def recommend(
    settings: Settings,
    scenario: str,
    shopper: str | None,
    cart: str | None,
    query: str | None,
    store: str | None,
    k: int,
    *,
    as_json: bool,
) -> None:
    """Print what a scenario recommends to a shopper, or to a guest."""
    wanted = _scenario(scenario)
    shop = wiring.open_store(settings, store or settings.store)
    shop.require_shopper(shopper)
    session = _session(shop, shopper)
    if wanted is Scenario.SEARCH:
        if not query:
            raise BadInput("The search scenario ranks what a query finds; add --query TEXT.")
        cards = shop.toolkit.find_products(session, query, Filters(), k=k).cards
    else:
        products = [part.strip() for part in (cart or "").split(",") if part.strip()]
        if wanted is Scenario.CART and not products:
            raise BadInput("The cart scenario completes a cart; add --cart ID,ID.")
        cards = shop.toolkit.recommend(session, wanted, cart=products, k=k)
    _print(cards, as_json=as_json)


def _session(shop: wiring.OpenStore, shopper: str | None) -> Session:
    return Session(shop.catalogue.store.name, "command", shopper)


def _scenario(name: str) -> Scenario:
    try:
        return Scenario(name)
    except ValueError as error:
        known = ", ".join(scenario.value for scenario in Scenario)
        raise BadInput(f"There is no scenario {name!r}; choose one of {known}.") from error


def _minor(price: str | None) -> int | None:
    """Read a price: minor units (`300`), or currency units with a point or sign (`3.00`, `$3`)."""
    if price is None:
        return None
    amount = price.strip().lstrip("$£€")
    try:
        value = float(amount)
    except ValueError as error:
        raise BadInput(f"{price!r} is no price; write 300 (minor units) or $3.00.") from error
    if value < 0:
        raise BadInput("A price cannot be negative.")
    whole = amount.isdigit() and amount == price.strip()
    return int(amount) if whole else round(value * 100)


def _print(cards: Sequence[Card], *, as_json: bool) -> None:
    event = products_event(cards)
    (print_json if as_json else print_plainly)(event)
