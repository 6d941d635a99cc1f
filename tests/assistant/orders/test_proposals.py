"""Only the customer's confirmation of exactly that proposal commits it, once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from assistant.catalog import database as database_module
from assistant.catalog.database import Database
from assistant.catalog.order_schema import ledger, order_changes
from assistant.catalog.schema import products
from assistant.errors import (
    InvalidArguments,
    KeyConflict,
    MissingKey,
    NotFound,
    ProposalClosed,
    StillRunning,
)
from assistant.orders.cart import CartBook
from assistant.orders.proposals import (
    LIFETIME,
    Caller,
    Confirmation,
    ProposalBook,
)
from assistant.orders.requests import CancelOrder, ChangeItems, ItemChange, PlaceOrder
from assistant.orders.schema import idempotency_keys, proposals
from tests.assistant.orders.order_shop import PLANNER, STORE

ANN = Caller("ann", "talk")
BOB = Caller("bob", "talk")
CANCEL = CancelOrder(order_id="A1", reason="no longer needed")


@dataclass
class Clock:
    """A wall clock that a test moves."""

    now: datetime = field(default_factory=lambda: datetime(2026, 1, 1, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(shop: Database, clock: Clock) -> ProposalBook:
    return ProposalBook(shop, STORE.name, PLANNER, clock)


def refunds(shop: Database) -> int:
    with shop.read() as connection:
        query = select(func.count()).select_from(ledger).where(ledger.c.kind == "refund")
        return connection.execute(query).scalar_one()


def test_a_proposal_alone_changes_nothing(book: ProposalBook, shop: Database) -> None:
    book.propose(ANN, CANCEL)
    assert refunds(shop) == 0


def test_the_same_key_gets_the_first_answer_and_one_effect(
    book: ProposalBook, shop: Database
) -> None:
    proposal = book.propose(ANN, CANCEL)
    first = book.confirm(ANN, proposal.id, "k")
    again = book.confirm(ANN, proposal.id, "k")
    assert again == Confirmation(first.outcome, replayed=True)
    assert (first.replayed, refunds(shop)) == (False, 1)


def test_another_key_for_a_done_proposal_does_nothing_more(
    book: ProposalBook, shop: Database
) -> None:
    proposal = book.propose(ANN, CANCEL)
    book.confirm(ANN, proposal.id, "k")
    with pytest.raises(ProposalClosed, match="confirmed before"):
        book.confirm(ANN, proposal.id, "other")
    assert refunds(shop) == 1


@pytest.mark.parametrize("key", ["", "  ", "x" * 256])
def test_a_missing_or_overlong_key_is_a_bad_request(
    book: ProposalBook, shop: Database, key: str
) -> None:
    proposal = book.propose(ANN, CANCEL)
    with pytest.raises(MissingKey) as refused:
        book.confirm(ANN, proposal.id, key)
    assert (refused.value.status, refunds(shop)) == (400, 0)


def test_a_key_used_for_another_proposal_is_a_conflict(book: ProposalBook, shop: Database) -> None:
    first = book.propose(ANN, CANCEL)
    book.confirm(ANN, first.id, "k")
    second = book.propose(ANN, CancelOrder(order_id="A4", reason="no longer needed"))
    with pytest.raises(KeyConflict) as refused:
        book.confirm(ANN, second.id, "k")
    assert (refused.value.status, refunds(shop)) == (422, 1)


def test_a_write_that_holds_the_database_makes_a_confirmation_wait_and_then_say_so(
    book: ProposalBook, shop: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 1)
    proposal = book.propose(ANN, CANCEL)
    patient = ProposalBook(Database(url), STORE.name, PLANNER, Clock())
    with (
        shop.write(exclusive=f"orders of {STORE.name}"),
        pytest.raises(StillRunning) as refused,
    ):
        patient.confirm(ANN, proposal.id, "k")
    assert refused.value.status == 409
    assert not patient.confirm(ANN, proposal.id, "k").replayed


def test_a_failure_while_writing_is_not_kept_under_the_key(
    book: ProposalBook, shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> None:
        raise RuntimeError("power cut")

    proposal = book.propose(ANN, CANCEL)
    with monkeypatch.context() as patched:
        patched.setattr("assistant.orders.applying._record", power_cut)
        with pytest.raises(RuntimeError):
            book.confirm(ANN, proposal.id, "k")
    assert refunds(shop) == 0
    assert not book.confirm(ANN, proposal.id, "k").replayed


def test_a_refused_confirmation_is_answered_the_same_again(
    book: ProposalBook, clock: Clock
) -> None:
    proposal = book.propose(ANN, CANCEL)
    clock.now += LIFETIME
    for _ in range(2):
        with pytest.raises(ProposalClosed, match="expired"):
            book.confirm(ANN, proposal.id, "k")


def test_a_proposal_expires(book: ProposalBook, clock: Clock, shop: Database) -> None:
    proposal = book.propose(ANN, CANCEL)
    clock.now += LIFETIME - timedelta(seconds=1)
    assert book.pending(ANN) == proposal
    clock.now += timedelta(seconds=1)
    assert book.pending(ANN) is None
    with pytest.raises(ProposalClosed):
        book.confirm(ANN, proposal.id, "k")
    assert refunds(shop) == 0


def test_a_stolen_confirmation_reads_like_one_that_never_was(
    book: ProposalBook, shop: Database
) -> None:
    proposal = book.propose(ANN, CANCEL)
    with pytest.raises(NotFound) as stolen:
        book.confirm(BOB, proposal.id, "k")
    with pytest.raises(NotFound) as forged:
        book.confirm(BOB, "forged", "k2")
    assert str(stolen.value) == str(forged.value)
    assert refunds(shop) == 0
    assert not book.confirm(ANN, proposal.id, "k").replayed


def test_another_request_in_the_conversation_drops_the_proposal(
    book: ProposalBook, shop: Database
) -> None:
    first = book.propose(ANN, CANCEL)
    second = book.propose(ANN, CancelOrder(order_id="A4", reason="no longer needed"))
    assert book.pending(ANN) == second
    with pytest.raises(ProposalClosed, match="dropped"):
        book.confirm(ANN, first.id, "k")
    assert refunds(shop) == 0


def test_a_refused_request_drops_the_proposal_too(book: ProposalBook) -> None:
    first = book.propose(ANN, CANCEL)
    with pytest.raises(InvalidArguments):
        book.propose(ANN, CancelOrder(order_id="A1", reason="bored"))
    assert book.pending(ANN) is None
    with pytest.raises(ProposalClosed):
        book.confirm(ANN, first.id, "k")


def test_a_change_of_mind_drops_the_proposal(book: ProposalBook) -> None:
    first = book.propose(ANN, CANCEL)
    assert book.drop(ANN)
    assert not book.drop(ANN)
    with pytest.raises(ProposalClosed):
        book.confirm(ANN, first.id, "k")


def test_proposals_of_other_conversations_stand(book: ProposalBook) -> None:
    first = book.propose(ANN, CANCEL)
    book.propose(Caller("ann", "elsewhere"), CANCEL)
    assert book.pending(ANN) == first


def test_an_altered_proposal_is_void(book: ProposalBook, shop: Database) -> None:
    proposal = book.propose(ANN, CANCEL)
    altered = proposal.effects.model_copy(update={"money": ()}).model_dump(mode="json")
    with shop.write() as connection:
        connection.execute(update(proposals).values(effects=altered))
    with pytest.raises(ProposalClosed, match="altered"):
        book.confirm(ANN, proposal.id, "k")
    assert refunds(shop) == 0


def test_a_proposal_that_no_longer_fits_is_void(book: ProposalBook, shop: Database) -> None:
    change = ItemChange(product_id="tee-red", new_product_id="tee-blue")
    request = ChangeItems(order_id="A1", changes=(change,), payment_method_id="ann-card")
    proposal = book.propose(ANN, request)
    with shop.write() as connection:
        connection.execute(update(products).where(products.c.id == "tee-blue").values(price=1))
    with pytest.raises(ProposalClosed, match="changed since"):
        book.confirm(ANN, proposal.id, "k")


def test_a_proposal_that_the_policy_meanwhile_forbids_is_void(
    book: ProposalBook, shop: Database
) -> None:
    elsewhere = Caller("ann", "elsewhere")
    first, second = book.propose(ANN, CANCEL), book.propose(elsewhere, CANCEL)
    book.confirm(ANN, first.id, "k")
    with pytest.raises(ProposalClosed, match="A1 is cancelled"):
        book.confirm(elsewhere, second.id, "k2")
    assert refunds(shop) == 1


def test_a_cart_changed_after_the_proposal_is_not_ordered(
    book: ProposalBook, shop: Database
) -> None:
    carts = CartBook(shop, STORE)
    carts.add("shopper:ann", "tee-blue", 1)
    proposal = book.propose(ANN, PlaceOrder(order_id="N1", payment_method_id="ann-card"))
    carts.add("shopper:ann", "tee-gold", 1)
    with pytest.raises(ProposalClosed, match="changed since"):
        book.confirm(ANN, proposal.id, "k")
    assert len(carts.lines("shopper:ann")) == 2


def test_who_confirmed_is_kept(book: ProposalBook, shop: Database) -> None:
    agent = Caller("ann", "talk", "agent:kim")
    proposal = book.propose(agent, CANCEL)
    book.confirm(agent, proposal.id, "k")
    with shop.read() as connection:
        row = connection.execute(select(order_changes)).one()
    assert (row.actor, row.action, row.order_id) == ("agent:kim", "cancel_order", "A1")


@pytest.mark.parametrize("one_key", [True, False])
def test_fifty_simultaneous_confirmations_have_one_effect(
    book: ProposalBook, shop: Database, url: str, one_key: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 120)
    patient = ProposalBook(Database(url), STORE.name, PLANNER, Clock())
    proposal = book.propose(ANN, CANCEL)

    def confirm(number: int) -> str:
        try:
            key = "k" if one_key else f"k{number}"
            return str(patient.confirm(ANN, proposal.id, key).replayed)
        except ProposalClosed:
            return "closed"

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(confirm, range(50)))
    assert answers.count("False") == 1
    assert answers.count("True" if one_key else "closed") == 49
    assert refunds(shop) == 1
    with shop.read() as connection:
        kept = connection.scalar(select(func.count()).select_from(idempotency_keys))
    assert kept == (1 if one_key else 50)


def test_a_proposal_shows_what_it_is_bound_to(book: ProposalBook) -> None:
    proposal = book.propose(ANN, CANCEL)
    assert (proposal.action, proposal.state) == ("cancel_order", "pending")
    assert len(proposal.digest) == 64
    assert [line.kind for line in proposal.effects.lines] == ["cancelled", "cancelled"]
    [money] = proposal.effects.money
    assert (money.amount, money.method) == (6000, "Visa card ending in 1111")
