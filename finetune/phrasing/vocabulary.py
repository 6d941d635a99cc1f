"""The words that fill product slots: the catalogue's, everyday goods, what no grocer carries."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain

from finetune.phrasing.grammar import read_lines

TYPES_TABLE = "catalog/completejourney/types.csv"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What shoppers name, in lower case and without doubles.

    `catalogue` holds names and keywords of what the shop carries, `goods` and `absent` words that
    a request must not depend on being carried.
    """

    catalogue: tuple[str, ...]
    goods: tuple[str, ...]
    absent: tuple[str, ...]
    attributes: tuple[str, ...]
    audiences: tuple[str, ...]
    needs: tuple[str, ...]
    aisles: tuple[str, ...]
    people: tuple[str, ...]
    when: tuple[str, ...]

    @property
    def all_phrases(self) -> frozenset[str]:
        """Every phrase that stands for a product, a property or a need."""
        products = (self.catalogue, self.goods, self.absent, self.attributes)
        return frozenset(chain(*products, self.audiences, self.needs, self.aisles, self.people))


def vocabulary(catalogue: Iterable[str]) -> Vocabulary:
    """Build a vocabulary from a catalogue's names and keywords and this package's word lists."""
    return Vocabulary(
        catalogue=_clean(catalogue),
        goods=_clean(read_lines("lists/goods.txt")),
        absent=_clean(read_lines("lists/absent.txt")),
        attributes=_clean(read_lines("lists/attributes.txt")),
        audiences=_clean(read_lines("lists/audiences.txt")),
        needs=_clean(read_lines("lists/needs.txt")),
        aisles=_clean(read_lines("lists/aisles.txt")),
        people=_clean(read_lines("lists/people.txt")),
        when=_clean(read_lines("lists/when.txt")),
    )


@cache
def default_vocabulary() -> Vocabulary:
    """Return the vocabulary of the default store's table of types, where the table exists."""
    return vocabulary(_catalogue_words())


def _catalogue_words() -> tuple[str, ...]:
    table = files("assistant").joinpath(TYPES_TABLE)
    if not table.is_file():
        return ()
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    # "Soft drinks, can multipack": nobody types what follows the comma, and commas make lists.
    return tuple(
        word
        for row in rows
        if row["flag"] != "drop"
        for word in (row["name"].split(",")[0], *row["keywords"].split("|"))
    )


def _clean(words: Iterable[str]) -> tuple[str, ...]:
    """Lower-case, keep what a person would type as one phrase, drop doubles, keep the order."""
    spaced = (re.sub(r"\s+", " ", word).strip().lower() for word in words)
    return tuple(dict.fromkeys(word for word in spaced if 2 <= len(word) <= 40))
