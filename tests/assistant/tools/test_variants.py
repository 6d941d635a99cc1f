"""Which variant stands for a family: words of the query, stock, price, habit."""

from dataclasses import replace

from assistant.catalog.products import Family, Option, Product
from assistant.retrieval.results import NO_FILTERS, Filters
from assistant.tools.variants import standing_for

SMALL = Product(
    id="small", family_id="pan", name="Pan", size="", own_label=False, aisle="Pots",
    price=2200, regular_price=2200, currency="USD", promoted=False,
    options=(Option("size", "8 in"),), stock=4,
)  # fmt: skip
MIDDLE = replace(SMALL, id="middle", price=2900, options=(Option("size", "10 in"),))
LARGE = replace(SMALL, id="large", price=3900, options=(Option("size", "12 in"),))
PAN = Family(
    "pan", "Pan", "", False, "Pots", "Home", (), None, MIDDLE, 9, variants=(SMALL, MIDDLE, LARGE)
)


def test_the_usual_one_stands_where_nothing_else_is_said() -> None:
    assert standing_for(PAN, LARGE, "pan", NO_FILTERS) is LARGE


def test_an_option_that_is_named_goes_first() -> None:
    assert standing_for(PAN, LARGE, "8 inch pan", NO_FILTERS) is SMALL


def test_words_such_as_in_name_no_option() -> None:
    assert standing_for(PAN, LARGE, "a pan in the sale", NO_FILTERS) is LARGE


def test_the_price_limit_goes_before_the_words() -> None:
    assert standing_for(PAN, MIDDLE, "12 in pan", Filters(max_price=3000)) is MIDDLE


def test_nothing_stands_where_nothing_fits() -> None:
    assert standing_for(PAN, MIDDLE, "pan", Filters(max_price=2000)) is None


def test_what_is_in_stock_goes_before_what_is_sold_out() -> None:
    gone = replace(MIDDLE, stock=0)
    family = replace(PAN, variants=(SMALL, gone, LARGE))
    assert standing_for(family, gone, "pan", NO_FILTERS) is not gone
    assert standing_for(family, gone, "10 in pan", NO_FILTERS) is gone


def test_cheapest_and_dearest_choose_by_price() -> None:
    assert standing_for(PAN, MIDDLE, "pan", NO_FILTERS, "cheapest") is SMALL
    assert standing_for(PAN, MIDDLE, "pan", NO_FILTERS, "dearest") is LARGE


def test_a_family_whose_products_read_the_same_keeps_the_usual_one() -> None:
    usual = replace(SMALL, options=(), price=500)
    plain = replace(PAN, best_seller=replace(MIDDLE, options=()), variants=())
    assert standing_for(plain, usual, "8 in pan", NO_FILTERS, "dearest") is usual
    assert standing_for(plain, usual, "pan", Filters(min_price=1000)) == plain.best_seller
