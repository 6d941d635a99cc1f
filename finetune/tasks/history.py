"""The task `history`: a household's purchase history -> families that it buys next.

A "family" here is a name of the catalogue ("Milk"), all sizes and labels together, in lower case:
sizes are too many and too thin to learn. What a household keeps buying is known without a model,
so answers hold mostly names that it has never bought: those of its next basket, then of the
baskets after it, and a few repeats that teach which habits are due. Every example knows only what
came before its own basket; splits are by time, so no training answer reaches past the first cut.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from pydantic import BaseModel, ConfigDict, Field

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.recommend.household import (
    OFFERS,
    HouseholdState,
    answer_text,
    name_recency,
)
from finetune.tasks.baskets import Household, OfferDiary, Purchases, read_purchases

NAMES = 600
TOP = 10
_OFFER_DAYS = 7


class HistoryRecipe(BaseModel):
    """The `examples` section of a configuration; the same recipe makes the same examples.

    `test_days` before the store's clock lies the last cut, `validation_days` before that the
    first. A household needs `least_baskets` before an example's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 7
    store: str = "completejourney"
    train: int = Field(default=2600, gt=0)
    validation: int = Field(default=100, gt=0)
    test: int = Field(default=300, gt=0)
    test_days: int = Field(default=53, gt=0)
    validation_days: int = Field(default=28, gt=0)
    least_baskets: int = Field(default=5, gt=0)
    new_names: int = Field(default=8, ge=0)
    repeats: int = Field(default=2, ge=0)


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known of a household right before one of its baskets, and what came then.

    `basket` holds the names that it then bought, `later` the new ones of the baskets after it,
    nearest first.
    """

    shopper: str
    at: datetime
    state: HouseholdState
    basket: tuple[str, ...]
    later: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from every other moment."""
        return f"{self.shopper} {self.at.isoformat()}"

    @property
    def new(self) -> tuple[str, ...]:
        """The names of the basket that were never bought before."""
        return tuple(name for name in self.basket if name not in self.state.recency)

    @property
    def repeats(self) -> tuple[str, ...]:
        """The names of the basket that were bought before."""
        return tuple(name for name in self.basket if name in self.state.recency)


@dataclass(frozen=True, slots=True)
class HistorySplit:
    """Moments by split, the names in the running, and all households to count baselines from."""

    names: tuple[str, ...]
    train: tuple[Moment, ...]
    validation: tuple[Moment, ...]
    test: tuple[Moment, ...]
    first_cut: datetime
    last_cut: datetime
    households: tuple[Household, ...]


def history_split(recipe: HistoryRecipe, home: Path) -> HistorySplit:
    """Make the moments of a prepared store; raises UnknownStore."""
    database = Database(f"sqlite:///{home / 'shop.db'}")
    catalogue = Catalogue(database, recipe.store)
    return split_purchases(recipe, read_purchases(database, catalogue), catalogue.store.clock)


def split_purchases(recipe: HistoryRecipe, purchases: Purchases, clock: datetime) -> HistorySplit:
    """Cut purchases by time: training before the first cut, the test after the last."""
    last_cut = clock - timedelta(days=recipe.test_days)
    first_cut = last_cut - timedelta(days=recipe.validation_days)
    names = most_sold(purchases.households, first_cut)
    rng = Random(recipe.seed)
    households = list(purchases.households)
    rng.shuffle(households)
    train = _training(recipe, households, purchases, frozenset(names), first_cut, rng)
    parts = [
        _first_after(recipe, households, purchases, frozenset(names), after, before)
        for after, before in ((first_cut, last_cut), (last_cut, clock + timedelta(days=1)))
    ]
    return HistorySplit(
        names,
        tuple(train),
        tuple(parts[0][: recipe.validation]),
        tuple(parts[1][: recipe.test]),
        first_cut,
        last_cut,
        purchases.households,
    )


def most_sold(households: Iterable[Household], before: datetime) -> tuple[str, ...]:
    """Return the names in most baskets before a time, most sold first, at most 600."""
    sold = baskets_sold(households, before)
    return tuple(sorted(sold, key=lambda name: (-sold[name], name))[:NAMES])


def baskets_sold(households: Iterable[Household], before: datetime) -> Counter[str]:
    """Count the baskets that held each name before a time."""
    sold: Counter[str] = Counter()
    for household in households:
        for basket in household.baskets:
            if basket.at < before:
                sold.update(basket.names.keys())
    return sold


def _training(
    recipe: HistoryRecipe,
    households: Sequence[Household],
    purchases: Purchases,
    names: frozenset[str],
    cut: datetime,
    rng: Random,
) -> list[Moment]:
    """Draw baskets before the cut with something new, households in turn."""
    found: list[Moment] = []
    pools = []
    for household in households:
        seen = [basket for basket in household.baskets if basket.at < cut]
        places = list(range(recipe.least_baskets, len(seen)))
        rng.shuffle(places)
        if places:
            pools.append((Household(household.shopper, tuple(seen)), places))
    while pools and len(found) < recipe.train:
        for household, places in pools:
            moment = None
            while places and (moment is None or not (moment.new or moment.later)):
                moment = moment_at(household, places.pop(), purchases, names)
            if moment is not None and (moment.new or moment.later) and len(found) < recipe.train:
                found.append(moment)
        pools = [(household, places) for household, places in pools if places]
    rng.shuffle(found)
    return found


def _first_after(
    recipe: HistoryRecipe,
    households: Sequence[Household],
    purchases: Purchases,
    names: frozenset[str],
    after: datetime,
    before: datetime,
) -> list[Moment]:
    """Take each household's first basket in a period."""
    found = []
    for household in households:
        places = [at for at, b in enumerate(household.baskets) if after <= b.at < before]
        if places and places[0] >= recipe.least_baskets:
            known = Household(household.shopper, household.baskets[: places[0] + 1])
            moment = moment_at(known, places[0], purchases, names)
            if moment.basket:
                found.append(moment)
    return found


def moment_at(
    household: Household, place: int, purchases: Purchases, names: frozenset[str]
) -> Moment:
    """Describe what is known before the basket at a place; the household's later ones may follow.

    Only names among `names` count as bought then; all that were bought before are known.
    """
    own = household.baskets[place]
    before = household.baskets[:place]
    today = own.at.astimezone(purchases.zone).date()
    recency = name_recency([basket.names for basket in before])
    state = HouseholdState(
        days=(today - before[-1].at.astimezone(purchases.zone).date()).days,
        last=before[-1].names,
        recency=recency,
        offers=new_offers(purchases.diary, today, recency, names),
    )
    later = (
        name
        for basket in household.baskets[place + 1 :]
        for name in basket.names
        if name in names and name not in recency and name not in own.names
    )
    return Moment(
        shopper=household.shopper,
        at=own.at,
        state=state,
        basket=tuple(name for name in own.names if name in names),
        later=tuple(dict.fromkeys(later)),
    )


def new_offers(
    diary: OfferDiary, today: date, bought: Mapping[str, float], names: frozenset[str]
) -> tuple[str, ...]:
    """Return the unbought names that sold reduced most in the seven days before today."""
    counts: Counter[str] = Counter()
    for ago in range(1, _OFFER_DAYS + 1):
        counts.update(diary.reduced.get(today - timedelta(days=ago), {}))
    fresh = [name for name in counts if name in names and name not in bought]
    return tuple(sorted(fresh, key=lambda name: (-counts[name], name))[:OFFERS])


def ndcg(ranked: Sequence[str], bought: Sequence[str]) -> float:
    """Return nDCG at 10 with every bought name worth the same."""
    wanted = set(bought)
    gained = sum(1 / math.log2(at + 2) for at, name in enumerate(ranked[:TOP]) if name in wanted)
    return gained / sum(1 / math.log2(at + 2) for at in range(min(TOP, len(wanted))))


def training_answer(moment: Moment, recipe: HistoryRecipe, rng: Random) -> str:
    """Return new names of the basket and of those after it, with a few repeats among them."""
    new = [*moment.new, *moment.later][: recipe.new_names]
    repeats = list(moment.repeats)
    rng.shuffle(repeats)
    names = [*new, *repeats[: recipe.repeats]]
    rng.shuffle(names)
    return answer_text(names)
