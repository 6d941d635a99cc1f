"""Sizes that are the same measure under two spellings, such as 16 oz and 1 lb of butter."""

from collections.abc import Set

from assistant.catalog.completejourney.shelf import FRESH_AISLES

_WEIGHTS = {"16 oz": "1 lb", "32 oz": "2 lb", "48 oz": "3 lb", "64 oz": "4 lb", "80 oz": "5 lb"}
_VOLUMES = {
    "8 oz": "1/2 pt",
    "16 oz": "1 pt",
    "32 oz": "1 qt",
    "64 oz": "1/2 gal",
    "128 oz": "1 gal",
    "2 qt": "1/2 gal",
    "4 qt": "1 gal",
    "16.9 oz": "0.5 L",
    "33.8 oz": "1 L",
    "67.6 oz": "2 L",
    "500 ml": "0.5 L",
}
_COUNTS = {"12 count": "1 dozen"}


def shared_spelling(size: str, spellings: Set[str], aisle: str) -> str:
    """Return the one of `spellings`, the sizes a product's name comes in, that `size` is as well.

    An ounce may be of weight or of volume: which, shows in the other spellings. Fresh food's is
    always of weight, its pints and quarts of volume.
    """
    tables = (_WEIGHTS, _COUNTS) if aisle in FRESH_AISLES else (_VOLUMES, _WEIGHTS, _COUNTS)
    for table in tables:
        if table.get(size) in spellings:
            return table[size]
    return size
