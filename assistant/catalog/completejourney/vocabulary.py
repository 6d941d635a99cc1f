"""The checked tables that turn the data set's shouted codes into shopper's English."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.catalog.products import Restriction

FOLDER = Path(__file__).parent
TABLES = ("types.csv", "categories.csv", "departments.csv")
# A row with this flag names what no shopper takes from a shelf: coupons, fuel, till entries.
_DROP = "drop"


@dataclass(frozen=True, slots=True)
class Label:
    """What a shopper calls a product type, where it stands and who may be shown it."""

    name: str
    aisle: str
    restriction: Restriction | None
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Labels by (type, category), and those of categories and departments; None means dropped.

    A type's label for one category goes before its label for all, whose category is empty.
    """

    types: Mapping[tuple[str, str], Label | None]
    categories: Mapping[str, Label | None]
    departments: Mapping[str, str | None]

    def label(self, department: str, category: str | None, kind: str | None) -> Label | None:
        """Look up a product's label; None for what is not offered.

        A product without a type is called by its category; one with neither is not offered.
        Raises KeyError for codes that the tables lack.
        """
        if self.departments[department] is None:
            return None
        by_category = None if category is None else self.categories[category]
        if kind is None or (category is not None and by_category is None):
            return by_category
        override = (kind, category or "")
        return self.types[override] if override in self.types else self.types[kind, ""]


def read_vocabulary(folder: Path = FOLDER) -> Vocabulary:
    """Read types.csv, categories.csv and departments.csv of a folder."""
    types, categories, departments = (_rows(folder / table) for table in TABLES)
    return Vocabulary(
        types={(row["product_type"], row["product_category"]): _label(row) for row in types},
        categories={row["product_category"]: _label(row) for row in categories},
        departments={
            row["department"]: None if row["flag"] == _DROP else row["name"] for row in departments
        },
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _label(row: dict[str, str]) -> Label | None:
    flag = row["flag"]
    if flag == _DROP:
        return None
    keywords = tuple(word for word in row.get("keywords", "").split("|") if word)
    return Label(row["name"], row["aisle"], Restriction(flag) if flag else None, keywords)
