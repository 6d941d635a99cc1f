"""A year of the store's orders, drawn from its customers' wishes; the same on every machine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from assistant.catalog.customers import (
    Address,
    EntryKind,
    Fulfilment,
    LedgerEntry,
    PastLine,
    PastOrder,
    PaymentKind,
)
from assistant.catalog.merrowby.assortment import Article, reduced
from assistant.catalog.merrowby.people import Person
from assistant.catalog.merrowby.wishes import YEAR, Wish, Wisher

PENDING = timedelta(hours=36)
SHIPPED = timedelta(days=6)
FIRST_NUMBER = 2_600_011
_TOGETHER = 6
_CANCELLED = 0.04
_SENT_BACK = 0.14
_RETURNABLE = timedelta(days=30)
_SENDING_BACK = 0.4
_REASONS = ("no longer needed", "ordered by mistake")
# The days of the late-November sale, when everything is reduced.
_SALE = {(11, day) for day in range(27, 31)}


@dataclass(frozen=True, slots=True)
class Draft:
    """An order before it has a number."""

    person: Person
    placed_at: datetime
    wishes: tuple[Wish, ...]


def draw_orders(
    people: Sequence[Person],
    articles: Sequence[Article],
    companions: Mapping[int, tuple[int, ...]],
    clock: datetime,
    zone: ZoneInfo,
) -> tuple[PastOrder, ...]:
    """Draw the year of orders before `clock` (aware), oldest first."""
    begins = clock.astimezone(zone).replace(hour=0, minute=0) - timedelta(days=YEAR - 1)
    drafts = [
        draft
        for person in people
        for draft in _drafts(person, Wisher(person, articles, companions, begins), begins)
        if draft.placed_at < clock
    ]
    drafts.sort(key=lambda draft: (draft.placed_at, draft.person.customer.id))
    return tuple(_numbered(drafts, clock))


def _drafts(person: Person, wisher: Wisher, begins: datetime) -> Iterator[Draft]:
    random = Random(f"orders of {person.customer.id}")
    waiting: list[Wish] = []
    for wish in wisher.year():
        if waiting and (wish.gift or waiting[0].gift or wish.day - waiting[0].day > _TOGETHER):
            yield _draft(person, waiting, begins, random)
            waiting = []
        waiting.append(wish)
    if waiting:
        yield _draft(person, waiting, begins, random)


def _draft(person: Person, wishes: Sequence[Wish], begins: datetime, random: Random) -> Draft:
    """Order what has been wished for in the evening of the day of the last wish, mostly."""
    hour = random.choices(range(7, 23), [1, 1, 2, 2, 2, 3, 3, 2, 2, 2, 2, 4, 5, 6, 6, 4])[0]
    at = timedelta(days=wishes[-1].day, hours=hour, minutes=random.randrange(60))
    distinct = {wish.variant.id: wish for wish in wishes}
    return Draft(person, begins + at, tuple(distinct.values()))


def _numbered(drafts: Sequence[Draft], clock: datetime) -> Iterator[PastOrder]:
    random = Random("order numbers")
    number = FIRST_NUMBER
    for draft in drafts:
        yield _order(draft, str(number), clock)
        number += random.randint(3, 41)


def _order(draft: Draft, number: str, clock: datetime) -> PastOrder:
    random = Random(f"order {number}")
    lines = tuple(_line(wish, draft.placed_at, clock) for wish in draft.wishes)
    total = sum(line.quantity * line.price for line in lines)
    status = _status(draft, clock, random)
    return PastOrder(
        id=number,
        customer_id=draft.person.customer.id,
        placed_at=draft.placed_at,
        status=status,
        address=_destination(draft),
        lines=lines,
        ledger=_ledger(status, total, _method(draft.person, total, random)),
        fulfilments=() if status in ("pending", "cancelled") else (_parcel(lines, random),),
        cancel_reason=random.choice(_REASONS) if status == "cancelled" else None,
    )


def _line(wish: Wish, placed_at: datetime, clock: datetime) -> PastLine:
    variant = wish.variant
    price = variant.regular_price
    if (placed_at.month, placed_at.day) in _SALE:
        price = reduced(price)
    elif clock - placed_at < timedelta(days=7):
        price = variant.price
    return PastLine(variant.id, wish.quantity, price)


def _status(draft: Draft, clock: datetime, random: Random) -> str:
    """Say what became of an order: recent ones are under way, a few went wrong."""
    age = clock - draft.placed_at
    fate = random.random()
    if fate < _CANCELLED:
        return "cancelled"
    if age <= PENDING:
        return "pending"
    if age <= SHIPPED:
        return "shipped"
    if len(draft.wishes) > 1 or draft.wishes[0].article.lasts:
        return "delivered"
    if age <= _RETURNABLE:
        return "return requested" if fate > 1 - _SENDING_BACK else "delivered"
    return "returned" if fate > 1 - _SENT_BACK else "delivered"


def _destination(draft: Draft) -> Address:
    customer = draft.person.customer
    if draft.wishes[0].gift and customer.saved_addresses:
        return customer.saved_addresses[0].address
    return customer.address


def _method(person: Person, total: int, random: Random) -> str:
    """Choose what was paid with: a gift card only for small sums."""
    methods = [
        method
        for method in person.customer.payment_methods
        if method.kind is not PaymentKind.GIFT_CARD or total <= 4000
    ]
    return random.choice(methods).id


def _ledger(status: str, total: int, method_id: str) -> tuple[LedgerEntry, ...]:
    paid = LedgerEntry(EntryKind.PAYMENT, total, method_id)
    if status in ("cancelled", "returned"):
        return (paid, LedgerEntry(EntryKind.REFUND, total, method_id))
    return (paid,)


def _parcel(lines: Sequence[PastLine], random: Random) -> Fulfilment:
    tracking = f"{random.randrange(10**11, 10**12)}"
    return Fulfilment((tracking,), tuple(range(len(lines))))
