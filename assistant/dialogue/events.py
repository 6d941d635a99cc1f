"""The events of a turn: all that crosses from the dialogue to a page, a command or a test."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

# Pydantic needs this one below Python 3.12.
from typing_extensions import TypedDict


def _with_offset(text: str) -> str:
    if datetime.fromisoformat(text).utcoffset() is None:
        raise ValueError("a time needs its offset")
    return text


Minor = Annotated[int, Field(ge=0, description="minor units")]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Timestamp = Annotated[
    str,
    AfterValidator(_with_offset),
    Field(json_schema_extra={"format": "date-time"}, description="ISO 8601 with offset"),
]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Probability = Annotated[float, Field(ge=0, le=1)]


class Scores(TypedDict, total=False):
    """What the ranking heads say of a product; `revenue` in expected minor units."""

    __pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[misc]

    purchase: Probability
    revenue: Amount
    discovery: Probability
    private_label: Probability
    discount: Probability


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reason(_Part):
    """One fact why a product is shown, with the orders that prove it."""

    text: str = Field(min_length=3)
    order_ids: tuple[str, ...] = ()


class ProductItem(_Part):
    """A product card."""

    id: str = Field(min_length=1)
    title: str = Field(min_length=2)
    price: Minor
    currency: Currency
    scores: Scores = {}
    why: tuple[Reason, ...] = ()


class Line(_Part):
    """A line of an order or a cart."""

    product_id: str
    title: str
    quantity: int = Field(ge=1)
    total: Minor


class OrderItem(_Part):
    """An order card."""

    id: str
    status: str
    placed_at: Timestamp
    total: Minor
    currency: Currency
    lines: tuple[Line, ...]


class TextEvent(_Part):
    """A piece of the visible answer; never retracted."""

    type: Literal["text"] = "text"
    delta: str = Field(min_length=1)


class ToolEvent(_Part):
    """A tool ran."""

    type: Literal["tool"] = "tool"
    name: str
    arguments: dict[str, JsonValue]
    ok: bool


class ProductsEvent(_Part):
    """Product cards, straight from the database."""

    type: Literal["products"] = "products"
    items: tuple[ProductItem, ...]


class OrdersEvent(_Part):
    """Order cards, straight from the database."""

    type: Literal["orders"] = "orders"
    items: tuple[OrderItem, ...]


class CartEvent(_Part):
    """The cart as it now is."""

    type: Literal["cart"] = "cart"
    items: tuple[Line, ...]
    total: Minor
    currency: Currency


class ProposalEvent(_Part):
    """A change that waits for the shopper's yes."""

    type: Literal["proposal"] = "proposal"
    id: str
    action: str
    summary: str
    parameters: dict[str, JsonValue]
    expires: Timestamp


class HandoffEvent(_Part):
    """The conversation should go to a person."""

    type: Literal["handoff"] = "handoff"
    reason: str


class DoneEvent(_Part):
    """The turn is over."""

    type: Literal["done"] = "done"
    conversation: str
    seconds: Amount
    usage: dict[str, int]
    prompts: dict[str, str] = Field(description="prompt name -> content hash")
    adapters: dict[str, str] = Field(description="adapter name -> digest")
    degraded: tuple[str, ...]


class SummaryEvent(_Part):
    """The last line of an evaluation."""

    type: Literal["summary"] = "summary"
    suites: dict[str, JsonValue]
    verdict: str | None = None


TurnEvent = Annotated[
    TextEvent
    | ToolEvent
    | ProductsEvent
    | OrdersEvent
    | CartEvent
    | ProposalEvent
    | HandoffEvent
    | DoneEvent,
    Field(discriminator="type"),
]
PrintedEvent = Annotated[TurnEvent | SummaryEvent, Field(discriminator="type")]
turn_events: TypeAdapter[TurnEvent] = TypeAdapter(TurnEvent)
printed_events: TypeAdapter[PrintedEvent] = TypeAdapter(PrintedEvent)
