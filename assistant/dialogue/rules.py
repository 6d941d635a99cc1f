"""What rules read better than a small model: prices, quantities, ordinals, ids, own label."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from rapidfuzz import fuzz, process
from text_to_num import alpha2digit

from assistant.dialogue.requests import BOTH, Pointer, Reference

Span = tuple[int, int]
_T = TypeVar("_T")

_MONEY = r"(?:[$£€]\s*)?(\d{1,5}(?:[.,]\d{1,2})?)\s*(dollars?|bucks?|usd|quid|cents?|c|¢)?(?!\w)"
_BETWEEN = re.compile(rf"\b(?:between|from)\s+{_MONEY}\s*(?:and|to|-)\s*{_MONEY}", re.IGNORECASE)
_CEILING = re.compile(
    r"(?:\b(?:under|below|beneath|less\s+than|lower\s+than|cheaper\s+than|up\s+to|upto|at\s+most|"
    r"max(?:imum)?(?:\s+of)?|no\s+more\s+than|(?:not|nothing|never)\s+(?:over|above|more\s+than)|within|for\s+less\s+than|"
    r"costs?\s+less\s+than|sub)|<=?)\s*(?:about\s+)?" + _MONEY,
    re.IGNORECASE,
)
_CEILING_AFTER = re.compile(
    rf"(?:\bfor\s+)?{_MONEY}\s*(?:or\s+(?:less|under|below|cheaper)|max(?:imum)?|tops|at\s+most|and\s+under)\b",
    re.IGNORECASE,
)
_FLOOR = re.compile(
    r"(?:(?<!no )(?<!not )(?<!nothing )(?<!never )\b(?:over|above|"
    r"more\s+than|at\s+least|min(?:imum)?(?:\s+of)?|starting\s+(?:at|from)|no\s+less\s+than|not\s+(?:under|below)|upwards\s+of)|>=?)\s*"
    + _MONEY,
    re.IGNORECASE,
)
_FLOOR_AFTER = re.compile(
    rf"{_MONEY}\s*(?:or\s+(?:more|over|above|up)|and\s+(?:up|over)|\+)(?!\w)", re.IGNORECASE
)
_DENIED_FLOOR = re.compile(
    r"\b(no|not|nothing|never|don'?t|can'?t|cannot|won'?t|isn'?t)\b[^,.;]{0,25}?\s"
    r"(?:over|above|more\s+than)\s+(?=[$£€]?\s*\d)()",
    re.IGNORECASE,
)
_BUDGET = re.compile(
    r"\b(?:for|with|have|got|budget\s+(?:of|is)|spend(?:ing)?)\s+(?:only\s+|about\s+)?"
    r"(?:[$£€]\s*(\d{1,5}(?:[.,]\d{1,2})?)()|(\d{1,5}(?:[.,]\d{1,2})?)\s*(dollars?|bucks?|usd|quid|cents?))(?!\w)",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(?:in\s+)?(?:your\s+|the\s+|from\s+)?(?:own[\s-]*(?:label|brand)|store[\s-]*(?:label|brand)|house[\s-]*brand|"
    r"private[\s-]*label|generic(?:\s+brand)?|supermarket\s+brand)s?\b",
    re.IGNORECASE,
)
_NOT_OWN = re.compile(
    r"\b(?:not?|without|no|except|isn'?t|other\s+than)\s+(?:the\s+|your\s+)?(?:own[\s-]*(?:label|brand)|store[\s-]*brand|"
    r"generic)s?\b|\b(?:national|name|big|branded)[\s-]*brands?\b|\bbranded\b",
    re.IGNORECASE,
)
_CHEAPEST = re.compile(
    r"\b(?:the\s+)?(?:cheapest|lowest[\s-]priced?|least\s+expensive|low\s+price|cheap(?:ly)?|cheaper|"
    r"inexpensive|affordable|less\s+expensive|something\s+cheaper)\b(?:\s+(?:one|ones|option|first))?",
    re.IGNORECASE,
)
_DEAREST = re.compile(
    r"\b(?:the\s+)?(?:most\s+expensive|priciest|dearest|highest[\s-]priced?|most\s+costly)\b"
    r"(?:\s+(?:one|ones|option|first))?",
    re.IGNORECASE,
)
_LESS_THAN_IT = re.compile(
    r"\b(?:cheapest|lowest(?:\s+price)?)\s+first\b|\b(?:sort\w*|order\w*)\s+(?:\w+\s+)?by\s+(?:the\s+)?price\b|"
    r"\b(?:not\s+(?:so|that|too|as)|too|(?:a\s+)?bit|less)\s+(?:expensive|pric[e]?y|dear|costly)\b|"
    r"\b(?:less|cheaper|lower|under|below)(?:\s+than)?\s+(?:that|this|it|those|these)"
    r"(?:\s+(?:one|ones|price))?\b",
    re.IGNORECASE,
)
_ORDER_ID = re.compile(
    r"\border\s*(?:number|no\.?|id)?\s*#?\s*(W?\d{4,14})\b(?!\s+[a-z]*[a-z]s\b)|#?\b(W?\d{6,14})\b",
    re.IGNORECASE,
)
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5,
    "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
_ORDINAL = re.compile(
    rf"\b(?:the\s+)?(?:very\s+)?({'|'.join(_ORDINALS)}|1st|2nd|3rd|\d{{1,2}}th)\b(?!\s+(?:aid|thoughts?|hand))"
    r"(?:\s+(?:one|item|option|product|choice|result|thing))?"
    r"|(?:\b(?:number|no\.?|nr\.?|option|item)\s*|#\s*)(\d{1,2})\b(?!\s*(?:of|x)\b)",
    re.IGNORECASE,
)
_PLACE = rf"(?:{'|'.join(_ORDINALS)}|1st|2nd|3rd|\d{{1,2}}th)"
_NEXT_PLACE = rf"\s*(?:,\s*and\s|,|\band\s|&|\+)\s*(?:the\s+)?{_PLACE}\b"
_PLACES = re.compile(
    rf"\b(?:the\s+)?({_PLACE}(?:\s+(?:one|item))?(?:{_NEXT_PLACE}(?:\s+(?:one|item))?)+)"
    r"(?:\s+(?:ones|items|options|products))?",
    re.IGNORECASE,
)
_FIRST_FEW = re.compile(
    r"\b(?:the\s+)?(first|top|last)\s+(\d)\b(?!\s*(?:orders?|dollars?|weeks?|months?|days?))"
    r"(?:\s+(?:ones|items|options|products|of\s+(?:them|those|these)))?",
    re.IGNORECASE,
)
_NUMBERS = re.compile(
    r"^\W*(?:(?:yes|ok|and|please|just|can\s+you|add|take|get(?:\s+me)?|give\s+me|i'?ll\s+(?:take|have|get)|i\s+want|"
    r"compare|(?:what(?:'?s|\s+is)?\s+)?(?:the\s+)?difference\s+between|which\s+is\s+\w+,?|put|pick|remove|drop|delete)\s+)*((?:numbers?|nos?\.?|items?|options?|#)?\s*\d{1,2}"
    r"(?:\s*(?:,\s*and\s|,|\band\s|&|\+)\s*(?:number\s+|#)?\d{1,2})+)"
    r"(?=\s*(?:(?:to|in|into|from|out\s+of)\s+(?:my|the)\s+(?:cart|basket|trolley))?"
    r"\s*(?:please|pls|thanks)?\W*$)",
    re.IGNORECASE,
)
_LAST_ONE = re.compile(
    r"\b(?:the\s+)?(?:very\s+)?last\s+(?:one|item|option|product|choice)\b|\bthe\s+bottom\s+one\b",
    re.IGNORECASE,
)
_TOP_ONE = re.compile(r"\bthe\s+top\s+(?:one|result|item)\b", re.IGNORECASE)
_ALL = re.compile(
    r"\b(?:all\s+of\s+(?:them|those|these|it)|all\s+(?:the\s+)?(?:items|things|\d+|two|three|four|five)|"
    r"(?:them|those|these)\s+all|both(?:\s+of\s+(?:them|those|these))?|everything|(?:the\s+)?whole\s+(?:list|lot)|"
    r"the\s+lot|(?:one|1)\s+of\s+each|each\s+of\s+(?:them|those|these)|all)\b",
    re.IGNORECASE,
)
_BOTH = re.compile(BOTH, re.IGNORECASE)
_ALL_EXCEPT = re.compile(
    rf"(?:{_ALL.pattern}|\b(?:the|my)\s+(?:whole\s+)?(?:cart|basket|trolley))\s*,?\s*(?:except|apart\s+from|other\s+than|minus|without|excluding|but(?:\s+not)?)\s+(?:for\s+)?(?:the\s+)?"
    r"([\w' -]+?)(?=\s*(?:(?:to|in|into)\s+(?:my|the)\s+(?:cart|basket)|please|pls)?\s*\W*$)",
    re.IGNORECASE,
)
_IT = re.compile(
    r"\b(?:this|that)(?:'?s\b)?(?:\s+(?:one|item|product))?\b"
    r"(?!\s+(?!(?:off|out|back|away|again|please|from|to|in|into|too|as|instead|now)\b)\w)"
    r"|\b(?:it|that\s+one|this\s+one|(?:the\s+)?same(?:\s+one)?)\b",
    re.IGNORECASE,
)
_CHEAPEST_ONE = re.compile(
    r"\bthe\s+(?:cheapest|least\s+expensive)(?:\s+(?:one|of\s+(?:them|those|these)))?(?=\s*$|\s+(?:to|in|into|please)\b)",
    re.IGNORECASE,
)
_AISLE = re.compile(
    r"\b(?:from|in|on)\s+(?:the\s+|your\s+)?([a-z &,]{3,40}?)\s+"
    r"(?:aisle|section|department|dept)\b",
    re.IGNORECASE,
)
_UNITS = (
    r"(?:oz|ounces?|fl|lbs?|pounds?|g|grams?|kg|ml|l|lit(?:er|re)s?|gal(?:lon)?s?|ct|count|pk|packs?(?!\s+of)|"
    r"inch(?:es)?|in|percent|%|sq|ft|pt|pints?|qt|quarts?|years?|days?|weeks?|months?|people|persons|kids)"
)
_COUNT = r"(\d{1,3})"
_QUANTITY = re.compile(
    rf"\b(?:x\s*{_COUNT}|{_COUNT}\s*x)\b|(?<![$£€#.\d])(?<!size )\b{_COUNT}\b"
    rf"(?!\s*(?:st|nd|rd|th|%)|\s*up\b)(?!\s*-?\s*{_UNITS}\b)"
    r"(?!\s*(?:dollars?|bucks?|cents?))(?![.,]\d)(?:\s+(?:of|more(?:\s+of)?|packs?\s+of|bags?\s+of|"
    r"boxes\s+of|bottles?\s+of|cans?\s+of|units?(?:\s+of)?|pieces?(?:\s+of)?)\b)?",
    re.IGNORECASE,
)
_LOOSE_QUANTITIES = (
    (re.compile(r"\b(?:a\s+)?couple(?:\s+(?:of|more))?\b", re.IGNORECASE), 2),
    (re.compile(r"\ba\s+pair\s+of\b", re.IGNORECASE), 2),
    (re.compile(r"\bhalf\s+a\s+dozen(?:\s+of)?\b", re.IGNORECASE), 6),
    (re.compile(r"\b(?:a\s+)?half\s+dozen(?=\s*(?:please|pls)?\W*$)", re.IGNORECASE), 6),
    (re.compile(r"\b(?:a|1)\s+dozen(?=\s*(?:please|pls|of\s+them)?\W*$)", re.IGNORECASE), 12),
    (re.compile(r"\banother(?:\s+one)?(?:\s+of)?\b|\bone\s+more(?:\s+of)?\b", re.IGNORECASE), 1),
)


_KEPT_WORDS = re.compile(r"\b(?:ones?|seconds?|first|third)\b", re.IGNORECASE)
_ONE_DOLLAR = re.compile(
    r"\b(?:a|one)\s+(?:dollar|buck)\b|(?<=\bbetween\s)one\b(?=\s+and\b)", re.IGNORECASE
)
_COUNTED_ONE = re.compile(
    r"\b(add|get|take|put|want|need|make\s+it|only|just|remove|drop|delete|lose)\s+one\s*(?!\w*\s*(?:more|of\s+the\s+first))(?:of\s+)?",
    re.IGNORECASE,
)
_ONE_FEWER = re.compile(r"\b(?:one|a)(?=\s+(?:[a-z]+\s+){0,2}(?:fewer|less)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules found in a segment, and the words they left.

    `rest` is the segment with every recognised span cut out; money in minor units.
    """

    rest: str
    max_price: int | None = None
    min_price: int | None = None
    own_label: bool | None = None
    cheapest_first: bool = False
    dearest_first: bool = False
    quantity: int | None = None
    reference: Reference | None = None
    order_id: str | None = None
    aisle: str | None = None


def read_segment(text: str, aisles: tuple[str, ...] = ()) -> Reading:
    """Read all that rules can read of one segment; earlier rules take their words first."""
    digits = _digits(text)
    places, digits = _numbers(digits)
    order_id, digits = _take(digits, _ORDER_ID, _order_id)
    (min_price, max_price), digits = _prices(digits)
    not_own, digits = _take(digits, _NOT_OWN, lambda _: True)
    own, digits = _take(digits, _OWN, lambda _: True)
    aisle, digits = _aisle(digits, aisles)
    below, digits = _take(digits, _LESS_THAN_IT, lambda _: True)
    dearest, digits = _take(digits, _DEAREST, lambda _: True)
    reference, digits = _reference(digits)
    cheapest, digits = _take(digits, _CHEAPEST, lambda _: True)
    quantity, digits = _quantity(digits)
    return Reading(
        rest=re.sub(r"\s+", " ", digits).strip(),
        max_price=max_price,
        min_price=min_price,
        own_label=False if not_own else (True if own else None),
        cheapest_first=bool(cheapest or below),
        dearest_first=bool(dearest),
        quantity=quantity,
        reference=places or reference,
        order_id=order_id,
        aisle=aisle,
    )


def read_order_id(text: str) -> str | None:
    """Return the order number that a text names."""
    match = _ORDER_ID.search(text)
    return None if match is None else _order_id(match)


def read_quantity(text: str) -> tuple[int | None, str]:
    """Return a count said in the text and the text without it."""
    return _quantity(_digits(text))


def _order_id(match: re.Match[str]) -> str:
    return str(match[1] or match[2]).upper()


def _digits(text: str) -> str:
    """Write number words as digits; `one` and small ordinals keep their words."""
    text = _ONE_FEWER.sub("1", _ONE_DOLLAR.sub(" $1 ", text))
    masked = _KEPT_WORDS.sub(lambda match: f"zq{match[0]}qz", text)
    converted = str(alpha2digit(masked, "en", 0)).replace("zq", "").replace("qz", "")
    return _COUNTED_ONE.sub(r"\1 1 ", converted)


def _take(
    text: str, pattern: re.Pattern[str], value: Callable[[re.Match[str]], _T]
) -> tuple[_T | None, str]:
    match = pattern.search(text)
    return (None, text) if match is None else (value(match), _cut(text, match.span()))


def _cut(text: str, span: Span) -> str:
    return f"{text[: span[0]]} {text[span[1] :]}"


def _minor(amount: str, unit: str | None) -> int:
    value = round(float(amount.replace(",", ".")) * 100)
    return value // 100 if unit and unit.lower() in {"c", "¢", "cent", "cents"} else value


def _prices(text: str) -> tuple[tuple[int | None, int | None], str]:
    """Return (min, max) in minor units and the text without the clauses that said them."""
    between = _BETWEEN.search(text)
    if between is not None:
        low, low_unit, high, high_unit = between.groups()
        bounds = sorted((_minor(low, low_unit or high_unit), _minor(high, high_unit)))
        return (bounds[0], bounds[1]), _cut(text, between.span())
    text = _DENIED_FLOOR.sub(r"\1 under \2", text)
    floor, text = _first_price(text, (_FLOOR_AFTER, _FLOOR))
    ceiling, text = _first_price(text, (_CEILING_AFTER, _CEILING, _BUDGET))
    return (floor, ceiling), text


def _first_price(text: str, patterns: tuple[re.Pattern[str], ...]) -> tuple[int | None, str]:
    for pattern in patterns:
        price, text = _take(text, pattern, _matched_price)
        if price is not None:
            return price, text
    return None, text


def _matched_price(match: re.Match[str]) -> int:
    groups = [group for group in match.groups() if group]
    return _minor(groups[0], groups[1] if len(groups) > 1 else None)


def _aisle(text: str, aisles: tuple[str, ...]) -> tuple[str | None, str]:
    """Read "in the bakery aisle"; the word aisle, section or department must be there."""
    match = _AISLE.search(text)
    if match is None or not aisles:
        return None, text
    best = process.extractOne(
        match[1], aisles, scorer=fuzz.token_set_ratio, processor=str.lower, score_cutoff=75
    )
    return (None, text) if best is None else (best[0], _cut(text, match.span()))


def _reference(text: str) -> tuple[Reference | None, str]:
    for pattern, make in _REFERENCES:
        reference, rest = _take(text, pattern, make)
        if reference is not None:
            return reference, rest
    return None, text


def _numbers(text: str) -> tuple[Reference | None, str]:
    """Read "add 1 and 3": numbers with nothing to count are places on the page."""
    match = _NUMBERS.search(text)
    return (None, text) if match is None else (_places(match[1]), _cut(text, match.span(1)))


def _ordinal(match: re.Match[str]) -> Reference:
    return Reference(Pointer.ORDINAL, _place(match[1] or match[2]))


def _place(word: str) -> int:
    return _ORDINALS.get(word.lower()) or int(re.sub(r"\D", "", word))


def _places(text: str) -> Reference:
    found = [_place(word) for word in re.findall(rf"{_PLACE}|\d+", text, re.IGNORECASE)]
    return Reference(Pointer.ORDINAL, found[0], also=tuple(found[1:]))


def _first_few(match: re.Match[str]) -> Reference:
    count = int(match[2])
    places = range(-count, 0) if match[1].lower() == "last" else range(1, count + 1)
    return Reference(Pointer.ORDINAL, places[0], also=tuple(places[1:]))


_REFERENCES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Reference]], ...] = (
    (_PLACES, lambda match: _places(match[1])),
    (_FIRST_FEW, _first_few),
    (_LAST_ONE, lambda _: Reference(Pointer.ORDINAL, -1)),
    (_TOP_ONE, lambda _: Reference(Pointer.ORDINAL, 1)),
    (_ORDINAL, _ordinal),
    (_CHEAPEST_ONE, lambda _: Reference(Pointer.CHEAPEST)),
    (_ALL_EXCEPT, lambda match: Reference(Pointer.ALL, without=match[1].strip())),
    (_ALL, lambda match: Reference(Pointer.ALL, words=BOTH if _BOTH.match(match[0]) else "")),
    (_IT, lambda _: Reference(Pointer.IT)),
)


# "2 gallons of milk" are two of the size that a gallon is.
_MEASURES = re.compile(r"(?<![\d/.])\b(\d{1,2})\s+(gallon|quart|pint)s\s+(?:of\s+)?", re.IGNORECASE)
_NOT_SO_MANY = re.compile(r"\b(?:instead\s+of|rather\s+than|not)\s+\d{1,3}\b", re.IGNORECASE)


def _quantity(text: str) -> tuple[int | None, str]:
    text = _NOT_SO_MANY.sub(" ", text)
    measured = _MEASURES.search(text)
    if measured is not None:
        rest = f"{text[: measured.start()]} 1 {measured[2]} {text[measured.end() :]}"
        return int(measured[1]), rest
    for pattern, count in _LOOSE_QUANTITIES:
        match = pattern.search(text)
        if match is not None:
            return count, _cut(text, match.span())
    return _take(text, _QUANTITY, lambda match: int(match[1] or match[2] or match[3]))
