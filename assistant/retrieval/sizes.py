"""Sizes as amounts and units, to prefer the pack that a query names."""

import re

_UNITS = {
    "gal": "gal gallon gallons",
    "qt": "qt quart quarts",
    "pt": "pt pint pints",
    "oz": "oz ounce ounces",
    "lb": "lb lbs pound pounds",
    "l": "l liter liters litre litres",
    "ml": "ml milliliter milliliters",
    "g": "g gram grams",
    "kg": "kg kilo kilos",
    "count": "count ct pieces",
    "pack": "pack pk pks packs",
}
_UNIT = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_SIZE = re.compile(
    r"(?:(\d+\s*/\s*\d+|\d*\.?\d+|\bhalf|\bdozen)(?:\s*-\s*|\s+a\s+|\s*)|\b)("
    + "|".join(sorted(_UNIT, key=len, reverse=True))
    + r")\b"
)

MEASURE = re.compile(
    r"\d+(?:\.\d+)?(?:[x/]\d+)?(?:" + "|".join(_UNIT) + "|inch|in|ft|cm|mm|m|w|v)?"
)
"""A number alone or with its unit, as one word of a query: 12, 2l, 60w."""

# Fluid and dry ounces are told apart by no record, so both count as weight.
_BASE = {
    "gal": ("weight", 128.0), "qt": ("weight", 32.0), "pt": ("weight", 16.0), "oz": ("weight", 1.0),
    "lb": ("weight", 16.0), "l": ("weight", 33.8), "ml": ("weight", 0.0338),
    "g": ("weight", 0.0353), "kg": ("weight", 35.3), "count": ("count", 1.0),
    "pack": ("count", 1.0),
}  # fmt: skip

Size = tuple[float | None, str]
"""An amount, None where only the unit is named, and its unit."""


def sizes(text: str) -> frozenset[Size]:
    """Read the sizes in a text: `sizes("half gallon") == {(0.5, "gal")}`."""
    return frozenset((_amount(amount), _UNIT[unit]) for amount, unit in _SIZE.findall(text.lower()))


def fit(wanted: frozenset[Size], offered: frozenset[Size]) -> float:
    """The share of the wanted sizes that a family's size satisfies, 0 to 1; 0 if none is wanted."""
    if not wanted:
        return 0.0
    met = sum(any(unit == other and amount in (None, size) for size, other in offered)
              for amount, unit in wanted)  # fmt: skip
    return met / len(wanted)


def is_larger(size: str, other: str) -> bool | None:
    """Tell whether one size is the larger; None where the two have no unit family in common."""
    ours, theirs = _base(size), _base(other)
    common = ours.keys() & theirs.keys()
    if not common:
        return None
    return any(ours[kind] > theirs[kind] for kind in common)


def _base(text: str) -> dict[str, float]:
    """The amounts of a size in the base unit of each kind of measure."""
    found: dict[str, float] = {}
    for amount, unit in sizes(text):
        if amount is not None:
            kind, factor = _BASE[unit]
            found[kind] = amount * factor
    return found


def _amount(text: str) -> float | None:
    if not text:
        return None
    if text in ("half", "dozen"):
        return 0.5 if text == "half" else 12.0
    over = [float(part) for part in text.split("/")]
    return over[0] / over[1] if len(over) == 2 and over[1] else over[0]
