"""Scenes: what the dialogue's own actions find for real shoppers of a store, as facts to talk of.

The same code as in a chat makes them, so a reply is trained on exactly what it will be given.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from sqlalchemy import select

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.products import Family
from assistant.catalog.schema import shoppers
from assistant.desk.reception import Reception
from assistant.dialogue.actions.find import named_with_prices
from assistant.dialogue.actions.scope import Scope
from assistant.dialogue.actions.table import act
from assistant.dialogue.cards import offer_facts
from assistant.dialogue.context import Context
from assistant.dialogue.grounding import Facts
from assistant.dialogue.outcome import Outcome, Statement
from assistant.dialogue.requests import Intent, ListItem, Request, Slots
from assistant.recommend.scenarios import Scenario
from assistant.settings import Settings
from assistant.tools.results import Session
from assistant.tools.toolkit import Toolkit
from assistant.wiring import OpenStore, open_store

PAIRS_HEADING = "Often bought with what is in your cart"
_PLAIN = (Intent.RECOMMEND, Intent.DISCOVER, Intent.USUAL, Intent.PROMOTIONS)
_LIMITS = (100, 200, 250, 300, 400, 500, 800, 1000)
_GUESTS = 0.15


@dataclass(frozen=True, slots=True)
class Scene:
    """One outcome that the model may speak of; `plain` is its rendering without a model."""

    facts: Facts
    plain: str


def read_scenes(home: Path, store: str, count: int, seed: int) -> tuple[Scene, ...]:
    """Return so many scenes of a prepared store; raises UnknownStore or NotPrepared."""
    opened = open_store(Settings(home=home, database_url=None), store)
    stage = _Stage(opened, Random(seed))
    return tuple(scene for scene, _ in zip(stage.scenes(), range(count), strict=False))


class _Stage:
    """Plays requests of a store's shoppers."""

    def __init__(self, store: OpenStore, rng: Random) -> None:
        self._toolkit: Toolkit = store.toolkit
        self._catalogue: Catalogue = store.catalogue
        self._staff = Reception(store.handoffs, store.agents)
        self._rng = rng
        with store.database.read() as connection:
            self._shoppers = list(
                connection.scalars(
                    select(shoppers.c.id)
                    .where(shoppers.c.store == store.catalogue.store.name)
                    .order_by(shoppers.c.id)
                )
            )
        families = [f for f in store.catalogue.families.values() if f.restriction is None]
        self._families: Sequence[Family] = sorted(families, key=lambda f: f.id)
        self._weights = [family.lines_sold + 1 for family in self._families]

    def scenes(self) -> Iterator[Scene]:
        """Yield scenes without end."""
        while True:
            outcome = self._outcome()
            if outcome is not None and outcome.talk and outcome.facts.offers:
                plain = " ".join(s.text for s in outcome.statements if not s.first)
                yield Scene(outcome.facts, plain)

    def _outcome(self) -> Outcome | None:
        kind = self._rng.random()
        if kind < 0.15:
            return self._pairs()
        if kind < 0.40:
            return self._act(Intent.FIND, self._search())
        if kind < 0.48:
            items = tuple(ListItem(self._name()) for _ in range(self._rng.choice((2, 2, 3))))
            return self._act(Intent.SHOPPING_LIST, Slots(items=items))
        return self._act(self._rng.choice(_PLAIN), Slots())

    def _act(self, intent: Intent, slots: Slots) -> Outcome:
        scope = Scope(
            self._toolkit, self._session(), lambda _word, others: [0.0] * len(others), self._staff
        )
        return act(scope, Request(intent, slots, slots.query or "", 1.0), Context())

    def _pairs(self) -> Outcome | None:
        held = [f.best_seller.id for f in self._drawn(self._rng.choice((1, 2, 3)))]
        cards = self._toolkit.recommend(self._session(), Scenario.CART, cart=held)
        if not cards:
            return None
        statement = Statement(f"{PAIRS_HEADING}: {named_with_prices(cards)}.")
        return Outcome(Context(), (statement,), facts=offer_facts(PAIRS_HEADING, cards))

    def _search(self) -> Slots:
        slots = Slots(query=self._name())
        chance = self._rng.random()
        if chance < 0.4:
            return replace(slots, max_price=self._rng.choice(_LIMITS))
        return replace(slots, own_label=True) if chance < 0.5 else slots

    def _session(self) -> Session:
        guest = self._rng.random() < _GUESTS
        shopper = None if guest else self._rng.choice(self._shoppers)
        return Session(self._catalogue.store.name, "scene", shopper)

    def _name(self) -> str:
        return self._drawn(1)[0].name.split(",")[0].lower()

    def _drawn(self, count: int) -> list[Family]:
        return self._rng.choices(self._families, self._weights, k=count)
