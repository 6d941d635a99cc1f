"""The tau2-bench retail store as its file writes it."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from assistant.errors import BadInput


def minor_units(value: object) -> int:
    """Turn a JSON amount in dollars into cents; raises ValueError for a fraction of a cent."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is no amount of money")
    # Sums of binary fractions are off by far less than a millionth of a cent.
    cents = round(Decimal(str(value)) * 100, 6)
    if cents != int(cents):
        raise ValueError(f"{value!r} is no whole number of cents")
    return int(cents)


Money = Annotated[int, BeforeValidator(minor_units)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VariantRecord(_Record):
    """One item: a product with its options chosen."""

    item_id: str
    options: dict[str, str]
    available: bool
    price: Money


class ProductRecord(_Record):
    """One product and its items by id."""

    name: str
    product_id: str
    variants: dict[str, VariantRecord]


class AddressRecord(_Record):
    """A postal address."""

    address1: str
    address2: str
    city: str
    country: str
    state: str
    zip: str


class NameRecord(_Record):
    """A person's name."""

    first_name: str
    last_name: str


class PaymentMethodRecord(_Record):
    """A payment method; cards have brand and digits, gift cards a balance."""

    source: Literal["gift_card", "credit_card", "paypal"]
    id: str
    brand: str = ""
    last_four: str = ""
    balance: Money | None = None


class UserRecord(_Record):
    """A customer; `orders` are in the order they were placed."""

    user_id: str
    name: NameRecord
    address: AddressRecord
    email: str
    payment_methods: dict[str, PaymentMethodRecord]
    orders: tuple[str, ...]


class ItemRecord(_Record):
    """One item of an order."""

    name: str
    product_id: str
    item_id: str
    price: Money
    options: dict[str, str]


class FulfilmentRecord(_Record):
    """A parcel."""

    tracking_id: tuple[str, ...]
    item_ids: tuple[str, ...]


class PaymentRecord(_Record):
    """An entry of an order's payments."""

    transaction_type: Literal["payment", "refund"]
    amount: Money
    payment_method_id: str


class OrderEntry(_Record):
    """One order as it stands before anything was asked of the assistant."""

    order_id: str
    user_id: str
    address: AddressRecord
    items: Annotated[tuple[ItemRecord, ...], Field(min_length=1)]
    status: str
    fulfillments: tuple[FulfilmentRecord, ...]
    payment_history: tuple[PaymentRecord, ...]


class RetailStore(_Record):
    """The whole file."""

    products: dict[str, ProductRecord]
    users: dict[str, UserRecord]
    orders: dict[str, OrderEntry]

    @model_validator(mode="after")
    def _orders_and_users_agree(self) -> Self:
        listed = {name: user.user_id for user in self.users.values() for name in user.orders}
        owned = {order.order_id: order.user_id for order in self.orders.values()}
        if listed != owned:
            name = next(iter(listed.items() ^ owned.items()))[0]
            raise ValueError(f"order {name} is not in its own customer's list")
        return self


def read_retail_store(path: Path) -> RetailStore:
    """Read a store file; raises BadInput, naming the first record that is broken."""
    try:
        return RetailStore.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); check the path.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = " / ".join(str(part) for part in first["loc"])
        raise BadInput(f"{path.name}: {where}: {first['msg']}.") from error
