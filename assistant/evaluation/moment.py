"""What a scorer looks at, and what it says."""

from collections.abc import Callable
from dataclasses import dataclass

from assistant.dialogue.events import ProductItem
from assistant.evaluation.expectations import Expect, ShownAt
from assistant.evaluation.records import Facts, TurnRecord


@dataclass(frozen=True, slots=True)
class Moment:
    """One turn of a case with all that came before it."""

    turns: tuple[TurnRecord, ...]
    facts: Facts
    expect: Expect

    @property
    def turn(self) -> TurnRecord:
        """The turn to judge."""
        return self.turns[-1]

    def shown(self, place: ShownAt) -> tuple[ProductItem, ...]:
        """Return the cards a place means: one, all equally cheap ones, or all of its turn."""
        cards = self.turns[place.turn - 1].cards if place.turn <= len(self.turns) else ()
        if place.position is None or not cards:
            return cards
        if place.position == "cheapest":
            least = min(card.price for card in cards)
            return tuple(card for card in cards if card.price == least)
        index = place.position - 1 if place.position > 0 else place.position
        return (cards[index],) if -len(cards) <= index < len(cards) else ()


# A scorer judges one expectation and says what is wrong; None means that it holds.
Scorer = Callable[[Moment], str | None]


def named(cards: tuple[ProductItem, ...] | list[ProductItem]) -> str:
    """Name the first few cards with their prices, for a verdict's detail."""
    return "; ".join(f"{card.title} {card.price}" for card in cards[:3])
