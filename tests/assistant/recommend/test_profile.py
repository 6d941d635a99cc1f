from zoneinfo import ZoneInfo

from assistant.recommend.history import Purchase
from assistant.recommend.profile import Profile, profile_of
from tests.assistant.little_shop import STORE, day

ZONE = ZoneInfo(STORE.timezone)


def test_the_usual_product_is_bought_in_most_orders() -> None:
    profile = _profile(("1", "m1"), ("2", "m1"), ("3", "m2"), ("3", "m2"), ("3", "m2"))
    assert profile.usual == {"milk": "m1"}


def test_of_equally_usual_products_the_latest_wins() -> None:
    assert _profile(("1", "m2"), ("2", "m1"), ("3", "m2"), ("4", "m1")).usual == {"milk": "m1"}
    assert _profile(("1", "m1"), ("2", "m2")).usual == {"milk": "m2"}


def test_a_profile_scores_and_explains_what_was_bought() -> None:
    profile = _profile(("1", "m1"))
    assert profile.recency == {"milk": 1.0}
    assert [why.text for why in profile.why("milk")] == ["Bought once, on 1 Apr"]
    assert profile.why("bread") == ()


def test_a_guests_profile_is_empty() -> None:
    guest = Profile(STORE.clock, ZONE)
    assert (guest.recency, guest.usual, guest.why("milk")) == ({}, {}, ())


def _profile(*bought: tuple[str, str]) -> Profile:
    lines = [Purchase(order, day(int(order)), name, "milk", 1, 100) for order, name in bought]
    return profile_of(lines, STORE.clock, ZONE)
