"""What a shop allows its customers to do with orders, read from its policy file's front matter."""

from pathlib import Path
from typing import Annotated, Literal

import frontmatter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.catalog.customers import PaymentKind
from assistant.errors import ConfigurationError

RefundRoute = Literal["original", "gift_card", "any"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Part):
    """When an action may be taken: `when` lists the statuses that allow it.

    `section` is the heading of the policy's text that says so; `once` allows it a single time
    per order.
    """

    section: str
    when: Annotated[tuple[str, ...], Field(min_length=1)]
    once: bool = False


class CancelRule(Rule):
    """Cancelling; where `reasons` are listed the customer has to give one of them."""

    becomes: str
    reasons: tuple[str, ...] = ()


class ItemsRule(Rule):
    """Changing or exchanging items for other options of the same product."""

    becomes: str
    within_days: int | None = None


class ReturnRule(Rule):
    """Returning items; `refund_to` lists where the money may go.

    `within_days` counts from the order's day by the shop's clock; goods of
    `excluded_aisles` are not taken back.
    """

    becomes: str
    refund_to: tuple[RefundRoute, ...] = ("original",)
    within_days: int | None = None
    excluded_aisles: tuple[str, ...] = ()


class PlaceRule(_Part):
    """Placing an order from the cart; a new order has the status `becomes`."""

    section: str
    becomes: str


class DefaultAddressRule(_Part):
    """Changing the address that new orders go to."""

    section: str


class RefundTiming(_Part):
    """When a refund arrives, in the policy's words."""

    section: str
    gift_card: str
    other: str

    def of(self, kind: PaymentKind) -> str:
        """Return when a refund to such a payment method arrives."""
        return self.gift_card if kind is PaymentKind.GIFT_CARD else self.other


class OrderPolicy(_Part):
    """The whole policy on orders; an action that is None is not offered in the chat.

    `counts_stock` False leaves what the catalogue says of a product's availability as it is.
    """

    refunds: RefundTiming
    counts_stock: bool = True
    cancel: CancelRule | None = None
    change_items: ItemsRule | None = None
    change_address: Rule | None = None
    change_payment: Rule | None = None
    return_items: ReturnRule | None = None
    exchange_items: ItemsRule | None = None
    change_default_address: DefaultAddressRule | None = None
    place_order: PlaceRule | None = None


def read_order_policy(path: Path) -> OrderPolicy:
    """Read the `orders` part of a policy file's front matter.

    Raises ConfigurationError where the file or the part is absent or breaks the model.
    """
    try:
        metadata = frontmatter.loads(path.read_text(encoding="utf-8")).metadata
    except OSError as error:
        raise ConfigurationError(
            f"no policy at {path.name}; restore it in prompts/policies"
        ) from error
    try:
        return OrderPolicy.model_validate(metadata.get("orders"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in ("orders", *first["loc"]))
        raise ConfigurationError(
            f"{path.name}: {where}: {first['msg']}; mend it in the file's front matter"
        ) from error


def rules_orders(path: Path) -> bool:
    """Tell whether a policy file says in its front matter what may be done with orders."""
    return path.exists() and "orders" in frontmatter.loads(path.read_text("utf-8")).metadata
