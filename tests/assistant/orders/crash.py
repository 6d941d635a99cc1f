"""Kills the writer of an order change, by kill -9, and looks at what is left.

A warm process forks each victim. Half the victims die as they send a statement chosen by chance,
the last of which is the commit; the others at a moment chosen by chance, the answer's included.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sqlalchemy import event
from sqlalchemy.engine import Engine

from assistant.catalog.database import Database
from assistant.errors import ToolError
from assistant.orders.cart import CartBook
from assistant.orders.proposals import Outcome, Proposal
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Session
from tests.assistant.orders.expected_rows import ExpectedRows, all_rows, committed_proposals
from tests.assistant.orders.order_shop import HOME, PLANNER, STORE, WORK

MOST_STATEMENTS = 32


@dataclass
class Deaths:
    """How the victims died: before their change was there, after it, after they had answered."""

    before: int = 0
    after: int = 0
    answered: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def all(self) -> int:
        return self.before + self.after + self.answered


class Crashes:
    """Proposes one change after another and kills whoever confirms it."""

    def __init__(self, url: str, seed: int) -> None:
        self._url = url
        self._random = random.Random(seed)
        self._database = Database(url)
        self._expected = ExpectedRows(self._database, STORE.name)
        self._longest = 0.02
        self.deaths = Deaths()

    def kill_one(self, number: int) -> None:
        """Propose a change, kill the one who confirms it, and confirm it again."""
        session = Session(STORE.name, f"talk {number}", "ann")
        proposal = self._proposed(session)
        # A forked process must not share its parent's connections.
        self._database.dispose()
        answer = self._kill(lambda desk: self._confirm(desk, session, proposal, number))
        there = proposal.id in committed_proposals(self._database)
        self._note(there, answer)
        if not there and self._differences():
            self.deaths.wrong.append(f"{proposal.action} half done")
        self._retry(session, proposal, number, there, answer)

    def _proposed(self, session: Session) -> Proposal:
        """Propose a change that is allowed, of an action chosen by chance."""
        while True:
            try:
                return self._random.choice(self._writes(session))()
            except ToolError:
                continue

    def _writes(self, session: Session) -> list[Callable[[], Proposal]]:
        desk, order = OrderDesk(self._database, STORE, PLANNER), self._order
        method = self._random.choice(("ann-card", "ann-paypal", "ann-gift"))
        elsewhere = replace(HOME, line2=f"Flat {self._random.randint(1, 999)}")
        return [
            lambda: desk.cancel_order(session, order("pending"), "no longer needed"),
            lambda: desk.change_items(
                session, order("pending"), [("lamp-white", "lamp-black")], method
            ),
            lambda: desk.exchange_items(
                session, order("delivered"), [("lamp-white", "lamp-black")], method
            ),
            lambda: desk.return_items(session, order("delivered"), ["lamp-white"], "ann-paypal"),
            lambda: desk.change_address(session, order("pending"), elsewhere),
            lambda: desk.change_payment(session, order("pending"), method),
            lambda: desk.change_default_address(session, self._random.choice((elsewhere, WORK))),
            lambda: self._place(desk, session, method),
        ]

    def _order(self, status: str) -> str:
        rows = self._expected.rows["orders"].values()
        own = [row["id"] for row in rows if (row["shopper_id"], row["status"]) == ("ann", status)]
        chosen: str = self._random.choice(own or ["none"])
        return chosen

    def _place(self, desk: OrderDesk, session: Session, method: str) -> Proposal:
        CartBook(self._database, STORE).add(session.cart_owner, "fish", 1)
        self._expected.changed_cart(self._database)
        return desk.place_order(session, method)

    def _confirm(
        self, desk: OrderDesk, session: Session, proposal: Proposal, number: int
    ) -> Outcome:
        return desk.confirm(session, proposal.id, f"key {number}").outcome

    def _kill(self, work: Callable[[OrderDesk], Outcome]) -> str:
        """Fork a victim that does the work, kill it, and return what it answered, if it did."""
        reading, writing = os.pipe()
        statement = self._random.choice((None, self._random.randrange(MOST_STATEMENTS)))
        started = time.monotonic()
        victim = os.fork()
        if victim == 0:
            self._die_working(work, writing, statement)
        os.close(writing)
        if statement is None:
            time.sleep(self._random.uniform(0, 1.3 * self._longest))
            os.kill(victim, signal.SIGKILL)
        with os.fdopen(reading) as pipe:
            answer = pipe.read()
        os.waitpid(victim, 0)
        if answer:
            self._longest = 0.8 * self._longest + 0.2 * (time.monotonic() - started)
        return answer

    def _die_working(
        self, work: Callable[[OrderDesk], Outcome], writing: int, statement: int | None
    ) -> None:
        """Work, answer and die; with `statement`, as that one is about to be sent."""
        if statement is not None:
            _die_at(statement)
        outcome = work(OrderDesk(Database(self._url), STORE, PLANNER))
        os.write(writing, outcome.model_dump_json().encode())
        os.kill(os.getpid(), signal.SIGKILL)

    def _note(self, there: bool, answer: str) -> None:
        if answer:
            self.deaths.answered += 1
        elif there:
            self.deaths.after += 1
        else:
            self.deaths.before += 1

    def _retry(
        self, session: Session, proposal: Proposal, number: int, there: bool, answer: str
    ) -> None:
        """Confirm again with the same key: the same answer, and the change is there once."""
        desk = OrderDesk(self._database, STORE, PLANNER)
        again = desk.confirm(session, proposal.id, f"key {number}")
        self._expected.confirm("ann", proposal)
        if again.replayed != there:
            self.deaths.wrong.append(f"{proposal.action} lost or done twice")
        if answer and again.outcome.model_dump_json() != answer:
            self.deaths.wrong.append(f"{proposal.action} answered otherwise")
        if self._differences():
            self.deaths.wrong.append(f"{proposal.action}: {self._differences()[0]}")

    def _differences(self) -> list[str]:
        actual, wanted = all_rows(self._database), self._expected.rows
        return [
            f"{table} {key}"
            for table in wanted
            for key in wanted[table].keys() | actual[table].keys()
            if wanted[table].get(key) != actual[table].get(key)
        ]


def _die_at(statement: int) -> None:
    """Kill this process as its statement of that number, or its commit, is about to be sent."""
    sent = 0

    def count(*_: object) -> None:
        nonlocal sent
        if sent == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        sent += 1

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)
