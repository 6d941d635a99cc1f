"""What a shopper wants done with orders, as far as said: kept between turns until it is done."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from assistant.orders.requests import Action

Reading = Literal["gift_card_balance", "refund_status"]
Aim = Action | Reading
Lack = Literal["order", "items", "option", "reason", "payment", "address"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class OrderWish(_Part):
    """One thing to do with one order; empty means not said.

    `what` are words that may name products or the order by its products, `into` those that may
    name another option. `newest`, `other`, `it` and `place` (from 1, -1 is the last) point at an
    order, `whole` means all of it. What was answered is kept as ids; `tries` counts answers that
    did not fit.
    """

    aim: Aim
    text: str
    what: str = ""
    into: str = ""
    order_id: str | None = None
    newest: bool = False
    other: bool = False
    it: bool = False
    place: int | None = None
    whole: bool = False
    payment: str = ""
    address: str = ""
    reason: str = ""
    product_ids: tuple[str, ...] = ()
    new_product_id: str | None = None
    payment_method_id: str | None = None
    tries: int = 0


class OpenWish(_Part):
    """A wish that waits for what it lacks; `offered` are the ids that the question listed."""

    wish: OrderWish
    lacks: Lack
    offered: tuple[str, ...] = ()

    @property
    def tries(self) -> int:
        """How often the question was asked again."""
        return self.wish.tries


class OrderTalk(_Part):
    """What is going on about orders between turns.

    `proposed` is the proposal that the last answer showed; only the very next message may confirm
    it. `later` are wishes that wait for their turn, `spoken_of` the orders that were acted on.
    """

    proposed: str | None = None
    open: OpenWish | None = None
    later: tuple[OrderWish, ...] = ()
    spoken_of: tuple[str, ...] = ()
