"""What the data set lacks and an order desk needs: made up for demonstration, the same each time.

The data has households and baskets and no names, addresses or payments. Each household gets a
name that is its number, an address that no post reaches and one to three ways to pay; the baskets
of the last weeks get that address and one payment. All of it is marked as demonstration data.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from random import Random

from assistant.catalog.completejourney.source import OrderRow
from assistant.catalog.customers import (
    Address,
    Customer,
    EntryKind,
    PaymentKind,
    PaymentMethod,
)

RECENT = timedelta(days=60)
"""Older baskets can neither be changed nor returned, so they need neither address nor payment."""

Row = Mapping[str, object]
_STREETS = ("Sample Street", "Example Avenue", "Specimen Lane", "Placeholder Road")
_BALANCES = (1500, 2500, 4000, 6000)


def demonstration_customer(shopper_id: str, location: str) -> Customer:
    """Make up a household's name, address and payment methods; balances in minor units."""
    draw = Random(f"household {shopper_id}")
    return Customer(
        id=shopper_id,
        first_name="Household",
        last_name=shopper_id,
        email=f"household.{shopper_id}@example.com",
        # No postcode of the United States begins with 000.
        address=Address(
            line1=f"{draw.randint(1, 99)} {draw.choice(_STREETS)}",
            line2="",
            city="Demonstration",
            region="OH",
            postcode=f"000{draw.randint(10, 99)}",
            country="USA",
        ),
        payment_methods=tuple(_methods(shopper_id, draw)),
        location=location,
        demonstration=True,
    )


def detail_rows(store: str, orders: Iterable[OrderRow], clock: datetime) -> Iterator[Row]:
    """Yield where the recent baskets go, as rows of order details."""
    for order in orders:
        if clock - order.placed_at <= RECENT:
            address = demonstration_customer(order.shopper_id, "").address
            yield {"store": store, "order_id": order.id, "cancel_reason": None, **asdict(address)}


def payment_rows(store: str, orders: Iterable[OrderRow], clock: datetime) -> Iterator[Row]:
    """Yield one payment of each recent basket by its household's card, as rows of the ledger."""
    for order in orders:
        if clock - order.placed_at <= RECENT:
            yield {
                "store": store,
                "order_id": order.id,
                "number": 0,
                "kind": EntryKind.PAYMENT,
                "amount": order.total,
                "payment_method_id": f"card_{order.shopper_id}",
                "timing": "at once",
                "proposal_id": None,
            }


def _methods(shopper_id: str, draw: Random) -> Iterator[PaymentMethod]:
    brand = draw.choice(("visa", "mastercard"))
    four = f"{draw.randrange(10_000):04}"
    yield PaymentMethod(f"card_{shopper_id}", PaymentKind.CARD, brand, four)
    if draw.randrange(3) == 0:
        yield PaymentMethod(f"paypal_{shopper_id}", PaymentKind.PAYPAL)
    if draw.randrange(4) == 0:
        balance = draw.choice(_BALANCES)
        yield PaymentMethod(f"gift_card_{shopper_id}", PaymentKind.GIFT_CARD, balance=balance)
