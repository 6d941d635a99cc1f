"""What the shop remembers about a shopper: to see, to correct, to take along, to forget."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.customers import Customer
from assistant.catalog.database import Database
from assistant.errors import InvalidArguments, NotFound
from assistant.orders.names import correct_name
from assistant.recommend.history import EVERYTHING, Purchase, PurchaseHistory
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Session


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a product was bought and when last, in the shop's records."""

    family_id: str
    title: str
    times: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Remembered:
    """All that is used to rank for a shopper and to talk to them; empty for a guest.

    `forgotten` names what was forgotten; "" stands for all purchases up to then.
    """

    customer: Customer | None = None
    habits: tuple[Habit, ...] = ()
    forgotten: tuple[str, ...] = ()


class ExportedPurchase(BaseModel):
    """One remembered purchase; `total` in minor units."""

    model_config = ConfigDict(frozen=True)

    order_id: str
    placed_at: datetime
    product_id: str
    title: str
    quantity: int
    total: int


class Memory:
    """The memory of one store; every call acts on the session's own shopper alone."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        history: PurchaseHistory,
        desk: OrderDesk | None,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._history = history
        self._desk = desk

    def see(self, session: Session) -> Remembered:
        """Return what is remembered, the most bought first."""
        if session.shopper_id is None:
            return Remembered()
        families: dict[str, list[Purchase]] = {}
        for purchase in self._history.of(session.shopper_id):
            families.setdefault(purchase.family_id, []).append(purchase)
        habits = [self._habit(family_id, bought) for family_id, bought in families.items()]
        habits.sort(key=lambda habit: (-habit.times, habit.title))
        forgotten = self._history.forgotten(session.shopper_id)
        return Remembered(
            self._customer(session),
            tuple(habits),
            tuple(sorted(self._title(family_id) for family_id in forgotten)),
        )

    def purchases(self, session: Session) -> tuple[ExportedPurchase, ...]:
        """Return the remembered purchases for the shopper to take along, oldest first."""
        if session.shopper_id is None:
            return ()
        return tuple(
            ExportedPurchase(
                order_id=bought.order_id,
                placed_at=bought.placed_at,
                product_id=bought.product_id,
                title=self._title(bought.family_id),
                quantity=bought.quantity,
                total=bought.total,
            )
            for bought in self._history.of(session.shopper_id)
        )

    def forget(self, session: Session, family_id: str = EVERYTHING) -> None:
        """Forget the purchases of one family, or all; raises NotFound for a guest or a stranger.

        Raises InvalidArguments for a family that the shopper never bought.
        """
        shopper = _shopper(session)
        known = {purchase.family_id for purchase in self._history.of(shopper)}
        if family_id != EVERYTHING and family_id not in known:
            raise InvalidArguments("That is not remembered, so there is nothing to forget.")
        self._history.forget(shopper, family_id)

    def correct_name(self, session: Session, first_name: str, last_name: str) -> None:
        """Correct the shopper's name; raises NotFound or InvalidArguments."""
        correct_name(self._database, session.store, _shopper(session), first_name, last_name)

    def _customer(self, session: Session) -> Customer | None:
        if self._desk is None:
            return None
        try:
            return self._desk.profile(session)
        except NotFound:
            return None

    def _habit(self, family_id: str, bought: list[Purchase]) -> Habit:
        times = len({purchase.order_id for purchase in bought})
        return Habit(family_id, self._title(family_id), times, bought[-1].placed_at)

    def _title(self, family_id: str) -> str:
        known = self._catalogue.families.get(family_id)
        return "" if family_id == EVERYTHING else family_id if known is None else known.title


def _shopper(session: Session) -> str:
    if session.shopper_id is None:
        raise NotFound("Nothing about you is kept beyond this conversation; you are a guest.")
    return session.shopper_id
