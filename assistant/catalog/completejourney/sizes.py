"""Package sizes as a shopper reads them on a shelf label, or none where they are no such size.

The data set's texts are till entries such as `1 GA`, `L    16 OZ`, `12 PK/12 OZ`, `522763 CTN`.
Each is cut into tokens; the sequence of their kinds, its shape, says how to read it. What fits no
shape gives no size: none is better than a wrong one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from assistant.catalog.completejourney.units import (
    COUNTS,
    LENGTHS,
    SPELLINGS,
    UNITS,
    Amount,
    amount,
    plain_number,
)

_JOINED = {"SQ FT": "SQFT", "S FT": "SQFT", "CU FT": "CUFT", "CU IN": "CUIN", "FL OZ": "FLOZ"}
_RANGED = frozenset({"count", "stem", "in", "ft", "lb"})
_MOST_TIMES = 48
# A pack of these holds as many of that size; of any other, the weight may be the whole pack's.
_DRINKS = frozenset(
    "8.3 oz,8.4 oz,8.45 oz,11.2 oz,11.5 oz,12 oz,16.9 oz,20 oz,24 oz,0.5 L,1 L,100 ml,187 ml,"
    "200 ml,250 ml,330 ml,355 ml,500 ml,750 ml".split(",")
)
# Texts of one bare unit, and those that are words.
_BARE_UNITS = {"PT": "pt", "QT": "qt", "GAL": "gal", "L": "L", "DZ": "dozen", "DOZ": "dozen"}
_HALF_GALLONS = frozenset({"HALF GAL", "HLF GAL"})
_WORDS = {
    "small": "SMALL,SM,SML",
    "medium": "MEDIUM,MED",
    "large": "LARGE,LG,LRG",
    "extra large": "X-LARGE,XL,X-LG,XLG,XLRG",
    "mini": "MINI",
    "king size": "KING",
    "queen size": "QUEEN",
    "twin size": "TWIN",
    "one size": "ONE SIZE,ONESIZE",
}
_BY_WORD = {spelling: label for label, all_ in _WORDS.items() for spelling in all_.split(",")}
# Containers, assortments and cut-off remarks after a size; they tell no two products apart.
_REMARKS = frozenset(
    "CAN,CN,BTL,BTLS,BT,PET,PLST,BOX,BAG,JAR,TUB,TUBE,AERO,AEROS,AER,NR,LN,LNNR,LOOSE,SNGAL,"
    "SNGALS,SINGAL,POUCH,PCH,FOIL,BOWL,TRAY,POLY,CUBE,FM,CARD,SET,REFIL,REQST,GALASS,AST,ASST,SS,"
    "LRG,MED,JUMBO,EA,EACH,AVGWT,HVY,POT,PKG,BIG,BG,CS,TIN,BULK,SML,LARGE,RO,O".split(",")
)
# Before a size: the states a price is for, till departments, item codes; after it: a case's count.
_NOISE = re.compile(
    r"^(?:[ABCDLNPRQT](?: ?[ABCD]){0,3}|EX|ALL|CR|EACH|KIOSK|SNGAL|CB -)[ /]*(?=[\d.])"
    r"|^\d{5,8} (?=[\d.])|^\d{3} {2,}(?=\d)|\([^)]*(?:\)|$)"
)
_TOKEN = re.compile(
    r"(?P<N>(?:\d+[ -])?(?:[13]/[248]|1/3|[57]/8|\d*[13579]/16)(?= *[A-Z])|\d*\.\d+|\d+\.?)"
    r"|(?P<W>[A-Z]+)|(?P<M>[/-])|(?P<S>[ ]+)|(?P<Q>.)"
)


@dataclass(frozen=True, slots=True)
class Size:
    """A readable size: its label; its amount where it is one plain amount; or a word such as large.

    The empty label is that of NO_SIZE.
    """

    label: str
    amount: Amount | None = None
    is_word: bool = False


NO_SIZE = Size("")


@cache
def read_size(text: str | None) -> Size:
    """Read a package size of the data set; NO_SIZE for none and for what no shopper would read."""
    cleaned = _cleaned(text or "")
    if cleaned in _BY_WORD:
        return Size(_BY_WORD[cleaned], is_word=True)
    if cleaned in _BARE_UNITS:
        return _one(["1", _BARE_UNITS[cleaned]])
    if cleaned in _HALF_GALLONS:
        return _one([".5", "gal"])
    tokens = _tokens(cleaned)
    shape = "".join(kind for kind, _ in tokens)
    for pattern, reader in _SHAPES.items():
        if re.fullmatch(pattern, shape):
            return reader([value for _, value in tokens])
    return NO_SIZE


def _cleaned(text: str) -> str:
    kept = _NOISE.sub("", text.strip().upper().replace("_", " "))
    kept = re.sub(r"\s+", " ", re.sub(r"(?<=[A-Z])[.*]", "", kept)).strip()
    kept = re.sub(r"(?<=[\d NTM])X ?(?=[\d.])", " X ", kept)
    for parted, joined in _JOINED.items():
        kept = re.sub(rf"\b{parted}\b", joined, kept)
    return kept


def _tokens(text: str) -> list[tuple[str, str]]:
    """Cut a text into (kind, value): N number, U unit, x by, T toddler's T, R remark, / and -."""
    found = [
        _token(match.lastgroup or "Q", match.group())
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "S"
    ]
    # Remarks and item codes may follow any size.
    while found and (found[-1][0] in "R/-" or _is_code(found)):
        found.pop()
    return found


def _token(kind: str, value: str) -> tuple[str, str]:
    if kind == "N":
        return ("Q" if re.match(r"0\d", value) else "N"), value
    if kind == "M":
        return value, value
    return _word(value) if kind == "W" else (kind, value)


def _word(value: str) -> tuple[str, str]:
    if value in UNITS:
        return "U", UNITS[value]
    if value in _REMARKS:
        return "R", value
    return {"X": "x", "T": "T", "SZ": "Z", "SIZE": "Z"}.get(value, "Q"), value


def _is_code(tokens: list[tuple[str, str]]) -> bool:
    kinds = "".join(kind for kind, _ in tokens)
    return bool(re.fullmatch(r"N-?UN", kinds)) and bool(re.fullmatch(r"\d{3,6}", tokens[-1][1]))


def _one(values: list[str]) -> Size:
    read = amount(values[0], values[-1])
    if not read.plausible or (read.number == "1" and read.unit in COUNTS):
        return NO_SIZE
    return Size(str(read), read)


def _pair(values: list[str]) -> Size:
    """Read `12 PK/12 OZ`, `10.4 OZ/8 CT`, `10 OZ/4 IN`: counts go first, then lengths."""
    kept = [value for value in values if value not in "/-"]
    both = sorted((amount(*kept[:2]), amount(*kept[2:])), key=_pair_rank)
    first, second = both
    if not (first.plausible and second.plausible) or first.unit == second.unit:
        return NO_SIZE
    if first.unit in COUNTS and first.number == "1":
        return Size(str(second))
    if first.unit == "pack" and str(second) in _DRINKS:
        return Size(f"{first.number} x {second}")
    return Size(f"{first}, {second}")


def _pair_rank(read: Amount) -> int:
    if read.unit in COUNTS:
        return 0
    return 1 if read.unit in LENGTHS else 2


def _bag(values: list[str]) -> Size:
    """Read `15 CT/QT`, bags of a quart; of `1 LB ROLL` only the weight counts."""
    if values[-1] in ("qt", "gal") and values[1] == "count":
        return Size(f"{amount(values[0], 'count')}, 1 {values[-1]}")
    return _one(values[:2])


def _count_only(values: list[str]) -> Size:
    """Read `12 CT/16.5`, whose second unit was cut off, as its count."""
    return _one(values[:2]) if values[1] in COUNTS else NO_SIZE


def _many(values: list[str]) -> Size:
    """Read `6/12 OZ` as six of 12 oz and `18-22 LB` as a range."""
    times, mark, each = plain_number(values[0]), values[1], amount(values[2], values[-1])
    ratio = Fraction(each.number) / Fraction(times)
    if not each.plausible:
        return NO_SIZE
    if each.unit in _RANGED and ratio > 1 and (mark == "-" or ratio < 2):
        return Size(f"{times}-{each}")
    if mark == "-" and each.unit in _RANGED - {"lb"}:
        return NO_SIZE
    return _times(times, each)


def _times(times: str, each: Amount) -> Size:
    whole = Amount(str(Fraction(times) * Fraction(each.number)), each.unit)
    if "." in times or not 1 < int(times) <= _MOST_TIMES or not whole.plausible:
        return NO_SIZE
    return Size(f"{times} x {each}")


def _dimensions(values: list[str]) -> Size:
    """Read `3 X5 IN`, `1 IN X 6 FT`, `4 X3 X5.5 IN`, and `6 X25 GM` as a multiple.

    Tape such as `2 X55 YD` is two inches wide; only its length can be told for sure.
    """
    numbers = [plain_number(value) for value in values if re.match(r"[\d.]", value)]
    units = [value for value in values if value in SPELLINGS]
    if len(units) == len(numbers):
        pairs = zip(numbers, units, strict=True)
        return Size(" x ".join(str(Amount(number, unit)) for number, unit in pairs))
    if units[-1] == "yd":
        return _one([numbers[-1], "yd"])
    if units[-1] not in LENGTHS:
        return _times(numbers[0], Amount(numbers[1], units[-1]))
    return Size(f"{' x '.join(numbers)} {units[-1]}")


def _toddler(values: list[str]) -> Size:
    """Read `3 T-4 T/40 CT`."""
    return Size(f"{values[0]}T-{values[3]}T, {values[-2]} count")


def _numbered(values: list[str]) -> Size:
    """Read `92 CT/SZ 4`."""
    return Size(f"size {values[-1]}, {amount(values[0], values[1])}")


def _size_number(values: list[str]) -> Size:
    """Read `SIZE 2`."""
    return Size(f"size {values[-1]}")


_SHAPES: Mapping[str, Callable[[list[str]], Size]] = {
    "N-?U": _one,
    "N-?U[/-]?NU": _pair,
    "NU/?U": _bag,
    "NU/N": _count_only,
    "N[/-]NU": _many,
    "NU?xNU|NxNxNU": _dimensions,
    "NT-NT/?NU": _toddler,
    "NU/ZN": _numbered,
    "ZN": _size_number,
}
