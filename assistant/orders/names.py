"""Corrects a customer's name, the one thing of their record that no order depends on."""

from sqlalchemy import update

from assistant.catalog.database import Database
from assistant.catalog.order_schema import customers
from assistant.errors import InvalidArguments, NotFound
from assistant.prompting import neutralise

_LONGEST = 60


def correct_name(
    database: Database, store: str, customer_id: str, first_name: str, last_name: str
) -> None:
    """Write a customer's name; raises InvalidArguments, or NotFound where none is recorded."""
    names = [" ".join(neutralise(name).split()) for name in (first_name, last_name)]
    if not all(names) or max(map(len, names)) > _LONGEST:
        raise InvalidArguments(f"A first and a last name have 1 to {_LONGEST} characters each.")
    with database.write() as connection:
        written = connection.execute(
            update(customers)
            .where(customers.c.store == store, customers.c.id == customer_id)
            .values(first_name=names[0], last_name=names[1])
        )
    if not written.rowcount:
        raise NotFound("Your name is not recorded here, so there is nothing to correct.")
