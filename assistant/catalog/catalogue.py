"""A store's catalogue: families held in memory, products read from the database."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sqlalchemy import Connection, RowMapping, select

from assistant.catalog.database import Database
from assistant.catalog.products import Family, Product, Restriction, read_options
from assistant.catalog.schema import families, products, shoppers
from assistant.catalog.stores import Store, read_store
from assistant.errors import NotFound

# SQLite and PostgreSQL both bind far more than this in one statement.
CHUNK = 500


class Catalogue:
    """What one store sells and to whom; raises UnknownStore for a store that is not there."""

    def __init__(self, database: Database, store_name: str) -> None:
        self._database = database
        with database.read() as connection:
            self.store: Store = read_store(connection, store_name)
            rows = _family_rows(connection, store_name)
            variants = _variant_rows(connection, store_name)
        self.families: Mapping[str, Family] = MappingProxyType(
            {
                row["id"]: _family(row, variants.get(row["id"], ()), self.store.currency)
                for row in rows
            }
        )
        self.aisles: tuple[str, ...] = tuple(sorted({f.aisle for f in self.families.values()}))
        self._shelf_labels: tuple[Counter[tuple[frozenset[str], str]], ...] = tuple(
            Counter((_words(row[level]), row["aisle"]) for row in rows)
            for level in ("aisle", "category")
        )

    def family(self, family_id: str) -> Family:
        """Return a family by id; raises NotFound."""
        try:
            return self.families[family_id]
        except KeyError:
            raise NotFound(f"There is no product family {family_id!r} in this shop.") from None

    def product(self, product_id: str) -> Product:
        """Return a product by id; raises NotFound."""
        found = self.products([product_id])
        if product_id not in found:
            raise NotFound(f"There is no product {product_id!r} in this shop.")
        return found[product_id]

    def products(self, product_ids: Iterable[str]) -> dict[str, Product]:
        """Return the products among these ids that the shop offers, by id."""
        wanted = list(dict.fromkeys(product_ids))
        found: dict[str, Product] = {}
        with self._database.read() as connection:
            for start in range(0, len(wanted), CHUNK):
                found |= self._chunk(connection, wanted[start : start + CHUNK])
        return {product_id: found[product_id] for product_id in wanted if product_id in found}

    def has_shopper(self, shopper_id: str) -> bool:
        """Tell whether the store knows this shopper."""
        return self.location_of(shopper_id) is not None

    def location_of(self, shopper_id: str) -> str | None:
        """Return the location a shopper mostly buys at; None for an unknown shopper."""
        query = select(shoppers.c.location).where(
            shoppers.c.store == self.store.name, shoppers.c.id == shopper_id
        )
        with self._database.read() as connection:
            location: str | None = connection.scalar(query)
        return location

    def aisle_named(self, text: str) -> str | None:
        """Return the aisle that an aisle's or category's label means, in any case.

        A word or more of it will do, such as `milk` for `Milk & cream`. A label that fits several
        aisles gives the one with most families; None for a label that fits none.
        """
        wanted = _words(text)
        if not wanted:
            return None
        for fits in (frozenset.__eq__, frozenset.__le__):
            for labels in self._shelf_labels:
                counts = [(n, aisle) for (words, aisle), n in labels.items() if fits(wanted, words)]
                if counts:
                    return max(counts)[1]
        return None

    def _chunk(self, connection: Connection, product_ids: list[str]) -> dict[str, Product]:
        query = select(products).where(
            products.c.store == self.store.name, products.c.id.in_(product_ids)
        )
        return {
            row["id"]: _varied(self.families[row["family_id"]].best_seller, row)
            for row in connection.execute(query).mappings()
        }


def _words(label: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", label.casefold()))


def _family_rows(connection: Connection, store_name: str) -> list[RowMapping]:
    best = products.alias("best")
    ours = ("price", "regular_price", "promoted", "options", "stock")
    query = (
        select(families, *(best.c[name] for name in ours))
        .join(best, (best.c.store == families.c.store) & (best.c.id == families.c.best_seller))
        .where(families.c.store == store_name)
        .order_by(families.c.id)
    )
    return list(connection.execute(query).mappings())


def _variant_rows(connection: Connection, store_name: str) -> dict[str, list[RowMapping]]:
    """Read the products that options set apart, by family."""
    query = (
        select(products)
        .where(products.c.store == store_name, products.c.options.is_not(None))
        .order_by(products.c.id)
    )
    found: dict[str, list[RowMapping]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault(row["family_id"], []).append(row)
    return found


def _family(row: RowMapping, variants: Sequence[RowMapping], currency: str) -> Family:
    restriction = Restriction(row["restriction"]) if row["restriction"] else None
    best_seller = Product(
        id=row["best_seller"],
        family_id=row["id"],
        name=row["name"],
        size=row["size"],
        own_label=row["own_label"],
        aisle=row["aisle"],
        price=row["price"],
        regular_price=row["regular_price"],
        currency=currency,
        promoted=row["promoted"],
        restriction=restriction,
        options=read_options(row["options"]),
        stock=row["stock"],
        description=row["description"],
    )
    return Family(
        id=row["id"],
        name=row["name"],
        size=row["size"],
        own_label=row["own_label"],
        aisle=row["aisle"],
        department=row["department"],
        keywords=tuple(row["keywords"]),
        restriction=restriction,
        best_seller=best_seller,
        lines_sold=row["lines_sold"],
        brand=row["brand"],
        description=row["description"],
        variants=tuple(_varied(best_seller, variant) for variant in variants),
    )


def _varied(sibling: Product, row: RowMapping) -> Product:
    """Build a product from its row and another product of its family."""
    return replace(
        sibling,
        id=row["id"],
        price=row["price"],
        regular_price=row["regular_price"],
        promoted=row["promoted"],
        options=read_options(row["options"]),
        stock=row["stock"],
    )
