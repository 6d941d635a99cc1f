import pytest

from assistant.catalog.customers import Address, Customer, SavedAddress
from assistant.dialogue.orders.addresses import begins_address, find_address, read_address

HOME = Address("7 Silo Court", "Apt 3B", "Mapleford", "IL", "00268", "USA")
WORK = Address("1200 Foundry Plaza", "Suite 410", "Mapleford", "IL", "00268", "USA")
PRIYA = Customer("103", "Priya", "R", "p@example.com", HOME, (), (SavedAddress("work", WORK),))


def test_a_typed_address_is_taken_apart() -> None:
    read = read_address("to 9 Bell Lane, apt 4, Wexcombe, pa 00309 please", PRIYA)
    assert read == Address("9 Bell Lane", "apt 4", "Wexcombe", "PA", "00309", "USA")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("my work address", WORK), ("to my default address", HOME), ("home please", HOME)],
)
def test_the_customers_own_names_for_addresses_are_known(text: str, expected: Address) -> None:
    assert read_address(text, PRIYA) == expected


@pytest.mark.parametrize("text", ["my new address", "somewhere else", "22 Harbor View Road", ""])
def test_nothing_is_made_up_where_the_address_is_not_whole(text: str) -> None:
    assert read_address(text, PRIYA) is None


def test_a_street_alone_begins_an_address() -> None:
    assert begins_address("22 Harbor View Road")
    assert not begins_address("my new place")


def test_an_order_number_before_an_address_is_not_part_of_it() -> None:
    address, rest = find_address("send order 41453103606 to 5 Elm Street, Dayton, OH 45402")
    assert address == "5 Elm Street, Dayton, OH 45402"
    assert "41453103606" in rest
