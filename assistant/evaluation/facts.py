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
    """Facts of one store; promotions are read once, orders each time since cases change them."""

    def __init__(self, database: Database, catalogue: Catalogue, orders: OrderBook) -> None:
        self._catalogue = catalogue
        self._orders = orders
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
        return {order.id: order for order in self._orders.orders(shopper_id, _ALL)}
