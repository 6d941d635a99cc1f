"""The drawn year: the same every time, plausible, and its money adds up."""

import statistics
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

from assistant.catalog.customers import EntryKind, PastOrder
from assistant.catalog.merrowby.assortment import Article, read_companions
from assistant.catalog.merrowby.loader import CLOCK, ZONE
from assistant.catalog.merrowby.people import Person
from assistant.catalog.merrowby.year import PENDING, SHIPPED, draw_orders

Orders = tuple[PastOrder, ...]
Articles = tuple[Article, ...]


def total(order: PastOrder) -> int:
    return sum(line.quantity * line.price for line in order.lines)


def article_of(articles: Articles) -> dict[str, Article]:
    return {variant.id: article for article in articles for variant in article.variants}


def test_the_same_tables_draw_the_same_year(
    orders: Orders, people: tuple[Person, ...], articles: Articles
) -> None:
    assert draw_orders(people, articles, read_companions(), CLOCK, ZONE) == orders


def test_the_year_is_a_year_and_every_customer_ordered_in_it(
    orders: Orders, people: tuple[Person, ...]
) -> None:
    assert orders[0].placed_at > CLOCK - timedelta(days=366)
    assert orders[-1].placed_at < CLOCK
    assert all(a.placed_at <= b.placed_at for a, b in pairwise(orders))
    counts = Counter(order.customer_id for order in orders)
    assert set(counts) == {person.customer.id for person in people}
    assert min(counts.values()) >= 8


def test_order_numbers_are_unique_and_have_seven_digits(orders: Orders) -> None:
    numbers = [order.id for order in orders]
    assert len(set(numbers)) == len(numbers)
    assert all(len(number) == 7 and number.isdecimal() for number in numbers)


def test_payments_less_refunds_are_what_the_customer_kept(orders: Orders) -> None:
    for order in orders:
        paid = sum(e.amount for e in order.ledger if e.kind is EntryKind.PAYMENT)
        back = sum(e.amount for e in order.ledger if e.kind is EntryKind.REFUND)
        assert paid == total(order)
        assert back == (total(order) if order.status in ("cancelled", "returned") else 0)


def test_payments_are_the_customers_own(orders: Orders, people: tuple[Person, ...]) -> None:
    own = {p.customer.id: {m.id for m in p.customer.payment_methods} for p in people}
    for order in orders:
        assert {entry.payment_method_id for entry in order.ledger} <= own[order.customer_id]


def test_the_status_follows_from_the_age(orders: Orders) -> None:
    for order in orders:
        age = CLOCK - order.placed_at
        if order.status == "pending":
            assert age <= PENDING
        elif order.status == "shipped":
            assert PENDING < age <= SHIPPED
        elif order.status != "cancelled":
            assert age > SHIPPED


def test_every_status_occurs_and_enough_orders_can_still_be_changed(orders: Orders) -> None:
    counts = Counter(order.status for order in orders)
    assert set(counts) == {
        "pending",
        "shipped",
        "delivered",
        "cancelled",
        "returned",
        "return requested",
    }
    assert counts["pending"] >= 30
    assert counts["shipped"] >= 15
    assert counts["delivered"] > len(orders) * 0.8


def test_parcels_hold_the_lines_of_what_was_sent(orders: Orders) -> None:
    for order in orders:
        sent = [number for parcel in order.fulfilments for number in parcel.lines]
        if order.status in ("pending", "cancelled"):
            assert not sent
        else:
            assert sent == list(range(len(order.lines)))


def test_only_cancelled_orders_have_a_reason(orders: Orders) -> None:
    assert all((order.cancel_reason is None) == (order.status != "cancelled") for order in orders)


def test_an_order_names_a_product_once(orders: Orders) -> None:
    for order in orders:
        products = [line.product_id for line in order.lines]
        assert len(products) == len(set(products))


def test_what_is_used_up_is_bought_again_in_its_rhythm(orders: Orders, articles: Articles) -> None:
    """Coffee for three weeks is bought again after about three weeks, not at random."""
    beans = next(article for article in articles if article.number == 1409)
    ids = {variant.id for variant in beans.variants}
    days = defaultdict(list)
    for order in orders:
        if any(line.product_id in ids for line in order.lines):
            days[order.customer_id].append(order.placed_at)
    gaps = [
        (later - earlier).days
        for placed in days.values()
        if len(placed) > 4
        for earlier, later in pairwise(placed)
    ]
    assert len(gaps) > 40
    assert 17 <= statistics.median(gaps) <= 28


def test_tents_are_bought_before_the_summer_and_candles_before_the_new_year(
    orders: Orders, articles: Articles
) -> None:
    article = article_of(articles)
    months: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for order in orders:
        for line in order.lines:
            bought = article[line.product_id]
            if bought.lasts is None:
                months[bought.aisle_key][order.placed_at.month] += 1
    warm = sum(months["tents"][month] for month in range(4, 9))
    assert warm > 0.6 * months["tents"].total()
    late = sum(months["decor"][month] for month in (11, 12, 1))
    assert late > 0.4 * months["decor"].total()


def test_companions_are_bought_in_one_order_more_often_than_chance(
    orders: Orders, articles: Articles
) -> None:
    article = article_of(articles)
    companions = read_companions()
    together = alone = 0
    for order in orders:
        numbers = {article[line.product_id].number for line in order.lines}
        for number in numbers & companions.keys():
            met = bool(numbers & set(companions[number]))
            together, alone = together + met, alone + (not met)
    assert together > 0.3 * (together + alone)
