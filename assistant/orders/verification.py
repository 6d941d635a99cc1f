"""Recognises a guest as a customer by email, or by name and postcode.

Whether an account exists is never told: a wrong answer and an absent account read the same, and
every attempt counts, right or wrong.
"""

from limits import RateLimitItem, RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import ColumnElement, func, select

from assistant.catalog.database import Database
from assistant.catalog.order_schema import customers
from assistant.errors import NotFound, TooManyAttempts

ATTEMPTS = RateLimitItemPerHour(6)


class Verifier:
    """Recognises the customers of one store, six attempts an hour.

    Attempts are counted by conversation and by what is claimed, so that neither many conversations
    nor many claims go further. The count is this process's.
    """

    def __init__(self, database: Database, store: str, attempts: RateLimitItem = ATTEMPTS) -> None:
        self._database = database
        self._store = store
        self._attempts = attempts
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def by_email(self, conversation_id: str, email: str) -> str:
        """Return the customer's id; raises NotFound or TooManyAttempts."""
        claim = email.strip().lower()
        return self._verify(conversation_id, (claim,), func.lower(customers.c.email) == claim)

    def by_name_and_postcode(
        self, conversation_id: str, first_name: str, last_name: str, postcode: str
    ) -> str:
        """Return the customer's id; raises NotFound or TooManyAttempts."""
        claim = tuple(part.strip().lower() for part in (first_name, last_name, postcode))
        same = (
            (func.lower(customers.c.first_name) == claim[0])
            & (func.lower(customers.c.last_name) == claim[1])
            & (func.lower(customers.c.postcode) == claim[2])
        )
        return self._verify(conversation_id, claim, same)

    def _verify(
        self, conversation_id: str, claim: tuple[str, ...], same: ColumnElement[bool]
    ) -> str:
        self._count("conversation", conversation_id)
        self._count("claim", *claim)
        query = select(customers.c.id).where(customers.c.store == self._store, same).limit(2)
        with self._database.read() as connection:
            found = list(connection.scalars(query))
        if len(found) != 1:
            raise NotFound(
                "That does not fit what the shop knows; check the spelling, or ask for a person."
            )
        customer_id: str = found[0]
        return customer_id

    def _count(self, *what: str) -> None:
        if not self._limiter.hit(self._attempts, self._store, *what):
            raise TooManyAttempts("That was tried too often; try again in an hour.")
