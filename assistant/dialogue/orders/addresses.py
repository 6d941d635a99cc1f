"""Postal addresses in messages: only what is written is taken, nothing is made up."""

import re
from dataclasses import replace

from assistant.catalog.customers import Address, Customer, SavedAddress
from assistant.dialogue.orders.words import words

_TYPED = re.compile(
    r"(?<![\w#])(?P<street>(?:\d{1,6}[a-z]?|p\.?\s?o\.?\s+box\s+\d+)(?:\s+(?!to\b|of\b|at\b)[\w.'’\-#]+){1,7}?)"
    r"(?:\s*,\s*(?P<second>(?:apt|apartment|suite|ste|unit|floor|flat|room|#)\.?\s*[\w\-]+))?"
    r"\s*,\s*(?P<city>[a-z][a-z.'’\- ]{1,40}?)\s*,?\s+(?P<region>[A-Z]{2}|[a-z]{2})\.?\s*,?\s+"
    r"(?P<postcode>\d{5}(?:-\d{4})?)(?:\s*,?\s*(?P<country>usa|united\s+states|us))?(?!\w)",
    re.IGNORECASE,
)
_STREET_ONLY = re.compile(
    r"\b\d{1,6}[a-z]?\s+(?:[\w.'’\-]+\s+){1,4}(?:street|st|road|rd|lane|ln|avenue|ave|drive|dr|way|"
    r"court|ct|place|pl|boulevard|blvd|close|terrace|row|square|walk|path|hill|green)\b",
    re.IGNORECASE,
)
_HOME = re.compile(r"\b(?:default|home|usual|regular|own|account)\b|\bmy\s+house\b", re.IGNORECASE)
_NEW = re.compile(r"\b(?:new|another|different|other)\s+(?:\w+\s+)?address\b", re.IGNORECASE)


def find_address(text: str) -> tuple[str, str]:
    """Return a whole postal address of a text, empty if there is none, and the text without it."""
    match = _TYPED.search(text)
    if match is None:
        return "", text
    return match[0], f"{text[: match.start()]} ADDRESS {text[match.end() :]}"


def begins_address(text: str) -> bool:
    """Tell whether a text holds a street, though no whole address."""
    return _STREET_ONLY.search(text) is not None


def read_address(text: str, customer: Customer) -> Address | None:
    """Return the address that a text gives, typed or by the customer's own name for it.

    A typed one without a country is in the country of the customer's default address.
    """
    match = _TYPED.search(text)
    if match is not None:
        return Address(
            line1=_tidy(match["street"]),
            line2=_tidy(match["second"] or ""),
            city=_tidy(match["city"]),
            region=match["region"].upper(),
            postcode=match["postcode"],
            country=customer.address.country,
        )
    saved = _saved(text, customer)
    if saved is not None:
        return saved.address
    if _HOME.search(text) and not _NEW.search(text):
        return replace(customer.address)
    return None


def _saved(text: str, customer: Customer) -> SavedAddress | None:
    said = frozenset(words(text))
    named = (a for a in customer.saved_addresses if frozenset(words(a.name)) <= said)
    return next(named, None)


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" ,")
