"""What every action works with, and how references to the page are resolved."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assistant.catalog.products import money
from assistant.catalog.stores import Store
from assistant.dialogue.context import Context, ShownProduct
from assistant.dialogue.requests import BOTH, Pointer, Reference
from assistant.dialogue.staff import Staff
from assistant.orders.policy import OrderPolicy
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Card, Session
from assistant.tools.toolkit import Toolkit

Similarity = Callable[[str, Sequence[str]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Scope:
    """One turn's tools and the session they act for.

    `similarity` compares a word with others by meaning, between -1 and 1; `seen` are the titles
    that this turn has shown already, `proposed` the names that the model proposes besides. `desk`
    is None where the shop's policy lets nothing be done with orders.
    """

    toolkit: Toolkit
    session: Session
    similarity: Similarity
    staff: Staff
    seen: frozenset[str] = frozenset()
    proposed: tuple[str, ...] = ()
    desk: OrderDesk | None = None

    @property
    def policy(self) -> OrderPolicy | None:
        """What may be done with orders; None where nothing may."""
        return None if self.desk is None else self.desk.policy

    @property
    def store(self) -> Store:
        """The store the session is in."""
        return self.toolkit.catalogue.store

    def fresh(self, cards: Iterable[Card]) -> tuple[Card, ...]:
        """Leave out cards that this turn has shown already: no two may read the same."""
        return tuple(card for card in cards if card.product.title not in self.seen)

    def money(self, minor: int) -> str:
        """Write minor units as text."""
        return money(minor, self.store.currency)


def pointed_at(reference: Reference, context: Context) -> tuple[ShownProduct, ...]:
    """Return the shown products a reference means; none where it points at nothing."""
    shown = context.shown
    match reference.pointer:
        case Pointer.ALL:
            if reference.words == BOTH and len(shown) != 2:
                return ()
            left_out = named(reference.without, shown)
            return tuple(product for product in shown if product not in left_out)
        case Pointer.ORDINAL:
            places = dict.fromkeys((reference.index or 1, *reference.also))
            return tuple(product for place in places for product in _at(place, shown))
        case Pointer.CHEAPEST:
            return tuple(sorted(shown, key=lambda product: product.price)[:1])
        case Pointer.IT:
            touched = tuple(p for p in shown if p.product_id == context.touched)
            return touched or (shown if len(shown) == 1 else shown[:1])
        case Pointer.NAMED:
            return named(reference.words, shown)


def _at(place: int, shown: tuple[ShownProduct, ...]) -> tuple[ShownProduct, ...]:
    start = len(shown) + place if place < 0 else place - 1
    return shown[start : start + 1] if start >= 0 else ()


def named(words: str, products: Sequence[ShownProduct]) -> tuple[ShownProduct, ...]:
    """Return the first product whose title has all the words, singular or plural alike."""
    wanted = _folded(words)
    for product in products:
        if wanted and wanted <= _folded(product.title):
            return (product,)
    return ()


def _folded(text: str) -> frozenset[str]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return frozenset(_singular(word) for word in words if word not in {"the", "a", "some", "my"})


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("oes"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
