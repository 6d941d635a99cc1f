from typing import Any

import pytest

from assistant.catalog.completejourney.shelf import shelf_size
from assistant.catalog.completejourney.source import Sold
from assistant.catalog.completejourney.vocabulary import Label


def sold(size: str, price: int, **changes: Any) -> Sold:
    product = Sold("1", "GROCERY", "SNACKS", "CHIPS", size, False, price, price, False, 1, 1)
    return product._replace(**changes)


def label(name: str = "Chips", aisle: str = "Snacks") -> Label:
    return Label(name, aisle, None, ())


def fresh(size: str, price: int, category: str, kind: str) -> str:
    product = sold(size, price, department="PRODUCE", category=category, kind=kind)
    return shelf_size(product, label(kind.capitalize(), "Vegetables"))


@pytest.mark.parametrize(
    ("size", "price", "category", "kind"),
    [
        ("40 LB", 101, "TROPICAL FRUIT", "BANANAS"),
        ("18 LB", 402, "GRAPES", "GRAPES RED"),
        ("48-54 CT", 99, "PEPPERS-ALL", "PEPPERS GREEN BELL"),
        ("24 CT", 99, "VEGETABLES SALAD", "HEAD LETTUCE"),
        ("5 CT", 399, "MELONS", "HONEYDEW WHOLE"),
        ("10 LB", 34, "HERBS", "GARLIC WHOLE CLOVES"),
        ("25 LB", 31, "CARROTS", "CARROTS - BULK"),
        ("5 LB", 73, "ONIONS", "ONIONS YELLOW (BULK&BAG)"),
        ("12/2 LB", 179, "ONIONS", "ONIONS WHITE (BULK&BAG)"),
        ("3 LB", 299, "MUSHROOMS", "MUSHROOMS WHITE BULK"),
    ],
)
def test_the_grower_s_case_is_hidden(size: str, price: int, category: str, kind: str) -> None:
    assert fresh(size, price, category, kind) == ""


@pytest.mark.parametrize(
    ("size", "price", "category", "kind", "shown"),
    [
        ("10 LB", 397, "POTATOES", "POTATOES RUSSET (BULK&BAG)", "10 lb"),
        ("5 LB BAG", 349, "POTATOES", "POTATOES RED (BULK&BAG)", "5 lb"),
        ("3 LB", 299, "APPLES", "APPLES GALA (BULK&BAG)", "3 lb"),
        ("16 OZ", 299, "BERRIES", "STRAWBERRIES", "16 oz"),
        ("4 LB", 599, "BERRIES", "STRAWBERRIES", "4 lb"),
        ("PT", 282, "TOMATOES", "TOMATOES GRAPE", "1 pt"),
        ("3 CT", 449, "PEPPERS-ALL", "PEPPERS OTHER BELL", "3 count"),
        ("10 OZ", 299, "SALAD MIX", "BLENDS", "10 oz"),
        ("5/2.4 OZ", 399, "VALUE ADDED FRUIT", "APPLES WEDGE/SLICES", "5 x 2.4 oz"),
    ],
)
def test_a_bag_or_tray_of_produce_is_shown(
    size: str, price: int, category: str, kind: str, shown: str
) -> None:
    assert fresh(size, price, category, kind) == shown


def test_produce_is_known_by_its_aisle_too() -> None:
    garlic = sold("30 LB", 30, category="HERBS", kind="GARLIC WHOLE CLOVES")
    assert shelf_size(garlic, label("Whole garlic cloves", "Vegetables")) == ""


def test_heavy_bags_elsewhere_are_shown() -> None:
    assert shelf_size(sold("40 LB", 2999), label("Dry dog food", "Pets")) == "40 lb"


def test_a_bakery_s_case_is_hidden_for_its_price_per_pound() -> None:
    assert shelf_size(sold("50 LB", 750), label("Sheet cakes", "Bread & bakery")) == ""
    assert shelf_size(sold("3 LB", 897), label("Bacon", "Meat & poultry")) == "3 lb"


def test_what_is_sold_by_weight_has_no_size() -> None:
    assert (
        shelf_size(sold("5 LB", 499), label("Deli ham, by weight", "Deli & prepared meals")) == ""
    )


def test_a_size_word_is_hidden_where_the_name_says_one() -> None:
    assert shelf_size(sold("LARGE", 199), label("Large eggs", "Eggs, butter & yogurt")) == ""
    assert shelf_size(sold("LARGE", 199), label("Rubber gloves", "Cleaning & laundry")) == "large"
