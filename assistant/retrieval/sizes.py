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


def _amount(text: str) -> float | None:
    if not text:
        return None
    if text in ("half", "dozen"):
        return 0.5 if text == "half" else 12.0
    over = [float(part) for part in text.split("/")]
    return over[0] / over[1] if len(over) == 2 and over[1] else over[0]
