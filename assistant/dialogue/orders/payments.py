"""Which of a customer's payment methods a message means."""

import re
from collections.abc import Sequence

from assistant.catalog.customers import PaymentKind, PaymentMethod

_GIFT_CARD = re.compile(r"\bgift\s*-?\s*(?:card|voucher)s?\b|\bvoucher\b", re.IGNORECASE)
_PAYPAL = re.compile(r"\bpay\s?pal\b", re.IGNORECASE)
_CARD = re.compile(r"\b(?:credit|debit|bank)\s*card\b|\b(?:my|the)\s+card\b", re.IGNORECASE)
_KINDS = (
    (_GIFT_CARD, PaymentKind.GIFT_CARD),
    (_PAYPAL, PaymentKind.PAYPAL),
    (_CARD, PaymentKind.CARD),
)
_BRANDS = re.compile(
    r"\b(visa|master\s?card|amex|american\s+express|discover|maestro)\b", re.IGNORECASE
)
_LAST_FOUR = re.compile(
    r"\b(?:ending(?:\s+(?:in|with))?|card)\s+(\d{4})\b|^\W*(\d{4})\W*$", re.IGNORECASE
)
_OTHER = re.compile(r"\b(?:the|my)\s+other\s+(?:one|card|method)\b", re.IGNORECASE)
NAMES_A_METHOD = re.compile(
    r"\b(?:gift\s*-?\s*(?:card|voucher)s?|pay\s?pal|visa|master\s?card|amex|credit\s*card|debit\s*card|"
    r"card\s+ending|my\s+other\s+card|the\s+other\s+card|my\s+card)\b",
    re.IGNORECASE,
)


def named_methods(text: str, methods: Sequence[PaymentMethod]) -> tuple[PaymentMethod, ...]:
    """Return the methods that a text may mean; none where it names none of them."""
    four = _LAST_FOUR.search(text)
    if four is not None:
        digits = four[1] or four[2]
        return tuple(method for method in methods if method.last_four == digits)
    brand = _BRANDS.search(text)
    if brand is not None:
        wanted = brand[1].lower().replace(" ", "")
        return tuple(m for m in methods if m.brand.lower().replace(" ", "") == wanted)
    for pattern, kind in _KINDS:
        if pattern.search(text):
            return tuple(method for method in methods if method.kind is kind)
    return ()


def means_other(text: str) -> bool:
    """Tell whether a text means the way to pay that is not in use."""
    return _OTHER.search(text) is not None
