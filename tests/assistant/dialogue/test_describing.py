"""What is told of a product: its description, its options and that it is sold out."""

from dataclasses import replace

from assistant.catalog.products import Family, Option, Product
from assistant.dialogue.describing import SILENT, described

OVEN = Product(
    id="1", family_id="oven", name="Iron pot", size="", own_label=False, aisle="Pots",
    price=7900, regular_price=7900, currency="USD", promoted=False,
    options=(Option("size", "4 qt"),), stock=3, description="Cast iron with a lid.",
)  # fmt: skip
LARGE = replace(OVEN, id="2", price=9900, options=(Option("size", "6 qt"),), stock=0)


def family(*variants: Product) -> Family:
    best = variants[0]
    return Family(
        best.family_id, best.name, "", False, best.aisle, "Home", (), None, best, 1,
        "Brand", best.description, variants,
    )  # fmt: skip


def test_one_option_is_told_with_its_prices() -> None:
    assert described(OVEN, family(OVEN, LARGE)) == (
        "Cast iron with a lid.",
        "By size: 4 qt at $79.00 and 6 qt at $99.00.",
    )


def test_several_options_are_told_one_by_one() -> None:
    colors = [
        replace(product, options=(*product.options, Option("color", color)))
        for product in (OVEN, LARGE)
        for color in ("red", "blue")
    ]
    assert described(colors[0], family(*colors))[1:] == (
        "By size: 4 qt and 6 qt.",
        "By color: red and blue.",
    )


def test_what_is_sold_out_is_said_to_be() -> None:
    told = described(LARGE, family(OVEN, LARGE))
    assert told[-1] == "Iron pot (6 qt) is sold out."


def test_a_store_without_descriptions_says_what_it_does_not_record() -> None:
    plain = replace(OVEN, description="", options=(), stock=None)
    assert described(plain, family(plain)) == (SILENT,)
