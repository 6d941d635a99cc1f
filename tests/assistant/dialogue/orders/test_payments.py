import pytest

from assistant.catalog.customers import PaymentKind, PaymentMethod
from assistant.dialogue.orders.payments import means_other, named_methods

VISA = PaymentMethod("card_1", PaymentKind.CARD, "visa", "4821")
MASTERCARD = PaymentMethod("card_2", PaymentKind.CARD, "mastercard", "7716")
PAYPAL = PaymentMethod("paypal_1", PaymentKind.PAYPAL)
GIFT = PaymentMethod("gift_1", PaymentKind.GIFT_CARD, balance=2500)
ALL = (VISA, MASTERCARD, PAYPAL, GIFT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("with the visa", (VISA,)),
        ("master card please", (MASTERCARD,)),
        ("the card ending in 7716", (MASTERCARD,)),
        ("4821", (VISA,)),
        ("paypal", (PAYPAL,)),
        ("on my gift card", (GIFT,)),
        ("my credit card", (VISA, MASTERCARD)),
        ("amex", ()),
        ("cash", ()),
    ],
)
def test_a_method_is_named_by_kind_brand_or_digits(
    text: str, expected: tuple[PaymentMethod, ...]
) -> None:
    assert named_methods(text, ALL) == expected


def test_the_other_card_is_told_from_a_named_one() -> None:
    assert means_other("my other card")
    assert not means_other("my card")
