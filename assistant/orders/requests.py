"""What a customer may ask to have done with orders: validated values, none naming a customer."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from assistant.catalog.customers import Address
from assistant.prompting import neutralise

MOST_ITEMS = 100
_LONGEST = 120


def _cleaned(address: Address) -> Address:
    """Return the address as plain text; raises ValueError for a part that is too long or absent."""
    parts = (
        address.line1,
        address.line2,
        address.city,
        address.region,
        address.postcode,
        address.country,
    )
    if max(map(len, parts)) > _LONGEST:
        raise ValueError(f"each part of an address has at most {_LONGEST} characters")
    clean = Address(*(" ".join(neutralise(part).split()) for part in parts))
    if not (clean.line1 and clean.city and clean.postcode and clean.country):
        raise ValueError("an address has street, city, postcode and country")
    return clean


Id = Annotated[str, Field(min_length=1, max_length=64)]
Items = Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_ITEMS)]
PostalAddress = Annotated[Address, AfterValidator(_cleaned)]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CancelOrder(_Request):
    """Cancel a whole order."""

    action: Literal["cancel_order"] = "cancel_order"
    order_id: Id
    reason: Annotated[str, Field(max_length=200)] = ""


class ItemChange(_Request):
    """One unit of an ordered product for one unit of another."""

    product_id: Id
    new_product_id: Id


Changes = Annotated[tuple[ItemChange, ...], Field(min_length=1, max_length=MOST_ITEMS)]


class ChangeItems(_Request):
    """Change ordered items, before they are sent, to other options of the same product."""

    action: Literal["change_items"] = "change_items"
    order_id: Id
    changes: Changes
    payment_method_id: Id


class ChangeAddress(_Request):
    """Send an order somewhere else."""

    action: Literal["change_address"] = "change_address"
    order_id: Id
    address: PostalAddress


class ChangePayment(_Request):
    """Pay an order another way."""

    action: Literal["change_payment"] = "change_payment"
    order_id: Id
    payment_method_id: Id


class ReturnItems(_Request):
    """Send received items back for a refund; a product is named once for each unit."""

    action: Literal["return_items"] = "return_items"
    order_id: Id
    product_ids: Items
    payment_method_id: Id


class ExchangeItems(_Request):
    """Send received items back for other options of the same product."""

    action: Literal["exchange_items"] = "exchange_items"
    order_id: Id
    changes: Changes
    payment_method_id: Id


class ChangeDefaultAddress(_Request):
    """Change the address that new orders go to."""

    action: Literal["change_default_address"] = "change_default_address"
    address: PostalAddress


class PlaceOrder(_Request):
    """Order what is in the cart; `order_id` is the new order's, chosen when it is proposed."""

    action: Literal["place_order"] = "place_order"
    order_id: Id
    payment_method_id: Id
    address: PostalAddress | None = None


Request = Annotated[
    CancelOrder
    | ChangeItems
    | ChangeAddress
    | ChangePayment
    | ReturnItems
    | ExchangeItems
    | ChangeDefaultAddress
    | PlaceOrder,
    Field(discriminator="action"),
]
Action = Literal[
    "cancel_order",
    "change_items",
    "change_address",
    "change_payment",
    "return_items",
    "exchange_items",
    "change_default_address",
    "place_order",
]
REQUEST: TypeAdapter[Request] = TypeAdapter(Request)
