"""What the next message may refer back to; saved with every turn."""

from pydantic import BaseModel, ConfigDict

from assistant.dialogue.orders.wishes import OrderTalk
from assistant.dialogue.requests import Intent, Slots


class ShownProduct(BaseModel):
    """A product card on the page, in the order it was shown."""

    model_config = ConfigDict(frozen=True)

    product_id: str
    family_id: str
    name: str
    title: str
    price: int
    quantity: int = 1


class PendingRequest(BaseModel):
    """A request that waits for the shopper: for a yes, or for the one thing it lacked."""

    model_config = ConfigDict(frozen=True)

    intent: Intent
    slots: Slots
    text: str
    lacks: str | None = None


class Context(BaseModel):
    """The state between turns.

    `search` is the last search, `touched` the product last acted on, `asked` the last request,
    `awaits_message` says that the next message goes to the staff, `failures` counts the last
    answers that were of no use, `people` the hand-offs that had ended when this was written.
    """

    model_config = ConfigDict(frozen=True)

    shown: tuple[ShownProduct, ...] = ()
    search: Slots | None = None
    touched: str | None = None
    asked: Intent | None = None
    orders: tuple[str, ...] = ()
    pending: PendingRequest | None = None
    awaits_message: bool = False
    order_talk: OrderTalk = OrderTalk()
    failures: int = 0
    people: int = 0
