"""Exactly what confirming a proposal changes: lines, money, stock, address, status."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from assistant.catalog.customers import Address, EntryKind

LineKind = Literal["cancelled", "changed", "returned", "exchanged", "ordered"]


class _Effect(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LineEffect(_Effect):
    """What becomes of `quantity` units of a line; `total` is what they cost, in minor units.

    `line` is the line's number in its order, or the number it gets. The `new` fields are those of
    the product that takes its place.
    """

    kind: LineKind
    line: int
    quantity: int
    product_id: str
    title: str
    total: int
    new_product_id: str | None = None
    new_title: str | None = None
    new_total: int | None = None


class MoneyEffect(_Effect):
    """Money that moves; `amount` in minor units, `method` the payment method in words.

    `timing` tells when a refund arrives. `booked` says that the ledger gets it at once; what is
    not booked moves when the goods are back.
    """

    kind: EntryKind
    amount: int
    payment_method_id: str
    method: str
    timing: str
    booked: bool = True


class StockEffect(_Effect):
    """Units of a product that go onto the shelf, or from it where `units` is negative."""

    product_id: str
    units: int


class Effects(_Effect):
    """The whole change that a proposal makes; what is None or empty stays as it is.

    `difference` is what the new items cost more than the old, in minor units.
    """

    order_id: str | None = None
    status_before: str | None = None
    status: str | None = None
    lines: tuple[LineEffect, ...] = ()
    money: tuple[MoneyEffect, ...] = ()
    stock: tuple[StockEffect, ...] = ()
    address_before: Address | None = None
    address: Address | None = None
    reason: str | None = None
    payment_method_id: str | None = None
    difference: int | None = None
