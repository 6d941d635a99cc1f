"""What the shop sells: products (purchasable ids) and the families shoppers see."""

from dataclasses import dataclass
from enum import StrEnum

from babel.numbers import format_currency


class Restriction(StrEnum):
    """Why a family is never volunteered and shown only when asked for."""

    TOBACCO = "tobacco"
    ALCOHOL = "alcohol"
    MEDICINE = "medicine"
    INTIMATE = "intimate"
    WEAPON = "weapon"


@dataclass(frozen=True, slots=True)
class Product:
    """One purchasable product as a shopper reads it; money in minor units of `currency`."""

    id: str
    family_id: str
    name: str
    size: str
    own_label: bool
    aisle: str
    price: int
    regular_price: int
    currency: str
    promoted: bool
    restriction: Restriction | None = None

    @property
    def title(self) -> str:
        """Name, size and own-label mark: what tells two cards apart."""
        return family_title(self.name, self.size, self.own_label)

    @property
    def price_text(self) -> str:
        """The price as text, such as `$2.49`."""
        return money(self.price, self.currency)


@dataclass(frozen=True, slots=True)
class Family:
    """Products that read the same on a card; `best_seller` stands for them by default.

    `keywords` are further words shoppers use for it; `lines_sold` counts order lines before the
    shop's clock.
    """

    id: str
    name: str
    size: str
    own_label: bool
    aisle: str
    department: str
    keywords: tuple[str, ...]
    restriction: Restriction | None
    best_seller: Product
    lines_sold: int

    @property
    def title(self) -> str:
        """Name, size and own-label mark."""
        return family_title(self.name, self.size, self.own_label)


def family_title(name: str, size: str, own_label: bool) -> str:
    """Compose the title that identifies a family, such as `Milk, 1 gal (own label)`."""
    sized = f"{name}, {size}" if size else name
    return f"{sized} (own label)" if own_label else sized


def money(minor: int, currency: str) -> str:
    """Format integer minor units as text: `money(249, "USD") == "$2.49"`."""
    return str(format_currency(minor / 100, currency, locale="en_US"))
