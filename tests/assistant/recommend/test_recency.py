import pytest

from assistant.recommend.history import Purchase
from assistant.recommend.recency import personal_recency
from tests.assistant.little_shop import day


def test_each_basket_ago_weighs_095_and_weights_add_up() -> None:
    bought = [("1", "milk"), ("2", "bread"), ("3", "milk"), ("3", "beer")]
    scores = personal_recency(_purchases(bought))
    assert scores == pytest.approx({"milk": 1 + 0.95**2, "bread": 0.95, "beer": 1.0})


def test_two_products_of_a_family_in_one_basket_count_once() -> None:
    assert personal_recency(_purchases([("1", "milk"), ("1", "milk")])) == {"milk": 1.0}


def test_no_purchases_score_nothing() -> None:
    assert personal_recency(()) == {}


def _purchases(bought: list[tuple[str, str]]) -> list[Purchase]:
    return [Purchase(order, day(int(order)), name, name, 1, 100) for order, name in bought]
