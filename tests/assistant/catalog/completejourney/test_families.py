import re
from collections import Counter

import pytest

from assistant.catalog.completejourney.families import (
    GroupedFamily,
    Named,
    family_slug,
    group_families,
)
from assistant.catalog.completejourney.source import Sold
from assistant.catalog.completejourney.vocabulary import Label
from assistant.catalog.products import Restriction, family_title


def named(
    product_id: str,
    lines: int,
    *,
    name: str = "Milk",
    size: str = "1 gal",
    own_label: bool = True,
    aisle: str = "Milk & cream",
    restriction: Restriction | None = None,
    keywords: tuple[str, ...] = (),
) -> Named:
    sold = Sold(product_id, "GROCERY", "MILK", "MILK", "", own_label, 99, 99, False, lines, lines)
    label = Label(name, aisle, restriction, keywords)
    return Named(sold, label, size, "Grocery", "Milk")


def only(families: tuple[GroupedFamily, ...]) -> GroupedFamily:
    (family,) = families
    return family


def test_products_that_read_the_same_are_one_family() -> None:
    family = only(group_families([named("1", 5), named("2", 8)]))
    assert (family.id, family.name, family.size) == ("milk-1-gal-own", "Milk", "1 gal")
    assert family.lines_sold == 13


def test_name_size_and_label_tell_families_apart() -> None:
    products = [
        named("1", 1),
        named("2", 1, own_label=False),
        named("3", 1, size=""),
        named("4", 1, name="Eggs"),
    ]
    ids = [family.id for family in group_families(products)]
    assert ids == ["eggs-1-gal-own", "milk-1-gal", "milk-1-gal-own", "milk-own"]


def test_two_spellings_of_one_measure_are_one_family() -> None:
    products = [
        named("1", 1, size="64 oz"),
        named("2", 1, size="1/2 gal"),
        named("3", 1, size="64 oz", own_label=False),
        named("4", 1, size="64 oz", name="Juice"),
    ]
    ids = [family.id for family in group_families(products)]
    assert ids == ["juice-64-oz-own", "milk-1-2-gal", "milk-1-2-gal-own"]


def test_the_best_seller_comes_first_and_of_equals_the_lowest_id() -> None:
    family = only(group_families([named("9", 5), named("10", 8), named("8", 8)]))
    assert [product.product_id for product in family.products] == ["8", "10", "9"]


def test_the_most_sold_aisle_counts_and_all_keywords_do() -> None:
    family = only(
        group_families(
            [
                named("1", 5, aisle="Snacks", keywords=("a", "b")),
                named("2", 4, aisle="Juice", keywords=("b", "c")),
                named("3", 3, aisle="Juice"),
            ]
        )
    )
    assert family.aisle == "Juice"
    assert family.keywords == ("a", "b", "c")


def test_a_family_is_as_restricted_as_its_strictest_product() -> None:
    family = only(
        group_families(
            [
                named("1", 9),
                named("2", 1, restriction=Restriction.INTIMATE),
                named("3", 1, restriction=Restriction.TOBACCO),
            ]
        )
    )
    assert family.restriction is Restriction.TOBACCO


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        (("Milk", "1 gal", True), "milk-1-gal-own"),
        (("Yogurt", "1.5 oz", False), "yogurt-1.5-oz"),
        (("Valentine's Day cards", "", False), "valentines-day-cards"),
        (("Milk", "1/2 gal", False), "milk-1-2-gal"),
        (
            ("Soft drinks, can multipack", "12 x 12 oz", True),
            "soft-drinks-can-multipack-12-x-12-oz-own",
        ),
        (("St. John's wort", "", False), "st-johns-wort"),
    ],
)
def test_ids_are_readable(title: tuple[str, str, bool], slug: str) -> None:
    assert family_slug(*title) == slug


def test_titles_with_the_same_slug_get_different_ids() -> None:
    families = group_families([named("1", 1, name="Milk & tea"), named("2", 1, name="Milk, tea")])
    assert {family.id for family in families} == {"milk-tea-1-gal-own", "milk-tea-1-gal-own-2"}


def test_no_two_families_of_the_data_read_the_same(
    real_families: dict[str, GroupedFamily],
) -> None:
    titles = Counter(
        family_title(family.name, family.size, family.own_label).casefold()
        for family in real_families.values()
    )
    assert 10_000 < len(titles) == len(real_families)


def test_no_title_of_the_data_is_shouted_cut_off_or_long(
    real_families: dict[str, GroupedFamily],
) -> None:
    for family in real_families.values():
        title = family_title(family.name, family.size, family.own_label)
        assert not re.search(r"\b[A-Z]{4,}\b", title), title
        assert len(title) <= 80, title
        assert "CTN" not in title


def test_ids_of_the_data_are_plain_text(real_families: dict[str, GroupedFamily]) -> None:
    assert all(re.fullmatch(r"[a-z0-9.]+(?:-[a-z0-9.]+)*", name) for name in real_families)


def test_many_milks_can_be_told_apart(real_families: dict[str, GroupedFamily]) -> None:
    milks = [family for family in real_families.values() if family.name == "Milk"]
    assert len(milks) >= 10
    gallon = real_families["milk-1-gal-own"]
    assert len(gallon.products) > 20
    assert gallon.aisle == "Milk & cream"


def test_bananas_show_no_case_size(real_families: dict[str, GroupedFamily]) -> None:
    assert real_families["bananas"].lines_sold > 17_000
    assert not any(
        "40 lb" in family.size for family in real_families.values() if family.aisle == "Fruit"
    )


@pytest.mark.parametrize(
    ("aisle", "restriction"),
    [("Tobacco", Restriction.TOBACCO), ("Medicine", Restriction.MEDICINE)],
)
def test_whole_aisles_are_restricted(
    real_families: dict[str, GroupedFamily], aisle: str, restriction: Restriction
) -> None:
    shelf = [family for family in real_families.values() if family.aisle == aisle]
    assert shelf
    assert all(family.restriction is not None for family in shelf)
    assert Counter(family.restriction for family in shelf).most_common(1)[0][0] is restriction


def test_prices_of_the_data_are_positive_and_never_above_the_regular_one(
    real_families: dict[str, GroupedFamily],
) -> None:
    for family in real_families.values():
        for product in family.products:
            assert 1 < product.price <= product.regular_price
            assert product.promoted == (product.price < product.regular_price)
