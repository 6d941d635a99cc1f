"""One customer's data as the rules on orders look at it, read within one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assistant.catalog.customers import (
    Address,
    Customer,
    EntryKind,
    Fulfilment,
    LedgerEntry,
    PaymentMethod,
)
from assistant.catalog.products import Option


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """One line of an order; `total` was paid for the whole `quantity`, in minor units.

    `family_id` and `aisle` are empty for a product that the shop no longer offers.
    """

    number: int
    product_id: str
    family_id: str
    aisle: str
    title: str
    quantity: int
    total: int


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """A change that was committed: which action, why, and by what settlement."""

    proposal_id: str
    action: str
    reason: str | None
    payment_method_id: str | None
    difference: int | None
    lines: tuple["ChangedLine", ...]


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """One line of a committed change; the `new` fields are None where nothing took its place."""

    line: int
    quantity: int
    product_id: str
    total: int
    new_product_id: str | None
    new_total: int | None


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One order with everything that was done to it.

    `address` is None for an order whose store records none.
    """

    id: str
    customer_id: str
    placed_at: datetime
    status: str
    address: Address | None
    lines: tuple[RecordedLine, ...]
    ledger: tuple[LedgerEntry, ...]
    fulfilments: tuple[Fulfilment, ...]
    cancel_reason: str | None
    changes: tuple[RecordedChange, ...]

    @property
    def total(self) -> int:
        """What its lines cost, in minor units."""
        return sum(line.total for line in self.lines)

    @property
    def original_payment(self) -> str | None:
        """The payment method that first paid for it."""
        payments = (e for e in self.ledger if e.kind is EntryKind.PAYMENT)
        return next((entry.payment_method_id for entry in payments), None)

    def has_had(self, action: str) -> bool:
        """Tell whether an action was ever committed on it."""
        return any(change.action == action for change in self.changes)

    def paid_by_method(self) -> dict[str, int]:
        """Return what each method has paid net of refunds, first payer first."""
        paid: dict[str, int] = {}
        for entry in self.ledger:
            sign = 1 if entry.kind is EntryKind.PAYMENT else -1
            paid[entry.payment_method_id] = (
                paid.get(entry.payment_method_id, 0) + sign * entry.amount
            )
        return paid


@dataclass(frozen=True, slots=True)
class Offer:
    """One purchasable product as it is now; `stock` is None where the shop does not count it."""

    product_id: str
    family_id: str
    title: str
    options: tuple[Option, ...]
    price: int
    stock: int | None

    @property
    def available(self) -> bool:
        """Whether at least one can be had."""
        return self.stock is None or self.stock > 0


@dataclass(frozen=True, slots=True)
class Situation:
    """All that decides whether a request may be done and what it does.

    `offers` holds the products that the request names, by id; `cart` pairs of product id and
    quantity. `clock` is the shop's.
    """

    customer: Customer
    clock: datetime
    order: OrderRecord | None = None
    offers: Mapping[str, Offer] = field(default_factory=dict)
    cart: Sequence[tuple[str, int]] = ()

    def method(self, payment_method_id: str) -> PaymentMethod | None:
        """Return one of the customer's payment methods by id."""
        methods = self.customer.payment_methods
        return next((method for method in methods if method.id == payment_method_id), None)
