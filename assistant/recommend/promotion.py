"""Promotions of the last week, as offers by family."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import Row, distinct, func, select

from assistant.catalog.database import Database
from assistant.catalog.schema import products, promotions
from assistant.catalog.stores import Store


class Placement(StrEnum):
    """Where a product is promoted; MOST_MAILERS: in the mailer of at least half the locations."""

    MAILER = "mailer"
    DISPLAY = "display"
    MOST_MAILERS = "most_mailers"


@dataclass(frozen=True, slots=True)
class Offer:
    """A promoted product; prices in minor units, `regular_price` above `price` if reduced."""

    product_id: str
    family_id: str
    price: int
    regular_price: int
    units_sold: int
    placement: Placement

    @property
    def reduced(self) -> bool:
        """Whether it costs less than usual."""
        return self.price < self.regular_price


class Promotions:
    """The last week's promotions of one store."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._offered = select(
            products.c.id,
            products.c.family_id,
            products.c.price,
            products.c.regular_price,
            products.c.units_sold,
        ).where(products.c.store == store.name)

    def at(self, location: str | None) -> dict[str, tuple[Offer, ...]]:
        """Return the offers at a location by family: reduced ones first, then the most sold.

        Without a location, or at one without promotions, those in most locations' mailers.
        """
        offers = self._local(location) if location is not None else {}
        return _by_family((offers or self._common).values())

    def _local(self, location: str) -> dict[str, Offer]:
        query = (
            self._offered.add_columns(promotions.c.placement)
            .join(
                promotions,
                (promotions.c.store == products.c.store)
                & (promotions.c.product_id == products.c.id),
            )
            .where(promotions.c.location == location)
            # "display" comes before "mailer": a product in both is known by its mailer.
            .order_by(promotions.c.placement)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {row.id: _offer(row, Placement(row.placement)) for row in rows}

    @cached_property
    def _common(self) -> dict[str, Offer]:
        here = promotions.c.store == self._store.name
        locations = select(func.count(distinct(promotions.c.location))).where(here)
        common = (
            select(promotions.c.product_id)
            .where(here, promotions.c.placement == Placement.MAILER.value)
            .group_by(promotions.c.product_id)
            .having(2 * func.count() >= locations.scalar_subquery())
        )
        query = self._offered.where(products.c.id.in_(common))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            alone = connection.scalar(locations) == 1
        placement = Placement.MAILER if alone else Placement.MOST_MAILERS
        return {row.id: _offer(row, placement) for row in rows}


def _offer(row: Row[*tuple[Any, ...]], placement: Placement) -> Offer:
    return Offer(row.id, row.family_id, row.price, row.regular_price, row.units_sold, placement)


def _by_family(offers: Iterable[Offer]) -> dict[str, tuple[Offer, ...]]:
    grouped: dict[str, list[Offer]] = {}
    for offer in sorted(offers, key=lambda o: (not o.reduced, -o.units_sold, o.product_id)):
        grouped.setdefault(offer.family_id, []).append(offer)
    return {family_id: tuple(found) for family_id, found in grouped.items()}
