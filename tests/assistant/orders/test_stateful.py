"""Random sequences of actions against the simple reference model, on both databases."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from assistant.catalog.database import Database
from assistant.catalog.order_schema import ledger, payment_methods
from assistant.catalog.schema import order_lines, orders, products
from assistant.errors import ToolError
from assistant.orders.cart import CartBook
from assistant.orders.proposals import Proposal
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Session
from tests.assistant.orders.order_shop import PLANNER, PRODUCTS, STORE, write_order_shop
from tests.assistant.orders.reference_model import OWNERS, REASONS, ModelShop

Step = Callable[[ModelShop], ModelShop | None]
PEOPLE = st.sampled_from(("ann", "ann", "bob"))
ORDER = st.sampled_from(("A1", "A2", "A3", "A4", "A5", "B1", "B2", "nothing"))
METHOD = st.sampled_from(("ann-gift", "ann-card", "ann-paypal", "bob-card"))
PAIRS = st.lists(
    st.sampled_from(
        (
            ("tee-red", "tee-blue"),
            ("tee-red", "tee-gold"),
            ("tee-blue", "tee-red"),
            ("lamp-black", "lamp-white"),
            ("lamp-white", "lamp-black"),
            ("tee-red", "lamp-white"),
            ("tee-red", "tee-gone"),
        )
    ),
    min_size=1,
    max_size=3,
)


@dataclass
class Seen:
    """An order as the database has it: `holds` by product, `paid` net by method."""

    status: str
    total: int
    holds: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)


@dataclass
class Waiting:
    """A proposal, what the model says it does, and the state that it was seen in."""

    who: str
    proposal: Proposal
    step: Step
    seen: ModelShop


class Orders(RuleBasedStateMachine):
    """Two customers, one conversation each; placed orders join the pool."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.desk = OrderDesk(self.database, STORE, PLANNER)
        self.carts = CartBook(self.database, STORE)
        self.model = ModelShop.fresh()
        self.waiting: dict[str, Waiting] = {}

    @initialize()
    def write_anew(self) -> None:
        write_order_shop(self.database)
        for who in OWNERS:
            self.desk.drop(self._session(who))
            self.carts.clear(self._session(who).cart_owner)

    @rule(who=PEOPLE, order=ORDER, reason=st.sampled_from((*REASONS, "bored")))
    def cancel(self, who: str, order: str, reason: str) -> None:
        session = self._session(who)
        self._propose(
            who,
            lambda: self.desk.cancel_order(session, order, reason),
            lambda shop: shop.cancel(who, order, reason),
        )

    @rule(who=PEOPLE, order=ORDER, pairs=PAIRS, method=METHOD)
    def change(self, who: str, order: str, pairs: list[tuple[str, str]], method: str) -> None:
        session = self._session(who)
        self._propose(
            who,
            lambda: self.desk.change_items(session, order, pairs, method),
            lambda shop: shop.change(who, order, pairs, method),
        )

    @rule(who=PEOPLE, order=ORDER, pairs=PAIRS, method=METHOD)
    def exchange(self, who: str, order: str, pairs: list[tuple[str, str]], method: str) -> None:
        session = self._session(who)
        self._propose(
            who,
            lambda: self.desk.exchange_items(session, order, pairs, method),
            lambda shop: shop.exchange(who, order, pairs, method),
        )

    @rule(
        who=PEOPLE,
        order=ORDER,
        names=st.lists(st.sampled_from(tuple(PRODUCTS)), max_size=2),
        method=METHOD,
    )
    def give_back(self, who: str, order: str, names: list[str], method: str) -> None:
        session = self._session(who)
        self._propose(
            who,
            lambda: self.desk.return_items(session, order, names, method),
            lambda shop: shop.give_back(who, order, names, method),
        )

    @rule(who=PEOPLE, order=ORDER, method=METHOD)
    def pay_by(self, who: str, order: str, method: str) -> None:
        session = self._session(who)
        self._propose(
            who,
            lambda: self.desk.change_payment(session, order, method),
            lambda shop: shop.pay_by(who, order, method),
        )

    @rule(who=PEOPLE, product=st.sampled_from(tuple(PRODUCTS)), quantity=st.integers(1, 3))
    def fill_cart(self, who: str, product: str, quantity: int) -> None:
        self.carts.add(self._session(who).cart_owner, product, quantity)
        self.model.carts[who][product] += quantity

    @rule(who=PEOPLE, method=METHOD)
    def place(self, who: str, method: str) -> None:
        self._forget(who)
        try:
            proposal = self.desk.place_order(self._session(who), method)
        except ToolError:
            assert self.model.place(who, "new", method) is None
            return
        order_id = proposal.effects.order_id or ""
        self._wait(who, proposal, lambda shop: shop.place(who, order_id, method))

    @precondition(lambda self: self.waiting)
    @rule(choice=st.randoms(use_true_random=False))
    def confirm(self, choice: Random) -> None:
        who = choice.choice(sorted(self.waiting))
        waiting = self.waiting.pop(who)
        now = waiting.step(self.model)
        # The keys of earlier sequences are in the database still.
        key = waiting.proposal.id
        try:
            first = self.desk.confirm(self._session(who), waiting.proposal.id, key)
        except ToolError:
            assert now is None or self._moved(waiting)
            return
        assert now is not None
        self.model = now
        again = self.desk.confirm(self._session(who), waiting.proposal.id, key)
        assert (again.outcome, again.replayed) == (first.outcome, True)

    @rule(who=PEOPLE)
    def change_of_mind(self, who: str) -> None:
        assert self.desk.drop(self._session(who)) == (who in self.waiting)
        self._forget(who)

    @invariant()
    def orders_are_as_the_model_says(self) -> None:
        found = self._orders()
        assert found.keys() == self.model.orders.keys()
        for order_id, wanted in self.model.orders.items():
            order = found[order_id]
            assert (order.status, order.holds) == (wanted.status, +wanted.holds)
            assert order.paid == wanted.paid
            if order.status != "cancelled":
                assert order.total == wanted.worth == sum(wanted.paid.values())

    @invariant()
    def balance_and_stock_are_as_the_model_says(self) -> None:
        with self.database.read() as connection:
            rows = connection.execute(select(products.c.id, products.c.stock)).all()
            balance = select(payment_methods.c.balance).where(payment_methods.c.id == "ann-gift")
            assert connection.scalar(balance) == self.model.gift >= 0
        counted = {row.id: row.stock for row in rows if row.stock is not None}
        assert counted == self.model.stock
        assert min(counted.values()) >= 0

    def _orders(self) -> "dict[str, Seen]":
        """Read all orders as counts of products and sums of the ledger."""
        with self.database.read() as connection:
            found = {
                row.id: Seen(row.status, row.total)
                for row in connection.execute(select(orders)).all()
            }
            for row in connection.execute(select(order_lines)):
                found[row.order_id].holds[row.product_id] += row.quantity
            entries = select(ledger).order_by(ledger.c.order_id, ledger.c.number)
            for row in connection.execute(entries):
                sign = 1 if row.kind == "payment" else -1
                found[row.order_id].paid[row.payment_method_id] += sign * row.amount
        return found

    def _propose(self, who: str, attempt: Callable[[], Proposal], step: Step) -> None:
        self._forget(who)
        try:
            proposal = attempt()
        except ToolError:
            assert step(self.model) is None
            return
        self._wait(who, proposal, step)

    def _wait(self, who: str, proposal: Proposal, step: Step) -> None:
        assert step(self.model) is not None
        self.waiting[who] = Waiting(who, proposal, step, self.model)

    def _moved(self, waiting: Waiting) -> bool:
        """Tell whether the cart changed since, so that other things would be ordered."""
        return waiting.proposal.action == "place_order" and (
            Counter({li.product_id: li.quantity for li in waiting.proposal.effects.lines})
            != self.model.carts[waiting.who]
        )

    def _forget(self, who: str) -> None:
        self.waiting.pop(who, None)

    def _session(self, who: str) -> Session:
        return Session(STORE.name, f"talk of {who}", who)


def test_random_sequences_end_as_the_reference_model_says(url: str) -> None:
    database = Database(url)
    database.create_all()
    write_order_shop(database)
    machine = type("OnDatabase", (Orders,), {"database": database})
    steps = settings(
        max_examples=15,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=steps)
    database.dispose()
