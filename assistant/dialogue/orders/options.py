"""Which other option of an ordered product is wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.dialogue.orders.words import best, wanted_option, words
from assistant.dialogue.wording import joined
from assistant.orders.orders import OrderLine
from assistant.orders.records import Offer

_ANY_OTHER = frozenset("another other different".split())


@dataclass(frozen=True, slots=True)
class Options:
    """The options that a line's product can become; `chosen` is the one wanted, if that is sure.

    `sold_out` is the one wanted where it cannot be had.
    """

    line: OrderLine
    available: tuple[Offer, ...]
    chosen: Offer | None = None
    sold_out: Offer | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The products it can become."""
        return tuple(offer.product_id for offer in self.available)

    @property
    def difference(self) -> int:
        """What the chosen option costs more than what was paid, in minor units, for all units."""
        if self.chosen is None:
            return 0
        return self.chosen.price * self.line.quantity - self.line.total

    def question(self, money: Callable[[int], str]) -> str:
        """Ask which of the options that can be had it shall be."""
        named = joined([f"{offer.title} at {money(offer.price)}" for offer in self.available])
        gone = f"{self.sold_out.title} is sold out. " if self.sold_out else ""
        return f"{gone}Which option of {self.line.title} shall it be? There is {named}."


def choose_option(
    line: OrderLine, offers: Sequence[Offer], said: str, settled: str | None
) -> Options:
    """Choose the offer that the words mean; `settled` is one chosen before."""
    current = next((offer for offer in offers if offer.product_id == line.product_id), None)
    others = [offer for offer in offers if offer.product_id != line.product_id]
    available = tuple(offer for offer in others if offer.available)
    if settled is not None:
        return Options(line, available, next(o for o in offers if o.product_id == settled))
    if current is None:
        return Options(line, available)
    heard = frozenset(words(said))
    wanted = best(
        (offer.product_id, wanted_option(current.options, offer.options, heard)) for offer in others
    )
    if len(wanted) == 1:
        found = next(offer for offer in others if offer.product_id == wanted[0])
        if found.available:
            return Options(line, available, found)
        return Options(line, available, sold_out=found)
    if not wanted and len(available) == 1 and heard & _ANY_OTHER:
        return Options(line, available, available[0])
    return Options(line, available)
