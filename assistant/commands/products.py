"""`search` and `recommend`: ranked products as one event."""

import re
import sys
from collections.abc import Sequence
from decimal import Decimal

from assistant import wiring
from assistant.commands.events import print_json, print_plainly
from assistant.dialogue.cards import products_event
from assistant.errors import BadInput
from assistant.recommend.ranking.ranker import Wish
from assistant.recommend.ranking.scalarisation import parse_weights
from assistant.recommend.scenarios import Scenario
from assistant.retrieval.results import Filters
from assistant.settings import Settings
from assistant.tools.results import Card, Found, Session

# Nine digits are dearer than anything on a shelf and still fit wherever prices are compared.
_PRICE = re.compile(r"(?P<sign>[$£€]\s*)?(?P<amount>\d{1,9}(?P<cents>\.\d{1,2})?)", re.ASCII)
_OPTIONS = {"max_price": "--max-price", "aisle": "--category"}


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
    _require_query(query)
    limit = _minor(max_price)
    shop = wiring.open_store(settings, store or settings.store)
    aisle = None
    if category is not None:
        aisle = shop.catalogue.aisle_named(category)
        if aisle is None:
            known = ", ".join(shop.catalogue.aisles)
            raise BadInput(f"There is no category {category!r}; the aisles are: {known}.")
    filters = Filters(max_price=limit, aisle=aisle)
    found = shop.toolkit.find_products(_session(shop, None), query, filters, k=k)
    sys.stderr.write(_hint(found))
    _print(found.cards, as_json=as_json)


def recommend(
    settings: Settings,
    scenario: str,
    shopper: str | None,
    cart: str | None,
    query: str | None,
    store: str | None,
    weights: str | None,
    k: int,
    *,
    as_json: bool,
) -> None:
    """Print what a scenario recommends to a shopper, or to a guest."""
    wanted = _scenario(scenario)
    wish = None if weights is None else Wish(parse_weights(weights))
    if wanted is Scenario.SEARCH:
        _require_query(query or "")
    products = [part.strip() for part in (cart or "").split(",") if part.strip()]
    if wanted is Scenario.CART and not products:
        raise BadInput("The cart scenario completes a cart; add --cart ID,ID.")
    shop = wiring.open_store(settings, store or settings.store)
    shop.require_shopper(shopper)
    for product_id in products:
        shop.catalogue.product(product_id)
    session = _session(shop, shopper)
    if wanted is Scenario.SEARCH:
        found = shop.toolkit.find_products(session, query or "", Filters(), k=k, wish=wish)
        sys.stderr.write(_hint(found))
        cards = found.cards
    else:
        cards = shop.toolkit.recommend(session, wanted, cart=products, k=k, wish=wish)
    if wish is not None and not any(card.scores for card in cards):
        sys.stderr.write("There are no ranking heads to weigh here; the weights change nothing.\n")
    _print(cards, as_json=as_json)


def _require_query(query: str) -> None:
    if not query.strip():
        raise BadInput("There is no query; say what to look for.")


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
    read = _PRICE.fullmatch(price.strip())
    if read is None:
        raise BadInput(f"{price!r} is no price; write 300 (minor units) or $3.00.")
    if read["sign"] or read["cents"]:
        return int(Decimal(read["amount"]) * 100)
    return int(read["amount"])


def _hint(found: Found) -> str:
    """Say what the products printed do not: that they are only near, or why there are none."""
    if not found.carried:
        nearest = "these are the nearest" if found.cards else "nothing comes near"
        return f"This shop does not carry {found.query!r}; {nearest}.\n"
    if found.cards:
        return ""
    offers = [
        f" Without {_OPTIONS[relaxation.dropped]} there would be {relaxation.families}."
        for relaxation in found.relaxations
    ]
    return f"Nothing fits {found.query!r}.{''.join(offers)}\n"


def _print(cards: Sequence[Card], *, as_json: bool) -> None:
    event = products_event(cards)
    (print_json if as_json else print_plainly)(event)
