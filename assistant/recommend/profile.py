"""A shopper's profile: everything that one reading of their purchases tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from assistant.recommend.explain import Why, bought
from assistant.recommend.history import Purchase
from assistant.recommend.recency import personal_recency


@dataclass(frozen=True, slots=True)
class Profile:
    """What a shopper keeps buying; empty for a guest.

    By family id: `recency` scores, `usual` names the most bought product, the latest among
    equals, and `lines` holds the purchases, oldest first. `clock` is the shop's, `zone` its.
    """

    clock: datetime
    zone: ZoneInfo
    recency: Mapping[str, float] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, Sequence[Purchase]] = field(default_factory=dict)

    def why(self, family_id: str) -> tuple[Why, ...]:
        """Tell how often, when last and in what rhythm the family was bought; () if never."""
        return bought(self.lines.get(family_id, ()), self.clock, self.zone)


def profile_of(purchases: Sequence[Purchase], clock: datetime, zone: ZoneInfo) -> Profile:
    """Make the profile of a shopper with these purchases, oldest first."""
    lines: dict[str, list[Purchase]] = {}
    for line in purchases:
        lines.setdefault(line.family_id, []).append(line)
    usual = {family_id: _usual(own) for family_id, own in lines.items()}
    return Profile(clock, zone, personal_recency(purchases), usual, lines)


def _usual(lines: Sequence[Purchase]) -> str:
    orders: dict[str, set[str]] = {}
    last: dict[str, int] = {}
    for at, line in enumerate(lines):
        orders.setdefault(line.product_id, set()).add(line.order_id)
        last[line.product_id] = at
    return max(orders, key=lambda product_id: (len(orders[product_id]), last[product_id]))
