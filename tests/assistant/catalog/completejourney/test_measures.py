import pytest

from assistant.catalog.completejourney.measures import shared_spelling


@pytest.mark.parametrize(
    ("size", "spellings", "aisle", "shared"),
    [
        ("16 oz", {"16 oz", "1 lb"}, "Eggs, butter & yogurt", "1 lb"),
        ("16 oz", {"16 oz", "1 pt"}, "Ice cream & frozen desserts", "1 pt"),
        ("16 oz", {"16 oz", "2 lb"}, "Eggs, butter & yogurt", "16 oz"),
        ("64 oz", {"64 oz", "1/2 gal"}, "Juice", "1/2 gal"),
        ("12 count", {"12 count", "1 dozen"}, "Eggs, butter & yogurt", "1 dozen"),
        ("500 ml", {"500 ml", "0.5 L"}, "Water", "0.5 L"),
        # A dry pint of berries weighs less than 16 oz.
        ("16 oz", {"16 oz", "1 pt"}, "Fruit", "16 oz"),
        ("16 oz", {"16 oz", "1 pt", "1 lb"}, "Fruit", "1 lb"),
        ("1 lb", {"16 oz", "1 lb"}, "Fruit", "1 lb"),
        ("", {"", "1 lb"}, "Fruit", ""),
    ],
)
def test_a_measure_is_spelled_as_the_name_s_other_sizes_are(
    size: str, spellings: set[str], aisle: str, shared: str
) -> None:
    assert shared_spelling(size, spellings, aisle) == shared
