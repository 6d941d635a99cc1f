"""The units of package sizes: how the till spells them, and what a shelf label may say."""

from dataclasses import dataclass
from fractions import Fraction

# Shelf word: what the till writes for it.
SPELLINGS = {
    "oz": "OZ OZS Z",
    "fl oz": "FLOZ",
    "lb": "LB LBS",
    "gal": "GA GAL GALON",
    "qt": "QT",
    "pt": "PT PTS",
    "cup": "CUP CUPS CP",
    "L": "L LT LTR LRT",
    "ml": "ML MLL",
    "g": "G GM GR GS",
    "mg": "MG",
    "count": "CT",
    "pack": "PK P PKS PKGS",
    "dozen": "DZ DOZ DZN",
    "in": "IN INES",
    "ft": "FT FOOT",
    "yd": "YD YDS",
    "mm": "MM",
    "cm": "CM",
    "sq ft": "SQFT",
    "cu ft": "CUFT",
    "cu in": "CUIN",
    "load": "LD LDS LOAD LOADS",
    "use": "USE USES",
    "dose": "DOSE",
    "piece": "PC PCS",
    "stem": "STEM STEMS",
    "roll": "ROLL ROLLS",
    "sheet": "SHEET SHEETS",
    "pad": "PADS",
    "strip": "STRIPS",
    "stick": "STICK STICKS",
    "bar": "BAR",
    "slice": "SLICE",
    "pair": "PAIR",
    "diopter": "DIOPT",
}
UNITS = {spelling: unit for unit, all_ in SPELLINGS.items() for spelling in all_.split()}
COUNTS = frozenset({"pack", "count", "piece"})
LENGTHS = frozenset({"in", "ft", "yd", "mm", "cm"})
_INVARIABLE = frozenset(
    "oz,fl oz,lb,gal,qt,pt,L,ml,g,mg,count,pack,dozen,in,ft,yd,mm,cm,sq ft,cu ft,cu in".split(",")
)
_HALVED = frozenset({"gal", "pt", "dozen"})
# No shelf label says more; what does is an item code run into the size.
_MOST = {"oz": 600, "fl oz": 600, "lb": 60, "count": 5000, "pack": 60, "ml": 5000, "in": 150}
_MOST_OF_ANY = 10_000
_LEAST = {"ml": 1}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, printed plainly, of a unit: `Amount("16.9", "oz")`."""

    number: str
    unit: str

    def __str__(self) -> str:
        if self.number == "0.5" and self.unit in _HALVED:
            return f"1/2 {self.unit}"
        plural = self.unit not in _INVARIABLE and self.number != "1"
        return f"{self.number} {self.unit}{'s' if plural else ''}"

    @property
    def plausible(self) -> bool:
        """Whether a shelf label may say this."""
        number = Fraction(self.number)
        if number <= _LEAST.get(self.unit, 0):
            return False
        return number <= _MOST.get(self.unit, _MOST_OF_ANY)


def plain_number(text: str) -> str:
    """Print a number plainly: `15.00` and `15.` as 15, `.5` as 0.5, `8 1/2` and `8-1/2` as 8.5."""
    parts = text.replace("-", " ").rstrip(".").split()
    value = sum((Fraction(part) for part in parts), Fraction(0))
    decimals = 2 if value.denominator % 3 == 0 else 4
    return f"{float(value):.{decimals}f}".rstrip("0").rstrip(".")


def amount(number: str, unit: str) -> Amount:
    """Make an amount of a number as the till writes it."""
    return Amount(plain_number(number), unit)
