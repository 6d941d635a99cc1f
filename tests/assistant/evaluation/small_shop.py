"""A shop of four products and two shoppers, in a real database, with records made by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.catalog.products import Product, Restriction
from assistant.catalog.schema import (
    families,
    order_lines,
    orders,
    products,
    promotions,
    shoppers,
)
from assistant.catalog.stores import Store, replace_store
from assistant.dialogue.conversations import ConversationLog
from assistant.dialogue.events import (
    CartEvent,
    DoneEvent,
    Line,
    ProductItem,
    ProductsEvent,
    Reason,
    TextEvent,
    TurnEvent,
)
from assistant.dialogue.requests import Intent
from assistant.dialogue.trace import TracedRequest, TurnTrace
from assistant.evaluation.cases import Case
from assistant.evaluation.facts import FactBook
from assistant.evaluation.records import CaseRecord, Facts, State, TurnRecord
from assistant.orders.cart import Cart, CartBook
from assistant.orders.orders import Order, OrderBook, OrderLine

STORE = "corner"
CLOCK = datetime(2017, 12, 31, 23, 0, tzinfo=UTC)
# id, name, size, own label, aisle, restriction, price
SHELF = (
    ("milk", "Milk", "1 gal", True, "Milk & cream", None, 269),
    ("bananas", "Bananas", "", False, "Fruit", None, 99),
    ("chips", "Potato chips", "10 oz", False, "Snacks", None, 250),
    ("smokes", "Cigarettes", "", False, "Tobacco", "tobacco", 719),
)
# order id, shopper, product, quantity, total
SALES = (
    ("100000001", "900", "milk", 2, 538),
    ("100000002", "900", "bananas", 1, 99),
    ("200000001", "371", "chips", 1, 250),
)


class SmallShop:
    """The shop's parts over one SQLite file."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(f"sqlite:///{folder / 'shop.db'}")
        self.database.create_all()
        self._fill()
        self.catalogue = Catalogue(self.database, STORE)
        self.orders = OrderBook(self.database, self.catalogue.store)
        self.carts = CartBook(self.database, self.catalogue.store)
        self.log = ConversationLog(self.database, STORE)
        self.facts = FactBook(self.database, self.catalogue, self.orders)

    def _fill(self) -> None:
        store = Store(STORE, "Corner shop", "USD", CLOCK, "UTC", "made up", True, "grocery", "desk")
        with self.database.write() as connection:
            replace_store(connection, store, "digest")
            for id_, name, size, own, aisle, restriction, price in SHELF:
                connection.execute(
                    insert(families).values(
                        store=STORE, id=f"f-{id_}", name=name, size=size, own_label=own,
                        aisle=aisle, department="d", category="c", keywords=[],
                        restriction=restriction, best_seller=id_, lines_sold=1,
                    )
                )  # fmt: skip
                connection.execute(
                    insert(products).values(
                        store=STORE, id=id_, family_id=f"f-{id_}", price=price,
                        regular_price=price, promoted=False, units_sold=1,
                    )
                )  # fmt: skip
            for shopper in ("900", "371"):
                connection.execute(insert(shoppers).values(store=STORE, id=shopper, location="1"))
            for order_id, shopper, product, quantity, total in SALES:
                connection.execute(
                    insert(orders).values(
                        store=STORE, id=order_id, shopper_id=shopper, placed_at=CLOCK,
                        status="delivered", total=total,
                    )
                )  # fmt: skip
                connection.execute(
                    insert(order_lines).values(
                        store=STORE, order_id=order_id, line=1, product_id=product,
                        quantity=quantity, total=total,
                    )
                )  # fmt: skip
            connection.execute(
                insert(promotions).values(
                    store=STORE, location="1", product_id="chips", placement="mailer"
                )
            )


def product(id_: str) -> Product:
    """A product of the shelf, as the catalogue has it."""
    _, name, size, own, aisle, restriction, price = next(row for row in SHELF if row[0] == id_)
    kind = Restriction(restriction) if restriction else None
    return Product(
        id_,
        f"f-{id_}",
        name,
        size,
        own,
        aisle,
        price,
        price,
        "USD",
        promoted=False,
        restriction=kind,
    )


def order(order_id: str) -> Order:
    """An order of the shop, as the order book has it."""
    _, _, bought, quantity, total = next(row for row in SALES if row[0] == order_id)
    line = OrderLine(bought, f"f-{bought}", product(bought).title, quantity, total)
    return Order(order_id, "delivered", CLOCK, total, "USD", (line,))


FACTS = Facts(
    products={row[0]: product(row[0]) for row in SHELF},
    orders={order_id: order(order_id) for order_id in ("100000001", "100000002")},
    promoted=frozenset({"chips"}),
)
EMPTY = State(Cart((), "USD"), ())


def card(id_: str, *order_ids: str, price: int | None = None) -> ProductItem:
    """A product card, with orders as evidence."""
    of = product(id_)
    why = (Reason(text="Bought before", order_ids=order_ids),) if order_ids else ()
    return ProductItem(
        id=id_, title=of.title, price=of.price if price is None else price, currency="USD", why=why
    )


def cards(*items: ProductItem) -> ProductsEvent:
    return ProductsEvent(items=items)


def done() -> DoneEvent:
    return DoneEvent(conversation="c", seconds=0.5, usage={}, prompts={}, adapters={}, degraded=())


def shown_cart(quantity: int, total: int) -> CartEvent:
    """A cart of some milk, as a page would show it."""
    line = Line(product_id="milk", title="Milk", quantity=quantity, total=total)
    return CartEvent(items=(line,), total=total, currency="USD")


def asked(
    intent: Intent, filled_by: dict[str, str] | None = None, **slots: object
) -> TracedRequest:
    """A request as the trace writes it."""
    return TracedRequest.model_validate(
        {
            "intent": intent,
            "text": "t",
            "slots": slots,
            "filled_by": filled_by or {},
            "confidence": 1,
        }
    )


def turn(
    *events: TurnEvent,
    user: str = "hi",
    text: str = "Here you are.",
    trace: TurnTrace | None = None,
    before: State = EMPTY,
    after: State = EMPTY,
    crash: str = "",
) -> TurnRecord:
    """A turn that ended well unless told otherwise."""
    spoken = (TextEvent(delta=text),) if text else ()
    return TurnRecord(user, (*events, *spoken, done()), trace or TurnTrace(), before, after, crash)


def case(*expects: dict[str, object], id_: str = "find-001", **fields: object) -> Case:
    """A case with one turn for each expectation."""
    turns = [{"user": "hi", "expect": expect} for expect in expects]
    suite = id_.rsplit("-", 1)[0]
    return Case.model_validate(
        {"id": id_, "suite": suite, "store": STORE, "shopper": "900", "turns": turns, **fields}
    )


def record(of: Case, turns: Sequence[TurnRecord], facts: Facts = FACTS) -> CaseRecord:
    return CaseRecord(of, tuple(turns), facts)
