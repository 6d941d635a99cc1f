"""The store's invented customers, read from their table."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from assistant.catalog.customers import (
    Address,
    Customer,
    PaymentKind,
    PaymentMethod,
    SavedAddress,
)
from assistant.catalog.merrowby.assortment import FOLDER

LOCATION = "online"


class PersonRow(BaseModel):
    """A customer as the table tells it.

    `pays` names methods such as `visa 4821`, `paypal` and `gift 2500`, a gift card's balance in
    minor units; `also` maps a saved address's name to its two lines.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    name: str
    street: str
    flat: str = ""
    city: str
    region: str
    postcode: str
    likes: tuple[str, ...]
    pays: tuple[str, ...]
    pace: int
    wears: str
    shoe: int
    bed: str
    also: dict[str, tuple[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Person:
    """A customer with habits: liked aisles, wishes a year, and the sizes that fit."""

    customer: Customer
    likes: tuple[str, ...]
    pace: int
    fits: frozenset[str]


def read_people(folder: Path = FOLDER) -> tuple[Person, ...]:
    """Read the customers, by id."""
    rows = yaml.safe_load((folder / "people.yaml").read_text(encoding="utf-8"))
    people = [_person(PersonRow.model_validate(row)) for row in rows]
    return tuple(sorted(people, key=lambda person: person.customer.id))


def _person(row: PersonRow) -> Person:
    first, last = row.name.split(" ", 1)
    mailbox = re.sub(r"[^a-z.]", "", f"{first}.{last}".lower())
    customer = Customer(
        id=str(row.id),
        first_name=first,
        last_name=last,
        email=f"{mailbox}@example.com",
        address=_address(row, row.street, row.flat),
        payment_methods=tuple(_methods(row)),
        saved_addresses=tuple(
            SavedAddress(name, _address(row, *lines)) for name, lines in row.also.items()
        ),
        location=LOCATION,
        demonstration=True,
    )
    fits = frozenset({row.wears, f"US {row.shoe}", row.bed})
    return Person(customer, row.likes, row.pace, fits)


def _address(row: PersonRow, line1: str, line2: str) -> Address:
    return Address(line1, line2, row.city, row.region, row.postcode, "USA")


def _methods(row: PersonRow) -> Iterator[PaymentMethod]:
    for said in row.pays:
        kind, _, number = said.partition(" ")
        if kind == "paypal":
            yield PaymentMethod(f"paypal_{row.id}", PaymentKind.PAYPAL)
        elif kind == "gift":
            card = f"gift_card_{row.id}"
            yield PaymentMethod(card, PaymentKind.GIFT_CARD, balance=int(number))
        else:
            card = f"card_{row.id}{number}"
            yield PaymentMethod(card, PaymentKind.CARD, brand=kind, last_four=number)
