"""Which package sizes stand on a shelf label: not the grower's case, not what the name says."""

import re

from assistant.catalog.completejourney.sizes import NO_SIZE, Size, read_size
from assistant.catalog.completejourney.source import Sold
from assistant.catalog.completejourney.vocabulary import Label

# Where sizes may be those of the case that the grower ships.
_FRESH_DEPARTMENTS = frozenset({"PRODUCE", "SALAD BAR"})
FRESH_AISLES = frozenset({"Fruit", "Vegetables", "Fresh herbs & salad kits"})
# Where no pound costs less than this (minor units): a lower price is that of a piece, not a case.
_DEAR_AISLES = frozenset(
    {"Meat & poultry", "Fish & seafood", "Deli & prepared meals", "Cheese", "Bread & bakery"}
)
_LEAST_PER_POUND = 33
# The only produce in bags of more than two pounds.
_BAGGED = re.compile(
    r"APPLE|POTATO|ONION|CITRUS|GRAPEFRUIT|ORANGE|LEMON|CLEMENTINE|TANG|CARROT|NUT"
)
_MOST_POUNDS_BAGGED = 15
_MOST_POUNDS_BERRIES = 4
_MOST_POUNDS = 2
_MOST_IN_A_TRAY = 5
_BY_WEIGHT = re.compile(r"by weight|random weight")
_SIZED_NAME = re.compile(r"small|medium|large|jumbo|stems", re.IGNORECASE)


def shelf_size(product: Sold, label: Label) -> str:
    """Return a product's size as its shelf label says it, empty where it says none."""
    size = read_size(product.package_size)
    if size == NO_SIZE or _BY_WEIGHT.search(label.name):
        return ""
    if size.is_word and _SIZED_NAME.search(label.name):
        return ""
    fresh = product.department in _FRESH_DEPARTMENTS or label.aisle in FRESH_AISLES
    kind = f"{product.category} {product.kind}"
    if fresh and _is_case(size, kind):
        return ""
    if (fresh or label.aisle in _DEAR_AISLES) and _is_underpriced(size, product.regular_price):
        return ""
    return size.label


def _is_case(size: Size, kind: str) -> bool:
    """Tell whether a size of fresh produce, of this category and type, is the grower's case."""
    if size.amount is None:
        return bool(re.search(r"\b(?:count|lb|in)\b", size.label))
    number = float(size.amount.number)
    if size.amount.unit == "lb":
        return number > _most_pounds(kind)
    if size.amount.unit in ("count", "pack"):
        return number > _MOST_IN_A_TRAY or "MELON" in kind
    return size.amount.unit == "in"


def _most_pounds(kind: str) -> int:
    if _BAGGED.search(kind):
        return _MOST_POUNDS_BAGGED
    return _MOST_POUNDS_BERRIES if "BERR" in kind else _MOST_POUNDS


def _is_underpriced(size: Size, price: int) -> bool:
    amount = size.amount
    if amount is None or amount.unit != "lb":
        return False
    return price < _LEAST_PER_POUND * float(amount.number)
