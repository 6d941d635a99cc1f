"""A little invented shop's purchases: enough baskets to cut by time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from finetune.tasks.baskets import Line, Purchases, purchases_of

NAMES = tuple(f"Name {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
START = datetime(2020, 1, 1, 12, tzinfo=UTC)
CLOCK = START + timedelta(days=120)
ZONE = ZoneInfo("UTC")


def lines(until: datetime = CLOCK, households: int = 12) -> list[Line]:
    """Return every line before a time; a household shops every third day."""
    found = [line for household in range(households) for line in _of(household)]
    return sorted((line for line in found if line.at < until), key=lambda line: line.at)


def bought(until: datetime = CLOCK) -> Purchases:
    """Return the purchases before a time."""
    return purchases_of(lines(until), ZONE)


def _of(household: int) -> Iterator[Line]:
    rng = Random(household)
    for visit in range(40):
        at = START + timedelta(days=3 * visit, minutes=household)
        for name in rng.sample(NAMES[: 6 + visit // 2], 3):
            price = rng.choice((100.0, 100.0, 60.0))
            order = f"{household}-{visit}"
            yield Line(str(household), order, at, f"product of {name}", name, 2, price)
