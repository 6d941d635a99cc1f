"""Sizes compared across units."""

import pytest

from assistant.retrieval.sizes import is_larger


@pytest.mark.parametrize(
    ("size", "other", "larger"),
    [
        ("1 lb", "12 oz", True),
        ("12 oz", "1 lb", False),
        ("1/2 gal", "1 qt", True),
        ("2 l", "1 gal", False),
        ("12 count", "12 oz", None),
        ("", "1 lb", None),
    ],
)
def test_sizes_of_one_kind_compare(size: str, other: str, larger: bool | None) -> None:
    assert is_larger(size, other) is larger
