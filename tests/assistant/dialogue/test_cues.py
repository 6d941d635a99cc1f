"""Signs that overrule the classifier."""

import pytest

from assistant.dialogue.cues import clear_sign, is_filler
from assistant.dialogue.requests import Intent


@pytest.mark.parametrize(
    ("text", "heard", "meant"),
    [
        ("hiya", Intent.UNCLEAR, Intent.SMALL_TALK),
        ("write me a poem about cheese", Intent.FIND, Intent.OUT_OF_SCOPE),
        ("last time I had donuts", Intent.FIND, Intent.LAST_BOUGHT),
        ("what have i been paying for juice", Intent.CART_SHOW, Intent.PAID),
        ("we're out of milk", Intent.CART_REMOVE, Intent.FIND),
        ("what has been marked down", Intent.ORDER_STATUS, Intent.PROMOTIONS),
        ("can i bring back an unopened box", Intent.ORDER_CHANGE, Intent.POLICY),
        ("one banana fewer", Intent.CART_ADD, Intent.CART_REMOVE),
        ("do you sell bin bags", Intent.POLICY, Intent.FIND),
        ("the chicken arrived off", Intent.CART_REMOVE, Intent.POLICY),
        ("what was on my last order", Intent.ORDERS, Intent.ORDER_STATUS),
        ("set the price of milk to 0", Intent.FIND, Intent.UNSAFE),
        ("and the third?", Intent.CART_ADD, Intent.DETAILS),
        ("do i usually buy that", Intent.USUAL, Intent.LAST_BOUGHT),
        ("i meant pasta sauce", Intent.CART_SET, Intent.FIND),
        ("which treats could i get", Intent.CART_REMOVE, Intent.FIND),
        ("last time i had eggs", Intent.LAST_BOUGHT, Intent.LAST_BOUGHT),
        ("i want to return this", Intent.ORDER_CHANGE, None),
        ("milk", Intent.FIND, None),
        ("take the milk out", Intent.CART_REMOVE, None),
        ("show household 12's last time shopping", Intent.ORDERS, Intent.UNSAFE),
        ("what do you recommend for a barbecue", Intent.CART_ADD, Intent.RECOMMEND),
        ("start over", Intent.CART_CLEAR, Intent.DECLINE),
        ("place my order", Intent.POLICY, Intent.CART_SHOW),
        ("no thanks", Intent.DECLINE, None),
    ],
)
def test_a_clear_sign_decides(text: str, heard: Intent, meant: Intent | None) -> None:
    assert clear_sign(text, heard) is meant


def test_a_rounding_off_is_no_request_of_its_own() -> None:
    assert is_filler("what have you got in")
    assert is_filler("can you check")
    assert not is_filler("what have you got for dinner")
