"""The tools of a turn; identity comes from the session and no tool takes a customer id."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.products import Restriction
from assistant.errors import NotFound
from assistant.orders.cart import Cart, CartBook
from assistant.orders.orders import Order, OrderBook
from assistant.recommend.history import Purchase, PurchaseHistory
from assistant.recommend.household import HouseholdState
from assistant.recommend.ranking.ranker import Wish
from assistant.recommend.recommender import Recommendation, Recommender
from assistant.recommend.scenarios import Scenario
from assistant.retrieval.index import ProductIndex
from assistant.retrieval.results import Filters
from assistant.tools.policies import Policy
from assistant.tools.results import (
    Card,
    CartChange,
    Found,
    ListedItem,
    PolicySection,
    PriceOrder,
    PurchaseFact,
    Purchases,
    Session,
)
from assistant.tools.variants import standing_for

CARDS = 6
_CANDIDATES = 40
_NEAR = 2
_ALL_NAMED = 300
_ALL_OFFERS = 2000
# What an item of a list may also mean, as a share of the best hit's score.
_ALIKE = 0.8
_STILL_NAMED = 0.6
_GOOD_POLICY = 0.32


class Toolkit:
    """Typed tools over catalogue, search, recommendation, orders and carts of one store."""

    def __init__(
        self,
        catalogue: Catalogue,
        index: ProductIndex,
        recommender: Recommender,
        history: PurchaseHistory,
        orders: OrderBook,
        carts: CartBook,
        policy: Policy,
    ) -> None:
        self.catalogue = catalogue
        self._index = index
        self._recommender = recommender
        self._history = history
        self._orders = orders
        self._carts = carts
        self._policy = policy
        self._names = frozenset(
            form
            for family in catalogue.families.values()
            for phrase in (family.name.lower(), *family.keywords)
            for form in (phrase, phrase.removesuffix("s"))
        )

        self._words = frozenset(
            form
            for phrase in (*self._names, *_descriptions(catalogue))
            for word in re.findall(r"[a-z0-9'%]+", phrase)
            for form in (word, word.removesuffix("s"))
        )

    def is_name(self, word: str) -> bool:
        """Tell whether a word alone, in either number, is a product's whole name or a synonym."""
        return not self._names.isdisjoint({word.lower(), word.lower().removesuffix("s")})

    def is_recorded(self, word: str) -> bool:
        """Tell whether a word stands anywhere in what is recorded of products, in either number."""
        return not self._words.isdisjoint({word.lower(), word.lower().removesuffix("s")})

    def carries(self, query: str) -> bool:
        """Tell whether the shop carries what a query asks for."""
        return self._index.search(query, Filters(), 1).carried

    def find_products(
        self,
        session: Session,
        query: str,
        filters: Filters,
        *,
        k: int = CARDS,
        order: PriceOrder | None = None,
        wish: Wish | None = None,
    ) -> Found:
        """Search the catalogue; filters are never relaxed, restricted kinds only when named."""
        allowed = replace(filters, allow_restricted=self._index.restrictions_asked(query))
        result = self._index.search(query, allowed, max(_CANDIDATES, k))
        families = [hit.family_id for hit in result.hits]
        cards = self._cards(session, families, query, filters, k, order, wish)
        if order is not None:
            cards.sort(key=lambda card: card.product.price, reverse=order == "dearest")
        return Found(query, tuple(cards[:k]), result.carried, result.missing, result.relaxations)

    def shopping_list(
        self,
        session: Session,
        items: Sequence[tuple[str, int]],
        filters: Filters,
        *,
        order: PriceOrder | None = None,
    ) -> tuple[ListedItem, ...]:
        """Find one product per item, the shopper's usual first unless by price."""
        listed = []
        for query, quantity in items:
            found = self.find_products(session, query, filters, k=CARDS, order=order)
            card = found.cards[0] if found.cards and found.carried else None
            if card is not None and order is None:
                card = self._usual_of(session, query, filters) or card
            listed.append(ListedItem(query, quantity, card, found.carried))
        return tuple(listed)

    def _usual_of(self, session: Session, query: str, filters: Filters) -> Card | None:
        """Return what the shopper keeps buying of what a query means; None where nothing is."""
        allowed = replace(filters, allow_restricted=self._index.restrictions_asked(query))
        hits = self._index.search(query, allowed, _CANDIDATES).hits
        alike = [hit.family_id for hit in hits if hit.score >= _ALIKE * hits[0].score]
        cards = self._cards(session, alike, query, filters, len(alike))
        return next((card for card in cards if any(why.order_ids for why in card.why)), None)

    def product_details(self, session: Session, product_ids: Sequence[str]) -> tuple[Card, ...]:
        """Return what the shop records about products."""
        products = self.catalogue.products(product_ids)
        families = [product.family_id for product in products.values()]
        if not families:
            return ()
        ranked = self._recommender.recommend(
            session.shopper_id, Scenario.SEARCH, k=len(families), candidates=families
        )
        why = {found.family_id: found.why for found in ranked}
        return tuple(Card(p, why.get(p.family_id, ())) for p in products.values())

    def recommend(
        self,
        session: Session,
        scenario: Scenario,
        *,
        cart: Sequence[str] | None = None,
        k: int = CARDS,
        wish: Wish | None = None,
    ) -> tuple[Card, ...]:
        """Recommend products for the session's shopper; `cart` stands in for the session's."""
        if cart is None:
            cart = [line.product_id for line in self._carts.lines(session.cart_owner)]
        ranked = self._recommender.recommend(
            session.shopper_id, scenario, cart=cart, k=k, wish=wish
        )
        return self._recommended(ranked)

    def usual(self, session: Session, query: str | None = None, *, k: int = 8) -> tuple[Card, ...]:
        """Return what the shopper keeps buying, or of that what a query names, with its orders."""
        habits = self.recommend(session, Scenario.REPLENISH, k=k if query is None else _ALL_OFFERS)
        wanted = None if query is None else self._matching(query)
        return tuple(
            card
            for card in habits
            if any(why.order_ids for why in card.why)
            and (wanted is None or card.product.family_id in wanted)
        )[:k]

    def promotions(
        self, session: Session, query: str | None = None, *, k: int = CARDS
    ) -> tuple[Card, ...]:
        """Return this week's promotions for the shopper, or those of what a query finds."""
        if query is None:
            return self.recommend(session, Scenario.PROMOTION, k=k)
        allowed = Filters(allow_restricted=self._index.restrictions_asked(query))
        found = self._index.search(query, allowed, _ALL_NAMED)
        if not found.carried:
            return ()
        named = {hit.family_id for hit in found.hits}
        offered = self.recommend(session, Scenario.PROMOTION, k=_ALL_OFFERS)
        return tuple(card for card in offered if card.product.family_id in named)[:k]

    def household(self, session: Session) -> HouseholdState | None:
        """Return what the session's shopper buys, in names; None for a guest or a new shopper."""
        if session.shopper_id is None:
            return None
        return self._recommender.household(session.shopper_id)

    def unbought_names(self, state: HouseholdState, most: int) -> tuple[str, ...]:
        """Return the most sold names that a household never bought."""
        return self._recommender.unbought_names(state.recency.keys(), most)

    def named(self, names: Sequence[str]) -> tuple[Card, ...]:
        """Return a product for each name that the shop volunteers, as something new."""
        found = (self._recommender.of_name(name) for name in names)
        return self._recommended([one for one in found if one is not None])

    def purchases(
        self,
        session: Session,
        query: str,
        *,
        families: frozenset[str] = frozenset(),
        limit: int = 5,
    ) -> Purchases:
        """Return the shopper's past purchases of families, or matching a query, newest first."""
        if session.shopper_id is None:
            raise NotFound("Your purchases are known only when you are signed in.")
        wanted = families or self._matching(query)
        bought = [p for p in self._history.of(session.shopper_id) if p.family_id in wanted]
        newest = sorted(bought, key=lambda p: p.placed_at, reverse=True)
        times = len({purchase.order_id for purchase in newest})
        return Purchases(query, tuple(self._fact(p) for p in newest[:limit]), times)

    def cart(self, session: Session) -> Cart:
        """Return the session's cart."""
        return self._carts.cart(session.cart_owner)

    def cart_add(self, session: Session, product_id: str, quantity: int) -> CartChange:
        """Put a product into the session's cart."""
        product = self.catalogue.product(product_id)
        return CartChange(
            self._carts.add(session.cart_owner, product_id, quantity), product, quantity
        )

    def cart_set_quantity(self, session: Session, product_id: str, quantity: int) -> CartChange:
        """Set how many of a product are in the session's cart."""
        product = self.catalogue.product(product_id)
        return CartChange(
            self._carts.set_quantity(session.cart_owner, product_id, quantity), product, quantity
        )

    def cart_remove(self, session: Session, product_id: str) -> CartChange:
        """Take a product out of the session's cart."""
        product = self.catalogue.product(product_id)
        return CartChange(self._carts.remove(session.cart_owner, product_id), product, 0)

    def cart_clear(self, session: Session) -> Cart:
        """Empty the session's cart."""
        return self._carts.clear(session.cart_owner)

    def list_orders(self, session: Session, *, limit: int = 5) -> tuple[Order, ...]:
        """Return the shopper's newest orders."""
        if session.shopper_id is None:
            raise NotFound("Your orders are shown only when you are signed in.")
        return self._orders.orders(session.shopper_id, limit)

    def orders_named(self, session: Session, order_ids: Sequence[str]) -> tuple[Order, ...]:
        """Return these orders of the shopper, in the order they are named, each once."""
        if session.shopper_id is None:
            raise NotFound("Your orders are shown only when you are signed in.")
        return tuple(
            self._orders.order(session.shopper_id, order_id)
            for order_id in dict.fromkeys(order_ids)
        )

    def order_status(self, session: Session, order_id: str | None) -> Order:
        """Return one order of the shopper, the newest when none is named."""
        if session.shopper_id is None:
            raise NotFound("Your orders are shown only when you are signed in.")
        if order_id is not None:
            return self._orders.order(session.shopper_id, order_id)
        newest = self._orders.orders(session.shopper_id, 1)
        if not newest:
            raise NotFound("You have no orders in this shop yet.")
        return newest[0]

    def policy_section(self, title: str) -> PolicySection | None:
        """Return the policy's section of that heading, word for word; None where there is none."""
        return self._policy.section(title)

    def shop_policy(self, question: str) -> PolicySection | None:
        """Return the policy's section on a question, word for word; None when it is silent."""
        best = self._policy.search(question)[0]
        return best if best.score >= _GOOD_POLICY else None

    def _cards(
        self,
        session: Session,
        families: Sequence[str],
        query: str,
        filters: Filters,
        k: int,
        order: PriceOrder | None = None,
        wish: Wish | None = None,
    ) -> list[Card]:
        """Order found families for the shopper; the usual product stands for each, if it fits."""
        if not families:
            return []
        near = families[: _NEAR * k]
        ranked = self._recommender.recommend(
            session.shopper_id, Scenario.SEARCH, k=len(near), candidates=near, wish=wish
        )
        fitting = []
        for card in self._recommended(ranked):
            family = self.catalogue.family(card.product.family_id)
            product = standing_for(family, card.product, query, filters, order)
            if product is not None:
                fitting.append(replace(card, product=product))
        return fitting

    def _matching(self, query: str) -> frozenset[str]:
        """Return the families a query names, of every restriction: they are the shopper's own."""
        filters = Filters(allow_restricted=frozenset(Restriction))
        found = self._index.search(query, filters, _ALL_NAMED)
        if not found.carried or not found.hits:
            return frozenset()
        least = found.hits[0].score * _STILL_NAMED
        return frozenset(hit.family_id for hit in found.hits if hit.score >= least)

    def _recommended(self, ranked: Sequence[Recommendation]) -> tuple[Card, ...]:
        products = self.catalogue.products(r.product_id for r in ranked)
        return tuple(
            Card(products[r.product_id], r.why, r.scores)
            for r in ranked
            if r.product_id in products
        )

    def _fact(self, purchase: Purchase) -> PurchaseFact:
        family = self.catalogue.family(purchase.family_id)
        bought = (variant for variant in family.variants if variant.id == purchase.product_id)
        return PurchaseFact(
            title=next((variant.title for variant in bought), family.title),
            product_id=purchase.product_id,
            family_id=purchase.family_id,
            order_id=purchase.order_id,
            placed_at=purchase.placed_at,
            quantity=purchase.quantity,
            total=purchase.total,
            currency=self.catalogue.store.currency,
        )


def _descriptions(catalogue: Catalogue) -> Iterator[str]:
    """What a store tells of its products beside their names, lower case."""
    for family in catalogue.families.values():
        yield family.description.lower()
        for variant in family.variants:
            yield from (option.value.lower() for option in variant.options)
