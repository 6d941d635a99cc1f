"""Every fact that a persona states, counted again in the drawn orders."""

from collections.abc import Callable

import pytest

from assistant.catalog.customers import PastOrder, PaymentKind
from assistant.catalog.merrowby.assortment import Article
from assistant.catalog.merrowby.people import Person
from assistant.catalog.merrowby.personas import PERSONAS
from assistant.catalog.products import money

BY_ID = {persona.id: persona for persona in PERSONAS}
History = dict[str, list[PastOrder]]


@pytest.fixture(scope="module")
def history(orders: tuple[PastOrder, ...]) -> History:
    return {name: [o for o in orders if o.customer_id == name] for name in BY_ID}


@pytest.fixture(scope="module")
def with_article(history: History, articles: tuple[Article, ...]) -> Callable[[str, int], int]:
    number_of = {v.id: article.number for article in articles for v in article.variants}

    def count(customer: str, number: int) -> int:
        return sum(
            any(number_of[line.product_id] == number for line in order.lines)
            for order in history[customer]
        )

    return count


def says(customer: str, *facts: str) -> bool:
    return all(fact in BY_ID[customer].description for fact in facts)


def test_every_persona_says_that_it_is_invented() -> None:
    assert len(PERSONAS) == 6
    assert all("invented customer" in persona.description for persona in PERSONAS)


@pytest.mark.parametrize(
    ("customer", "number"), [("103", 1409), ("103", 5602), ("115", 5504), ("105", 2201),
                             ("148", 2104)],
)  # fmt: skip
def test_how_often_something_was_ordered(
    customer: str, number: int, with_article: Callable[[str, int], int], history: History
) -> None:
    assert says(customer, f"{len(history[customer])} orders in a year")
    assert says(customer, f"in {with_article(customer, number)}")


def test_the_home_offices_newest_order_is_pending(history: History) -> None:
    assert history["103"][-1].status == "pending"


def test_the_cabins_last_orders(history: History, people: tuple[Person, ...]) -> None:
    statuses = sorted(order.status for order in history["104"][-3:])
    assert statuses == ["cancelled", "pending", "shipped"]
    walter = next(p.customer for p in people if p.customer.id == "104")
    assert len(walter.saved_addresses) == 1
    assert [m.kind for m in walter.payment_methods] == [PaymentKind.CARD, PaymentKind.CARD]


def test_what_was_sent_back(history: History) -> None:
    mine = history["121"]
    statuses = [order.status for order in mine]
    spent = sum(line.quantity * line.price for order in mine for line in order.lines)
    assert statuses.count("returned") == statuses.count("return requested") == 1
    assert statuses.count("pending") == 1
    assert says("121", f"{len(mine)} orders", money(spent, "USD"))


def test_the_gift_cards_balance(people: tuple[Person, ...]) -> None:
    marisol = next(p.customer for p in people if p.customer.id == "105")
    assert [(m.kind, m.balance) for m in marisol.payment_methods] == [
        (PaymentKind.PAYPAL, None),
        (PaymentKind.GIFT_CARD, 2500),
    ]
