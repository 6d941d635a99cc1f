"""What is true in a store, read from its database and not from any answer."""

from collections.abc import Iterable

from sqlalchemy import select

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.catalog.schema import promotions
from assistant.evaluation.records import Facts, TurnRecord
from assistant.orders.orders import Order, OrderBook

# More orders than any shopper has.
_ALL = 100_000


class FactBook:
    """Facts of one store; a shopper's orders and the promotions are read once."""

    def __init__(self, database: Database, catalogue: Catalogue, orders: OrderBook) -> None:
        self._catalogue = catalogue
        self._orders = orders
        self._by_shopper: dict[str, dict[str, Order]] = {}
        query = select(promotions.c.product_id).where(promotions.c.store == catalogue.store.name)
        with database.read() as connection:
            self._promoted = frozenset(connection.scalars(query.distinct()))

    def about(self, shopper_id: str | None, turns: Iterable[TurnRecord]) -> Facts:
        """Return what the scorers need to know about what some turns showed."""
        shown = {card.id for turn in turns for card in turn.cards}
        carted = {line.product_id for turn in turns for line in turn.after.cart.lines}
        return Facts(
            products=self._catalogue.products(sorted(shown | carted)),
            orders={} if shopper_id is None else self._orders_of(shopper_id),
            promoted=self._promoted,
        )

    def _orders_of(self, shopper_id: str) -> dict[str, Order]:
        if shopper_id not in self._by_shopper:
            found = self._orders.orders(shopper_id, _ALL)
            self._by_shopper[shopper_id] = {order.id: order for order in found}
        return self._by_shopper[shopper_id]
