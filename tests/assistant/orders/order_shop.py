"""A small shop with options, counted stock, customers, payment methods and orders, for tests.

Prices are in cents. Ann has a gift card of 50.00, a card and a PayPal account; Bob has a card.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from assistant.catalog import schema
from assistant.catalog.customers import (
    Address,
    Customer,
    EntryKind,
    Fulfilment,
    LedgerEntry,
    PastLine,
    PastOrder,
    PaymentKind,
    PaymentMethod,
)
from assistant.catalog.database import Database
from assistant.catalog.order_rows import write_customers, write_orders
from assistant.catalog.stores import Store, replace_store
from assistant.orders.planning import Planner
from assistant.orders.policy import OrderPolicy

CLOCK = datetime(2021, 3, 1, 12, tzinfo=UTC)
STORE = Store(
    name="corner",
    title="Corner shop",
    currency="USD",
    clock=CLOCK,
    timezone="UTC",
    provenance="Made up for a test.",
    invented=True,
    policy="corner",
    contact="Knock.",
)
PRODUCTS = {
    # product: family, options, price, stock
    "tee-red": ("tee", {"color": "red"}, 1000, 5),
    "tee-blue": ("tee", {"color": "blue"}, 1200, 5),
    "tee-gold": ("tee", {"color": "gold"}, 9000, 2),
    "tee-gone": ("tee", {"color": "gone"}, 1000, 0),
    "lamp-black": ("lamp", {"shade": "black"}, 4000, 3),
    "lamp-white": ("lamp", {"shade": "white"}, 3500, 3),
    "fish": ("fish", {}, 700, None),
}
AISLES = {"tee": "Clothes", "lamp": "Home", "fish": "Fresh fish"}
HOME = Address("1 High Street", "", "Leeds", "Yorkshire", "LS1 1AA", "United Kingdom")
WORK = Address("2 Mill Lane", "Floor 3", "York", "Yorkshire", "YO1 9ZZ", "United Kingdom")
ANN = Customer(
    id="ann",
    first_name="Ann",
    last_name="Archer",
    email="Ann@example.com",
    address=HOME,
    payment_methods=(
        PaymentMethod("ann-gift", PaymentKind.GIFT_CARD, balance=5000),
        PaymentMethod("ann-card", PaymentKind.CARD, "visa", "1111"),
        PaymentMethod("ann-paypal", PaymentKind.PAYPAL),
    ),
)
BOB = Customer(
    id="bob",
    first_name="Bob",
    last_name="Baker",
    email="bob@example.com",
    address=WORK,
    payment_methods=(PaymentMethod("bob-card", PaymentKind.CARD, "visa", "2222"),),
)
POLICY = OrderPolicy.model_validate(
    {
        "refunds": {"section": "Refunds", "gift_card": "at once", "other": "within a week"},
        "cancel": {
            "section": "Cancelling",
            "when": ["pending"],
            "becomes": "cancelled",
            "reasons": ["no longer needed", "ordered by mistake"],
        },
        "change_items": {
            "section": "Changing items",
            "when": ["pending"],
            "becomes": "pending",
            "once": True,
        },
        "change_address": {"section": "Address", "when": ["pending"]},
        "change_payment": {"section": "Payment", "when": ["pending"]},
        "return_items": {
            "section": "Returns",
            "when": ["delivered"],
            "becomes": "return requested",
            "once": True,
            "refund_to": ["original", "gift_card"],
            "within_days": 30,
            "excluded_aisles": ["Fresh fish"],
        },
        "exchange_items": {
            "section": "Exchanges",
            "when": ["delivered"],
            "becomes": "exchange requested",
            "once": True,
            "within_days": 30,
        },
        "change_default_address": {"section": "Your address"},
        "place_order": {"section": "Ordering", "becomes": "pending"},
    }
)
PLANNER = Planner(POLICY, "USD")


def order(
    order_id: str,
    customer: Customer,
    status: str,
    lines: dict[str, int],
    *,
    paid_by: str = "",
    days_ago: int = 1,
) -> PastOrder:
    """Make an order of products by quantity at today's prices, paid at once."""
    past = tuple(PastLine(p, n, PRODUCTS[p][2]) for p, n in lines.items())
    method = paid_by or customer.payment_methods[-1].id
    total = sum(line.quantity * line.price for line in past)
    sent = status in ("shipped", "delivered")
    return PastOrder(
        id=order_id,
        customer_id=customer.id,
        placed_at=CLOCK - timedelta(days=days_ago),
        status=status,
        address=customer.address,
        lines=past,
        ledger=(LedgerEntry(EntryKind.PAYMENT, total, method),),
        fulfilments=(Fulfilment(("T1",), tuple(range(len(past)))),) if sent else (),
    )


ORDERS = (
    order("A1", ANN, "pending", {"tee-red": 2, "lamp-black": 1}, paid_by="ann-card"),
    order("A2", ANN, "delivered", {"tee-red": 1, "lamp-black": 2, "fish": 1}),
    order("A3", ANN, "shipped", {"tee-blue": 1}),
    order("A4", ANN, "pending", {"tee-red": 1}, paid_by="ann-gift"),
    order("A5", ANN, "delivered", {"tee-red": 1}, days_ago=31),
    order("B1", BOB, "pending", {"tee-red": 1}),
    order("B2", BOB, "delivered", {"lamp-white": 1}),
)


def write_order_shop(database: Database) -> None:
    """Write the shop anew into a database that has its tables."""
    with database.write() as connection:
        replace_store(connection, STORE, "digest")
        families = [_family(family_id) for family_id in AISLES]
        connection.execute(insert(schema.families), families)
        connection.execute(insert(schema.products), [_product(p) for p in PRODUCTS])
        write_customers(connection, STORE.name, (ANN, BOB))
        write_orders(connection, STORE.name, ORDERS)


def _family(family_id: str) -> dict[str, object]:
    return {
        "store": STORE.name,
        "id": family_id,
        "name": family_id.title(),
        "size": "",
        "own_label": False,
        "aisle": AISLES[family_id],
        "department": "All",
        "category": family_id,
        "keywords": [],
        "best_seller": next(p for p, row in PRODUCTS.items() if row[0] == family_id),
        "lines_sold": 1,
    }


def _product(product_id: str) -> dict[str, object]:
    family_id, options, price, stock = PRODUCTS[product_id]
    return {
        "store": STORE.name,
        "id": product_id,
        "family_id": family_id,
        "price": price,
        "regular_price": price,
        "promoted": False,
        "units_sold": 1,
        "options": list(options.items()) or None,
        "stock": stock,
    }
