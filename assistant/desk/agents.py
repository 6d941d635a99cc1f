"""The agents' accounts and who is signed in; passwords and tokens are kept as digests only."""

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import delete, insert, select, update

from assistant.catalog.database import Database
from assistant.desk.handoffs import SHOPPER, wall_clock
from assistant.desk.schema import agent_sessions, agents
from assistant.errors import BadInput, SignInRefused, TooManyAttempts

LEAST_PASSWORD_CHARS = 10
BY_NAME = RateLimitItemPerMinute(5, 15)
BY_ADDRESS = RateLimitItemPerMinute(20, 15)
SHIFT = timedelta(hours=12)
_ON_DUTY = timedelta(seconds=90)
_NAME = re.compile(r"[^\W_](?:[\w .'-]{0,38}[\w.])?")
_MOST_PASSWORD_CHARS = 256


class Agents:
    """The shop's people; an account is good for every store of the database.

    Attempts to sign in are counted by name and by the caller's address, right or wrong, and the
    count is this process's. A wrong password and an unknown name read, and take, the same.
    """

    def __init__(
        self,
        database: Database,
        *,
        by_name: RateLimitItem = BY_NAME,
        by_address: RateLimitItem = BY_ADDRESS,
        hasher: PasswordHasher | None = None,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._database = database
        self._limits = (by_name, by_address)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._hasher = hasher or PasswordHasher()
        self._now = now

    def add(self, name: str, password: str) -> None:
        """Make an account; raises BadInput for a name or password that cannot be used."""
        if not _NAME.fullmatch(name) or name.lower() == SHOPPER:
            raise BadInput("A name has up to 40 letters, digits, spaces and hyphens.")
        if not LEAST_PASSWORD_CHARS <= len(password) <= _MOST_PASSWORD_CHARS:
            raise BadInput(
                f"A password has {LEAST_PASSWORD_CHARS} to {_MOST_PASSWORD_CHARS} characters."
            )
        hashed = self._hasher.hash(password)
        with self._database.write() as connection:
            known = connection.scalar(select(agents.c.name).where(agents.c.name == name))
            if known is not None:
                raise BadInput(
                    f"There is an agent {name!r}; choose another name, or remove that one first."
                )
            connection.execute(
                insert(agents).values(name=name, password_hash=hashed, created_at=self._now())
            )

    def remove(self, name: str) -> None:
        """Remove an account and end its sessions; raises BadInput where there is none."""
        with self._database.write() as connection:
            gone = connection.execute(delete(agents).where(agents.c.name == name)).rowcount
            connection.execute(delete(agent_sessions).where(agent_sessions.c.agent == name))
        if not gone:
            raise BadInput(f"There is no agent {name!r}; `agent list` prints the names.")

    def names(self) -> tuple[str, ...]:
        """Return all accounts' names."""
        with self._database.read() as connection:
            return tuple(connection.scalars(select(agents.c.name).order_by(agents.c.name)))

    def sign_in(self, name: str, password: str, address: str) -> str:
        """Return a new session's token; raises TooManyAttempts or SignInRefused."""
        self._count(name, address)
        with self._database.read() as connection:
            stored = connection.scalar(select(agents.c.password_hash).where(agents.c.name == name))
        # Read before it is needed: an unknown name's password has to take as long.
        nobody = self._nobody
        right = self._fits(stored or nobody, password)
        if stored is None or not right:
            raise SignInRefused("Name and password do not go together; try again.")
        token, now = secrets.token_urlsafe(32), self._now()
        with self._database.write() as connection:
            connection.execute(delete(agent_sessions).where(agent_sessions.c.expires_at <= now))
            connection.execute(
                insert(agent_sessions).values(
                    token_digest=_digest(token), agent=name, expires_at=now + SHIFT, seen_at=now
                )
            )
        return token

    def signed_in(self, token: str | None) -> str | None:
        """Return whose session a token is; None for one that is unknown, ended or expired."""
        if token is None:
            return None
        query = select(agent_sessions.c.agent).where(
            agent_sessions.c.token_digest == _digest(token),
            agent_sessions.c.expires_at > self._now(),
        )
        with self._database.read() as connection:
            found: str | None = connection.scalar(query)
        return found

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._database.write() as connection:
            connection.execute(
                delete(agent_sessions).where(agent_sessions.c.token_digest == _digest(token))
            )

    def seen(self, token: str) -> None:
        """Note that a session's page is open now."""
        with self._database.write() as connection:
            connection.execute(
                update(agent_sessions)
                .where(agent_sessions.c.token_digest == _digest(token))
                .values(seen_at=self._now())
            )

    def on_duty(self) -> bool:
        """Tell whether anyone has had the desk open within the last minute and a half."""
        now = self._now()
        query = (
            select(agent_sessions.c.agent)
            .where(
                agent_sessions.c.seen_at > now - _ON_DUTY,
                agent_sessions.c.expires_at > now,
            )
            .limit(1)
        )
        with self._database.read() as connection:
            return connection.scalar(query) is not None

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_urlsafe(16))

    def _count(self, name: str, address: str) -> None:
        by_name, by_address = self._limits
        # Both are counted, whichever refuses.
        counted = (
            self._limiter.hit(by_name, "name", name.strip().lower()[:64]),
            self._limiter.hit(by_address, "address", address),
        )
        if not all(counted):
            raise TooManyAttempts("That was tried too often; try again in a quarter of an hour.")

    def _fits(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password[:_MOST_PASSWORD_CHARS])
        except (VerificationError, InvalidHashError):
            return False


def new_password() -> str:
    """Return a password nobody can guess, of 20 characters."""
    return secrets.token_urlsafe(15)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
