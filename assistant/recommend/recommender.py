"""Recommend: a scenario's candidates, chosen from, then explained from facts."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from zoneinfo import ZoneInfo

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.products import Family
from assistant.errors import InvalidArguments, UnknownShopper
from assistant.recommend import explain
from assistant.recommend.candidates import (
    Candidate,
    Situation,
    completing,
    habitual,
    like_minded,
    on_offer,
    popular,
    reranked,
)
from assistant.recommend.copurchase import Copurchase
from assistant.recommend.explain import Why
from assistant.recommend.history import PurchaseHistory, baskets
from assistant.recommend.household import OFFERS, HouseholdState, name_recency
from assistant.recommend.neighbours import Neighbours
from assistant.recommend.profile import Profile, profile_of
from assistant.recommend.promotion import Promotions
from assistant.recommend.ranking.policy import RankingPolicy
from assistant.recommend.ranking.ranker import Moment, Ranked, Ranker, Wish
from assistant.recommend.ranking.scalarisation import Constraints
from assistant.recommend.scenarios import Objective, Scenario
from assistant.recommend.statistics import PurchaseStatistics

# Scenarios whose every product is there for a fact: bought before, or promoted now.
_FACTUAL = frozenset({Scenario.REPLENISH, Scenario.PROMOTION})


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A family to show, the product that stands for it, and why.

    `scores` maps each objective to a probability (`revenue`: expected minor units); empty until
    ranking heads are fitted.
    """

    family_id: str
    product_id: str
    scores: Mapping[Objective, float]
    why: tuple[Why, ...]


class Recommender:
    """Recommends from one store's catalogue, purchases and promotions."""

    def __init__(
        self,
        catalogue: Catalogue,
        history: PurchaseHistory,
        promotions: Promotions,
        statistics: PurchaseStatistics,
        ranker: Ranker | None = None,
        policy: RankingPolicy | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._history = history
        self._promotions = promotions
        self._ranker = ranker
        self._policy = policy or RankingPolicy()
        self._neighbours = Neighbours(statistics)
        self._copurchase = Copurchase(statistics, catalogue.families)
        self._zone = ZoneInfo(catalogue.store.timezone)
        self._volunteered = {
            family.id: family
            for family in catalogue.families.values()
            if family.restriction is None
        }
        self._named = _by_name(self._volunteered.values())
        self._sold = {
            name: sum(family.lines_sold for family in families)
            for name, families in self._named.items()
        }

    def recommend(
        self,
        shopper_id: str | None,
        scenario: Scenario,
        *,
        cart: Sequence[str] = (),
        k: int = 10,
        candidates: Sequence[str] | None = None,
        wish: Wish | None = None,
    ) -> tuple[Recommendation, ...]:
        """Return up to k recommendations, best first, at most one per family.

        Fitted heads rank what a shopper with a history is offered, as `wish` or else the
        merchant's policy puts it; without heads, and for who has bought nothing yet, each
        scenario's own order stands.

        `shopper_id` None is a guest, `cart` holds product ids. `candidates`, family ids best
        first, are what the search scenario orders, restricted ones included; no other scenario
        takes them, and none volunteers restricted families or what is in the cart. Raises
        UnknownShopper, and InvalidArguments where the scenario lacks its cart or candidates.
        """
        situation = self._situation(shopper_id, cart)
        if scenario is Scenario.SEARCH:
            if candidates is None:
                raise InvalidArguments("The search scenario needs the families that were found.")
            chosen: Iterable[Candidate] = self._found(candidates, situation, wish)
        else:
            offered = self._candidates(scenario, situation)
            if self._ranker is not None and situation.habit:
                offered = self._ranked(self._ranker, scenario, situation, offered, wish, k)
            chosen = self._admitted(offered, scenario, situation)
        return tuple(self._explained(one, situation.profile) for one in islice(chosen, max(k, 0)))

    def profile(self, shopper_id: str | None) -> Profile:
        """Read what a shopper keeps buying, once for all that follows; a guest's is empty."""
        if shopper_id is None:
            return Profile(self._catalogue.store.clock, self._zone)
        purchases = self._history.of(shopper_id)
        return profile_of(purchases, self._catalogue.store.clock, self._zone)

    def household(self, shopper_id: str) -> HouseholdState | None:
        """Put a shopper's purchases into names; None for who bought nothing that is volunteered."""
        bought = [b for b in self._history.of(shopper_id) if b.family_id in self._volunteered]
        orders = baskets(bought)
        if not orders:
            return None
        named = [Counter[str]() for _ in orders]
        for names, order in zip(named, orders, strict=True):
            for line in order:
                names[self._volunteered[line.family_id].name] += max(line.quantity, 1)
        recency = name_recency(named)
        today = self._catalogue.store.clock.astimezone(self._zone).date()
        days = (today - orders[-1][0].placed_at.astimezone(self._zone).date()).days
        offers = self._reduced_names(self._catalogue.location_of(shopper_id), recency)
        return HouseholdState(days, named[-1], recency, offers)

    def unbought_names(self, bought: Collection[str], most: int) -> tuple[str, ...]:
        """Return the names that sell most and are not among those bought, best first."""
        fresh = [name for name in self._sold if name not in bought]
        return tuple(sorted(fresh, key=lambda n: (-self._sold[n], n))[:most])

    def of_name(self, name: str) -> Recommendation | None:
        """Return the most sold family of a name as something new to the shopper."""
        families = self._named.get(name)
        if not families:
            return None
        return Recommendation(
            families[0].id, families[0].best_seller.id, {}, (Why(explain.PROPOSED),)
        )

    def _reduced_names(self, location: str | None, bought: Mapping[str, float]) -> tuple[str, ...]:
        sold: Counter[str] = Counter()
        for family_id, offers in self._promotions.at(location).items():
            family = self._volunteered.get(family_id)
            if family is not None and family.name not in bought and offers[0].reduced:
                sold[family.name] += family.lines_sold
        return tuple(sorted(sold, key=lambda name: (-sold[name], name))[:OFFERS])

    def _situation(self, shopper_id: str | None, cart: Sequence[str]) -> Situation:
        held = self._catalogue.products(cart)
        families = tuple(dict.fromkeys(product.family_id for product in held.values()))
        location = None if shopper_id is None else self._catalogue.location_of(shopper_id)
        if shopper_id is not None and location is None:
            raise UnknownShopper(f"This shop has no shopper {shopper_id!r}; check the number.")
        return Situation(self.profile(shopper_id), families, location, shopper_id, tuple(held))

    def _candidates(self, scenario: Scenario, situation: Situation) -> Iterable[Candidate]:
        families = self._volunteered
        if scenario is Scenario.CART:
            return self._completing(situation)
        if scenario is Scenario.REPLENISH and situation.habit:
            return habitual(situation, families)
        votes = self._neighbours.unbought(situation.habit)
        if scenario is Scenario.PROMOTION:
            offers = self._promotions.at(situation.location)
            currency = self._catalogue.store.currency
            return on_offer(offers, votes, situation, families, currency)
        return popular(families, situation, like_minded(votes, families))

    def _ranked(
        self,
        ranker: Ranker,
        scenario: Scenario,
        situation: Situation,
        offered: Iterable[Candidate],
        wish: Wish | None,
        k: int,
    ) -> Iterator[Candidate]:
        """Offer what the heads rank first, with the facts of the scenario, then the rest."""
        rest = list(offered)
        facts = {candidate.family_id: candidate for candidate in rest}
        wish = wish or self._policy.wish(scenario)
        ranked = ranker.rank(_moment(scenario, situation), wish, k)
        first = [one for one in ranked if scenario not in _FACTUAL or one.family_id in facts]
        told = (_with_facts(one, facts.get(one.family_id)) for one in first)
        # What the heads did not choose keeps to no constraints.
        return chain(told, rest if wish.constraints == Constraints() else ())

    def _found(
        self, families: Sequence[str], situation: Situation, wish: Wish | None
    ) -> list[Candidate]:
        """Order what a search found, and score it where there are heads."""
        ordered = reranked(families, situation)
        if self._ranker is None or not situation.habit:
            return ordered
        usual = situation.profile.usual
        shown = {
            usual.get(c.family_id) or self._catalogue.family(c.family_id).best_seller.id: c
            for c in ordered
        }
        moment = replace(_moment(Scenario.SEARCH, situation), found=tuple(shown))
        ranked = self._ranker.rank(moment, wish or Wish(), len(shown))
        scored = {
            one.product_id: replace(shown[one.product_id], scores=one.scores) for one in ranked
        }
        # Relevance orders a search unless weights are asked for.
        order = list(shown) if wish is None else [*scored, *shown]
        return [scored.get(product, shown[product]) for product in dict.fromkeys(order)]

    def _completing(self, situation: Situation) -> Iterator[Candidate]:
        if not situation.cart:
            raise InvalidArguments(
                "There is nothing in the cart to go with; name a product to add, or its number."
            )
        names = [self._catalogue.families[family_id].name for family_id in situation.cart]
        return completing(self._copurchase.companions(names), self._named, situation)

    def _admitted(
        self, candidates: Iterable[Candidate], scenario: Scenario, situation: Situation
    ) -> Iterator[Candidate]:
        """Leave out what is in the cart and what would look alike.

        Who keeps buying two sizes is reminded of both; otherwise one card per name is enough, and
        another size of what one buys is no discovery.
        """
        reminding = scenario is Scenario.REPLENISH and bool(situation.habit)
        shown: set[str] = set()
        if scenario is Scenario.BROWSE:
            shown.update(self._catalogue.family(known).name for known in situation.habit)
        for candidate in candidates:
            family = self._volunteered[candidate.family_id]
            label = family.title if reminding else family.name
            if family.id not in situation.cart and label not in shown:
                shown.add(label)
                yield candidate

    def _explained(self, candidate: Candidate, profile: Profile) -> Recommendation:
        family = self._catalogue.family(candidate.family_id)
        return Recommendation(
            family_id=family.id,
            product_id=candidate.product_id
            or profile.usual.get(family.id)
            or family.best_seller.id,
            scores=candidate.scores,
            why=candidate.why + profile.why(family.id),
        )


def _moment(scenario: Scenario, situation: Situation) -> Moment:
    profile = situation.profile
    lines = sorted(
        (line for own in profile.lines.values() for line in own), key=lambda line: line.placed_at
    )
    return Moment(
        situation.shopper_id,
        scenario,
        lines,
        situation.location,
        situation.cart_products,
    )


def _with_facts(ranked: Ranked, candidate: Candidate | None) -> Candidate:
    """Tell of a ranked product what the scenario tells of its family, and what lifted it."""
    lift = () if ranked.lifted_by is None else (explain.lifted(ranked.lifted_by),)
    if candidate is None:
        return Candidate(ranked.family_id, lift, ranked.product_id, ranked.scores)
    product_id = candidate.product_id or ranked.product_id
    return Candidate(ranked.family_id, candidate.why + lift, product_id, ranked.scores)


def _by_name(families: Iterable[Family]) -> dict[str, list[Family]]:
    named: dict[str, list[Family]] = {}
    for family in sorted(families, key=lambda f: (-f.lines_sold, f.id)):
        named.setdefault(family.name, []).append(family)
    return named
