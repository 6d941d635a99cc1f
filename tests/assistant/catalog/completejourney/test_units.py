import pytest

from assistant.catalog.completejourney.units import Amount, amount, plain_number


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("15.00", "15"),
        ("15.", "15"),
        (".5", "0.5"),
        ("8 1/2", "8.5"),
        ("8-7/8", "8.875"),
        ("1/3", "0.33"),
        ("200", "200"),
    ],
)
def test_numbers_are_printed_plainly(written: str, printed: str) -> None:
    assert plain_number(written) == printed


@pytest.mark.parametrize(
    ("read", "label"),
    [
        (amount("2", "stem"), "2 stems"),
        (amount("1", "roll"), "1 roll"),
        (amount("16.90", "oz"), "16.9 oz"),
        (amount(".5", "gal"), "1/2 gal"),
        (amount(".5", "oz"), "0.5 oz"),
    ],
)
def test_amounts_read_as_on_a_label(read: Amount, label: str) -> None:
    assert str(read) == label


@pytest.mark.parametrize(
    ("read", "plausible"),
    [
        (Amount("50", "lb"), True),
        (Amount("61", "lb"), False),
        (Amount("0", "oz"), False),
        (Amount("12730850", "count"), False),
        (Amount("0.187", "ml"), False),
    ],
)
def test_item_codes_are_no_amounts(read: Amount, plausible: bool) -> None:
    assert read.plausible is plausible
