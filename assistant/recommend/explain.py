"""Why something is recommended: facts with the orders that prove them, never another's data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from assistant.catalog.products import money
from assistant.recommend.history import Purchase
from assistant.recommend.promotion import Offer, Placement
from assistant.recommend.scenarios import Objective

POPULAR = "Among the most bought in this shop"
LIKE_MINDED = "Popular with shoppers who buy what you buy"
PROPOSED = "New to you, chosen by what you buy"
EVIDENCE = 5
_RHYTHM_FROM = 4
_PLACEMENTS = {
    Placement.MAILER: "In this week's mailer",
    Placement.DISPLAY: "On display this week",
    Placement.MOST_MAILERS: "In this week's mailer at most of our locations",
}
_LIFTS = {
    Objective.PURCHASE: "Higher up because you are likely to buy it",
    Objective.REVENUE: "Higher up for what you are likely to spend on it",
    Objective.DISCOVERY: "Higher up because it would be something new",
    Objective.PRIVATE_LABEL: "Higher up because it is own label",
    Objective.DISCOUNT: "Higher up because you are likely to buy it on offer",
}


@dataclass(frozen=True, slots=True)
class Why:
    """One fact; `order_ids` are the shopper's own orders that prove it, newest first, up to 5."""

    text: str
    order_ids: tuple[str, ...] = ()


def bought(purchases: Sequence[Purchase], clock: datetime, zone: ZoneInfo) -> tuple[Why, ...]:
    """Tell how often, when last and in what rhythm something was bought.

    `purchases` are those of one family, oldest first; `clock` is the shop's, dates are in `zone`.
    """
    if not purchases:
        return ()
    placed = {line.order_id: line.placed_at.astimezone(zone).date() for line in purchases}
    evidence = tuple(reversed(placed))[:EVIDENCE]
    when = _day(list(placed.values())[-1], clock.astimezone(zone).date())
    facts = [Why(f"Bought {_times(len(placed))} {when}", evidence)]
    rhythm = _rhythm(sorted(set(placed.values()))) if len(placed) >= _RHYTHM_FROM else None
    if rhythm is not None:
        facts.append(Why(f"Usually {rhythm}", evidence))
    return tuple(facts)


def beside(name: str) -> Why:
    """Tell that something is often bought with what is in the cart under this name."""
    return Why(f"Often bought with {name}")


def promoted(offer: Offer, currency: str) -> tuple[Why, ...]:
    """Tell where something is promoted and, where it is reduced, what it costs otherwise."""
    facts = [Why(_PLACEMENTS[offer.placement])]
    if offer.reduced:
        facts.append(Why(f"Was {money(offer.regular_price, currency)}"))
    return tuple(facts)


def lifted(objective: Objective) -> Why:
    """Tell which objective raised something most."""
    return Why(_LIFTS[objective])


def _times(count: int) -> str:
    if count == 1:
        return "once,"
    return "twice, last" if count == 2 else f"{count} times, last"


def _day(day: date, today: date) -> str:
    if day == today:
        return "today"
    if (today - day).days == 1:
        return "yesterday"
    text = f"on {day.day} {day:%b}"
    return text if day.year == today.year else f"{text} {day.year}"


def _rhythm(days: Sequence[date]) -> str | None:
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    if not gaps:
        return None
    # Halves round up: `round` would turn 8.5 days into 8 and 9.5 into 10.
    typical = int(median(gaps) + 0.5)
    return "every day" if typical == 1 else f"every {typical} days"
