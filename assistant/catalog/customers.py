"""Customers and their orders as a store's data holds them: plain values that loaders write."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PaymentKind(StrEnum):
    """What a payment method is; only a gift card has a balance."""

    GIFT_CARD = "gift_card"
    CARD = "card"
    PAYPAL = "paypal"


class EntryKind(StrEnum):
    """Which way an entry of the ledger moves money: to the shop, or back to the customer."""

    PAYMENT = "payment"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `line2` may be empty."""

    line1: str
    line2: str
    city: str
    region: str
    postcode: str
    country: str

    @property
    def text(self) -> str:
        """The address on one line."""
        street = ", ".join(part for part in (self.line1, self.line2, self.city) if part)
        return ", ".join(p for p in (street, f"{self.region} {self.postcode}", self.country) if p)


@dataclass(frozen=True, slots=True)
class SavedAddress:
    """A further address under a customer's own name for it, such as `work`."""

    name: str
    address: Address


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """One way a customer pays; `balance` is a gift card's, in minor units, else None."""

    id: str
    kind: PaymentKind
    brand: str = ""
    last_four: str = ""
    balance: int | None = None

    @property
    def text(self) -> str:
        """What a shopper calls it, such as `Visa card ending in 1234`."""
        if self.kind is PaymentKind.GIFT_CARD:
            return f"gift card {self.id}"
        if self.kind is PaymentKind.PAYPAL:
            return "PayPal account"
        return f"{self.brand.title()} card ending in {self.last_four}".strip()


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; `id` is the shopper's, `address` the default one.

    `demonstration` marks name, addresses and payment methods that were made up for a store whose
    own data has none. `location` is the store location whose promotions the customer sees.
    """

    id: str
    first_name: str
    last_name: str
    email: str
    address: Address
    payment_methods: tuple[PaymentMethod, ...]
    saved_addresses: tuple[SavedAddress, ...] = ()
    location: str = ""
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class PastLine:
    """One product of an order; `price` was paid for each, in minor units."""

    product_id: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """A parcel; `lines` are the numbers of the order's lines in it, the first line being 0."""

    tracking_ids: tuple[str, ...]
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Money that moved; `amount` in minor units, never negative; `timing` says when it arrives."""

    kind: EntryKind
    amount: int
    payment_method_id: str
    timing: str = ""


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An order as a store's data records it; `placed_at` is aware, `status` the shop's own word."""

    id: str
    customer_id: str
    placed_at: datetime
    status: str
    address: Address
    lines: tuple[PastLine, ...]
    ledger: tuple[LedgerEntry, ...]
    fulfilments: tuple[Fulfilment, ...] = ()
    cancel_reason: str | None = None
