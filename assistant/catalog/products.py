"""What the shop sells: products (purchasable ids) and the families shoppers see."""

from collections.abc import Iterable, Sequence
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
class Option:
    """What sets a product apart from others of its family, such as its size or its color."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Product:
    """One purchasable product as a shopper reads it; money in minor units of `currency`.

    `options` is empty where all products of the family read the same; `stock` is None where the
    store does not record it.
    """

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
    options: tuple[Option, ...] = ()
    stock: int | None = None
    description: str = ""

    @property
    def title(self) -> str:
        """Name, size, own-label mark and options: what tells two cards apart."""
        return product_title(self.name, self.size, self.own_label, self.options)

    @property
    def available(self) -> bool:
        """Whether it can be bought now; what is not counted always can."""
        return self.stock is None or self.stock > 0

    @property
    def price_text(self) -> str:
        """The price as text, such as `$2.49`."""
        return money(self.price, self.currency)


@dataclass(frozen=True, slots=True)
class Family:
    """Products under one name; `best_seller` stands for them by default.

    `keywords` are further words shoppers use for it; `lines_sold` counts order lines before the
    shop's clock. `variants` are its products where options set them apart, else none.
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
    brand: str = ""
    description: str = ""
    variants: tuple[Product, ...] = ()

    @property
    def title(self) -> str:
        """Name, size and own-label mark."""
        return family_title(self.name, self.size, self.own_label)


def family_title(name: str, size: str, own_label: bool) -> str:
    """Compose the title that identifies a family, such as `Milk, 1 gal (own label)`."""
    sized = f"{name}, {size}" if size else name
    return f"{sized} (own label)" if own_label else sized


def product_title(name: str, size: str, own_label: bool, options: Sequence[Option]) -> str:
    """Compose the title of one product, such as `Camp chair (moss, high back)`."""
    title = family_title(name, size, own_label)
    chosen = ", ".join(option.value for option in options)
    return f"{title} ({chosen})" if chosen else title


def read_options(pairs: Iterable[tuple[str, str]] | None) -> tuple[Option, ...]:
    """Read options as the database keeps them: pairs of a name and a value, or nothing."""
    return tuple(Option(name, value) for name, value in pairs or ())


def money(minor: int, currency: str) -> str:
    """Format integer minor units as text: `money(249, "USD") == "$2.49"`."""
    return str(format_currency(minor / 100, currency, locale="en_US"))
