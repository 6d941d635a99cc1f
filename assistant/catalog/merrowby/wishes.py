"""What a customer comes to want in a year: staples, wishes by season, companions and gifts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from assistant.catalog.merrowby.assortment import Article, Variant
from assistant.catalog.merrowby.people import Person

YEAR = 365
# How much likelier an aisle is to be wanted in a month than in its quiet ones.
_SEASONS: Mapping[str, Mapping[int, int]] = {
    "tents": {4: 3, 5: 5, 6: 6, 7: 5, 8: 3},
    "camp_kitchen": {5: 4, 6: 5, 7: 5, 8: 3},
    "packs": {3: 3, 6: 4, 7: 4, 12: 2},
    "outdoor_clothing": {9: 3, 10: 5, 11: 5, 12: 4, 3: 3},
    "cycling": {3: 4, 4: 5, 5: 5, 6: 4, 9: 2},
    "garden_tools": {3: 5, 4: 6, 5: 5, 6: 3, 9: 2},
    "growing": {2: 4, 3: 6, 4: 6, 5: 5, 9: 3, 10: 3},
    "patio": {5: 5, 6: 6, 7: 5, 8: 3},
    "bedding": {1: 3, 10: 3, 11: 5, 12: 4},
    "decor": {11: 4, 12: 6, 1: 2},
    "lighting": {10: 3, 11: 4, 12: 4},
}
_GIFT_AISLES = ("decor", "tableware", "audio", "kitchen_tools", "cameras", "coffee_tea")
_EVERYDAY = ("cleaning", "bath", "charging", "food_storage")
_STAPLES = (2, 5)
_LIKED = 0.7
_ACCOMPANIED = 0.6


@dataclass(frozen=True, slots=True)
class Wish:
    """One product wanted on a day of the year, 0 to 364; a gift is ordered by itself."""

    day: int
    article: Article
    variant: Variant
    quantity: int = 1
    gift: bool = False


class Wisher:
    """Draws one customer's year; the same customer always draws the same."""

    def __init__(
        self,
        person: Person,
        articles: Sequence[Article],
        companions: Mapping[int, tuple[int, ...]],
        begins: datetime,
    ) -> None:
        self._person = person
        self._articles = articles
        self._by_number = {article.number: article for article in articles}
        self._companions = companions
        self._begins = begins
        self._random = Random(f"wishes of {person.customer.id}")
        self._owned: set[int] = set()

    def year(self) -> tuple[Wish, ...]:
        """Return a year of wishes, by day."""
        wishes = [*self._staples(), *self._durables(), *self._gifts(), *self._last_days()]
        return tuple(sorted(wishes, key=lambda wish: (wish.day, wish.gift, wish.variant.id)))

    def _staples(self) -> Iterator[Wish]:
        aisles = {*self._person.likes, *self._random.sample(_EVERYDAY, 2)}
        used_up = [a for a in self._articles if a.lasts and a.aisle_key in aisles]
        count = min(self._random.randint(*_STAPLES), len(used_up))
        for article in self._random.sample(used_up, count):
            variant, lasts = self._variant(article), article.lasts or YEAR
            rhythm = lasts * self._random.uniform(0.8, 1.3)
            day = self._random.uniform(0, rhythm)
            while day < YEAR:
                yield Wish(int(day), article, variant)
                day += rhythm * self._random.uniform(0.85, 1.15)

    def _durables(self) -> Iterator[Wish]:
        for _ in range(self._person.pace):
            liked = self._random.random() < _LIKED
            article = self._new(self._person.likes if liked else None)
            day = self._day_in_season(article.aisle_key)
            yield self._wish(day, article)
            yield from self._beside(article, day)

    def _beside(self, article: Article, day: int) -> Iterator[Wish]:
        for number in self._companions.get(article.number, ()):
            if number not in self._owned and self._random.random() < _ACCOMPANIED:
                self._owned.add(number)
                yield self._wish(day, self._by_number[number])

    def _gifts(self) -> Iterator[Wish]:
        for _ in range(self._random.randint(0, 3)):
            festive = self._random.random() < 0.6
            day = self._day_of(12, 2, 18) if festive else self._random.randrange(YEAR - 10)
            yield self._wish(day, self._new(_GIFT_AISLES), gift=True)

    def _last_days(self) -> Iterator[Wish]:
        """Yield what the sale at the end of the year tempts to."""
        for earliest, latest, likely in ((YEAR - 2, YEAR - 1, 0.7), (YEAR - 6, YEAR - 3, 0.5)):
            if self._random.random() < likely:
                day = self._random.randint(earliest, latest)
                for _ in range(self._random.randint(1, 3)):
                    yield self._wish(day, self._new(self._person.likes))

    def _wish(self, day: int, article: Article, *, gift: bool = False) -> Wish:
        quantity = 2 if article.lasts and self._random.random() < 0.2 else 1
        return Wish(day, article, self._variant(article), quantity, gift)

    def _new(self, aisles: Sequence[str] | None) -> Article:
        """Choose something the customer does not have yet, in these aisles where given."""
        fresh = [
            article
            for article in self._articles
            if article.number not in self._owned and (aisles is None or article.aisle_key in aisles)
        ]
        chosen = self._random.choice(fresh)
        self._owned.add(chosen.number)
        return chosen

    def _variant(self, article: Article) -> Variant:
        """Choose what fits, the first colors being the most popular."""
        fitting = [v for v in article.variants if self._fits(v, article)] or article.variants
        weights = [1 / (1 + at) for at in range(len(fitting))]
        return self._random.choices(fitting, weights)[0]

    def _fits(self, variant: Variant, article: Article) -> bool:
        offered = {option.value for v in article.variants for option in v.options}
        wanted = self._person.fits & offered
        return wanted <= {option.value for option in variant.options}

    def _day_in_season(self, aisle_key: str) -> int:
        season = _SEASONS.get(aisle_key, {})
        months = range(1, 13)
        month = self._random.choices(months, [season.get(month, 1) for month in months])[0]
        return self._day_of(month, 1, 28)

    def _day_of(self, month: int, first: int, last: int) -> int:
        """Return the day of the customer's year that a calendar day is."""
        day = self._begins.replace(month=month, day=self._random.randint(first, last))
        if day < self._begins:
            day = day.replace(year=day.year + 1)
        return min((day - self._begins) // timedelta(days=1), YEAR - 7)
