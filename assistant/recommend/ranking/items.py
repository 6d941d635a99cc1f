"""A store's products as columns: what ranking may know of a product, none of its words.

A family's name only tells which families are of one kind; no word of a listing is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlalchemy import select

from assistant.catalog.database import Database
from assistant.catalog.schema import families, products
from assistant.recommend.ranking.columns import Flags, Ints, codes


@dataclass(frozen=True)
class ItemTable:
    """Row i of every column is the product `product_ids[i]`.

    `family`, `kind` and `category` are rows of `family_ids`, of the kinds (families of one name)
    and of `categories`; `volunteered` is false for what is shown only when asked for. `price` is
    asked now, in minor units: budgets are counted in it, and ranking never reads it.
    """

    product_ids: tuple[str, ...]
    family_ids: tuple[str, ...]
    categories: tuple[str, ...]
    family: Ints
    kind: Ints
    category: Ints
    own_label: Flags
    volunteered: Flags
    price: Ints

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """The row of each product id."""
        return {product_id: row for row, product_id in enumerate(self.product_ids)}

    @cached_property
    def kinds(self) -> int:
        """How many kinds there are."""
        return int(self.kind.max(initial=-1)) + 1

    def __len__(self) -> int:
        return len(self.product_ids)


def read_items(database: Database, store: str) -> ItemTable:
    """Read a store's products, by id."""
    query = (
        select(
            products.c.id,
            products.c.family_id,
            products.c.price,
            families.c.name,
            families.c.category,
            families.c.own_label,
            families.c.restriction,
        )
        .join(
            families,
            (families.c.store == products.c.store) & (families.c.id == products.c.family_id),
        )
        .where(products.c.store == store)
        .order_by(products.c.id)
    )
    with database.read() as connection:
        rows = connection.execute(query).all()
    family, family_ids = codes([row.family_id for row in rows])
    category, categories = codes([row.category for row in rows])
    return ItemTable(
        product_ids=tuple(row.id for row in rows),
        family_ids=family_ids,
        categories=categories,
        family=family,
        kind=codes([row.name for row in rows])[0],
        category=category,
        own_label=np.array([row.own_label for row in rows], np.bool_),
        volunteered=np.array([row.restriction is None for row in rows], np.bool_),
        price=np.array([row.price for row in rows], np.int32),
    )
