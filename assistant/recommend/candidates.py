"""Candidates: what each scenario would offer, best first, before anything is left out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.catalog.products import Family
from assistant.recommend import explain
from assistant.recommend.copurchase import Companion
from assistant.recommend.explain import Why
from assistant.recommend.profile import Profile
from assistant.recommend.promotion import Offer
from assistant.recommend.scenarios import Objective

# In a search: how far down relevance has halved, and what a firm habit weighs against rank one.
_HALVED_AT = 10
_HABIT_WEIGHT = 2


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a shopper now; `cart` names families, `location` is where they shop."""

    profile: Profile
    cart: tuple[str, ...] = ()
    location: str | None = None
    shopper_id: str | None = None
    cart_products: tuple[str, ...] = ()

    @property
    def habit(self) -> Mapping[str, float]:
        """How recently and often each family was bought."""
        return self.profile.recency


@dataclass(frozen=True, slots=True)
class Candidate:
    """A family to offer; `product_id` is set where only one product of it will do.

    `why` holds the facts of this scenario; the shopper's own purchases are told besides. `scores`
    are the ranking heads'.
    """

    family_id: str
    why: tuple[Why, ...] = ()
    product_id: str | None = None
    scores: Mapping[Objective, float] = field(default_factory=dict)


def by_score(scores: Mapping[str, float], families: Mapping[str, Family]) -> list[str]:
    """Order families by score; ties go to the most sold, then to the lower id."""
    known = [family_id for family_id in scores if family_id in families]
    return sorted(known, key=lambda f: (-scores[f], -families[f].lines_sold, f))


def habitual(situation: Situation, families: Mapping[str, Family]) -> Iterator[Candidate]:
    """Offer what the shopper keeps buying."""
    return (Candidate(family_id) for family_id in by_score(situation.habit, families))


def popular(
    families: Mapping[str, Family], situation: Situation, first: Sequence[Candidate] = ()
) -> Iterator[Candidate]:
    """Offer `first`, then what is most bought in the shop and not yet by this shopper."""
    yield from first
    taken = {candidate.family_id for candidate in first} | situation.habit.keys()
    for family in sorted(families.values(), key=lambda f: (-f.lines_sold, f.id)):
        if family.id not in taken:
            yield Candidate(family.id, (Why(explain.POPULAR),))


def like_minded(votes: Mapping[str, float], families: Mapping[str, Family]) -> list[Candidate]:
    """Offer what neighbours voted for."""
    return [
        Candidate(family_id, (Why(explain.LIKE_MINDED),)) for family_id in by_score(votes, families)
    ]


def completing(
    companions: Sequence[Companion],
    named: Mapping[str, Sequence[Family]],
    situation: Situation,
) -> Iterator[Candidate]:
    """Offer a family for each name: the shopper's most habitual, else the most sold.

    `named` lists the families of a name, most sold first.
    """
    for companion in companions:
        options = named.get(companion.name)
        if options:
            best = max(options, key=lambda family: situation.habit.get(family.id, 0.0))
            yield Candidate(best.id, (explain.beside(companion.beside),))


def on_offer(
    offers: Mapping[str, Sequence[Offer]],
    votes: Mapping[str, float],
    situation: Situation,
    families: Mapping[str, Family],
    currency: str,
) -> Iterator[Candidate]:
    """Offer promotions of what the shopper keeps buying, then of what neighbours buy.

    The product is the promoted one that the shopper bought last, else the family's first offer.
    """
    known = [family_id for family_id in offers if family_id in families]
    for family_id in sorted(
        known,
        key=lambda f: (
            -situation.habit.get(f, 0.0),
            -votes.get(f, 0.0),
            -families[f].lines_sold,
            f,
        ),
    ):
        own = situation.profile.lines.get(family_id, ())
        last = {line.product_id: at for at, line in enumerate(own)}
        offer = max(offers[family_id], key=lambda o: last.get(o.product_id, -1))
        yield Candidate(family_id, explain.promoted(offer, currency), offer.product_id)


def reranked(candidates: Sequence[str], situation: Situation) -> list[Candidate]:
    """Order found families, best first, by their rank and the shopper's habit together."""
    scores: dict[str, float] = {}
    for rank, family_id in enumerate(candidates):
        habit = situation.habit.get(family_id, 0.0)
        relevance = 1 / (1 + rank / _HALVED_AT)
        scores.setdefault(family_id, relevance + _HABIT_WEIGHT * habit / (habit + 1))
    return [Candidate(family_id) for family_id in sorted(scores, key=lambda f: -scores[f])]
