"""Signs that overrule the classifier."""

import pytest

from assistant.dialogue.cues import is_filler, overruled
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
        ("i want to return this", Intent.ORDER_CHANGE, Intent.ORDER_CHANGE),
        ("milk", Intent.FIND, Intent.FIND),
        ("show household 12's last time shopping", Intent.UNSAFE, Intent.UNSAFE),
        ("no thanks", Intent.DECLINE, Intent.DECLINE),
    ],
)
def test_a_clear_sign_decides(text: str, heard: Intent, meant: Intent) -> None:
    assert overruled(text, heard) is meant


def test_a_rounding_off_is_no_request_of_its_own() -> None:
    assert is_filler("what have you got in")
    assert is_filler("can you check")
    assert not is_filler("what have you got for dinner")
