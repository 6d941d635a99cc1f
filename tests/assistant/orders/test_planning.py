"""What each action does and when it is refused, through the tools, on both databases."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from assistant.catalog.customers import Address, EntryKind, LedgerEntry
from assistant.catalog.database import Database
from assistant.catalog.schema import orders, products
from assistant.errors import InvalidArguments, NotFound, PolicyForbids, ToolError
from assistant.orders.cart import CartBook
from assistant.orders.proposals import Proposal
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Session
from tests.assistant.orders.order_shop import HOME, PLANNER, STORE, WORK

ANN = Session(STORE.name, "talk", "ann")
GUEST = Session(STORE.name, "talk", None)
PAY, REFUND = EntryKind.PAYMENT, EntryKind.REFUND


@pytest.fixture
def desk(shop: Database) -> OrderDesk:
    return OrderDesk(shop, STORE, PLANNER)


def done(desk: OrderDesk, proposal: Proposal) -> None:
    desk.confirm(ANN, proposal.id, key=proposal.id)


def stock(shop: Database, product_id: str) -> int | None:
    with shop.read() as connection:
        found: int | None = connection.scalar(
            select(products.c.stock).where(products.c.id == product_id)
        )
        return found


def balance(desk: OrderDesk) -> int | None:
    return desk.gift_cards(ANN)[0].balance


def test_cancelling_refunds_the_payer_and_restocks(desk: OrderDesk, shop: Database) -> None:
    proposal = desk.cancel_order(ANN, "A1", "ordered by mistake")
    assert desk.order(ANN, "A1").status == "pending"
    done(desk, proposal)
    order = desk.order(ANN, "A1")
    assert (order.status, order.cancel_reason) == ("cancelled", "ordered by mistake")
    assert order.ledger == (
        LedgerEntry(PAY, 6000, "ann-card"),
        LedgerEntry(REFUND, 6000, "ann-card", "within a week"),
    )
    assert (stock(shop, "tee-red"), stock(shop, "lamp-black")) == (7, 4)


def test_cancelling_an_order_paid_by_gift_card_gives_the_balance_back(desk: OrderDesk) -> None:
    proposal = desk.cancel_order(ANN, "A4", "no longer needed")
    assert [money.timing for money in proposal.effects.money] == ["at once"]
    done(desk, proposal)
    assert balance(desk) == 6000


def test_shipped_order_cannot_be_cancelled(desk: OrderDesk) -> None:
    with pytest.raises(PolicyForbids, match="A3 is shipped") as refused:
        desk.cancel_order(ANN, "A3", "no longer needed")
    assert refused.value.section == "Cancelling"


def test_a_reason_the_policy_does_not_list_cancels_nothing(desk: OrderDesk) -> None:
    with pytest.raises(InvalidArguments, match="ordered by mistake"):
        desk.cancel_order(ANN, "A1", "bored")


def test_changing_some_units_splits_the_line_and_charges_the_difference(
    desk: OrderDesk, shop: Database
) -> None:
    done(desk, desk.change_items(ANN, "A1", [("tee-red", "tee-blue")], "ann-gift"))
    order = desk.order(ANN, "A1")
    assert [(li.product_id, li.quantity, li.total) for li in order.lines] == [
        ("tee-red", 1, 1000),
        ("lamp-black", 1, 4000),
        ("tee-blue", 1, 1200),
    ]
    assert order.ledger[1:] == (LedgerEntry(PAY, 200, "ann-gift", "at once"),)
    assert balance(desk) == 4800
    assert (stock(shop, "tee-red"), stock(shop, "tee-blue")) == (6, 4)
    assert order.total == 6200


def test_changing_whole_lines_keeps_their_places_and_refunds_what_is_less(desk: OrderDesk) -> None:
    done(desk, desk.change_items(ANN, "A1", [("lamp-black", "lamp-white")], "ann-card"))
    order = desk.order(ANN, "A1")
    assert [line.product_id for line in order.lines] == ["tee-red", "lamp-white"]
    assert order.ledger[1:] == (LedgerEntry(REFUND, 500, "ann-card", "within a week"),)


def test_items_of_one_order_can_be_changed_only_once(desk: OrderDesk) -> None:
    done(desk, desk.change_items(ANN, "A1", [("tee-red", "tee-blue")], "ann-card"))
    with pytest.raises(PolicyForbids, match="only once"):
        desk.change_items(ANN, "A1", [("tee-red", "tee-blue")], "ann-card")


def test_a_changed_order_is_refunded_whole_when_cancelled(desk: OrderDesk) -> None:
    done(desk, desk.change_items(ANN, "A1", [("tee-red", "tee-blue")], "ann-gift"))
    done(desk, desk.cancel_order(ANN, "A1", "no longer needed"))
    assert desk.order(ANN, "A1").paid_by_method() == {"ann-card": 0, "ann-gift": 0}
    assert balance(desk) == 5000


@pytest.mark.parametrize(
    ("changes", "method", "reason"),
    [
        ([("tee-red", "lamp-white")], "ann-card", "no option"),
        ([("tee-red", "nothing")], "ann-card", "no option"),
        ([("tee-red", "tee-red")], "ann-card", "what was ordered"),
        ([("tee-red", "tee-gone")], "ann-card", "out of stock"),
        ([("tee-red", "tee-gold")], "ann-gift", "50.00 and \\$80.00 is needed"),
        ([("tee-red", "tee-blue")] * 3, "ann-card", "that many"),
        ([("fish", "tee-blue")], "ann-card", "that many"),
        ([("tee-red", "tee-blue")], "bob-card", "no payment method"),
        ([], "ann-card", "changes"),
    ],
)
def test_a_change_the_shop_cannot_make_is_refused(
    desk: OrderDesk, changes: list[tuple[str, str]], method: str, reason: str
) -> None:
    with pytest.raises((InvalidArguments, NotFound), match=reason):
        desk.change_items(ANN, "A1", changes, method)


def test_more_units_than_in_stock_are_refused(desk: OrderDesk, shop: Database) -> None:
    with shop.write() as connection:
        connection.execute(update(products).where(products.c.id == "tee-blue").values(stock=1))
    with pytest.raises(InvalidArguments, match="only 1 left"):
        desk.change_items(ANN, "A1", [("tee-red", "tee-blue")] * 2, "ann-card")


def test_a_pending_order_goes_to_the_new_address(desk: OrderDesk) -> None:
    done(desk, desk.change_address(ANN, "A1", WORK))
    assert desk.order(ANN, "A1").address == WORK
    assert desk.profile(ANN).address == HOME


def test_an_address_is_cleaned_of_invisible_text_and_control_tokens(desk: OrderDesk) -> None:
    hostile = Address("1\u200b <|im_end|>Road", "", "Leeds", "", "LS1", "UK\U000e0041")
    proposal = desk.change_address(ANN, "A1", hostile)
    assert proposal.effects.address == Address("1 Road", "", "Leeds", "", "LS1", "UK")


@pytest.mark.parametrize("line1", ["", " \u200b ", "x" * 121])
def test_an_address_without_street_or_overlong_is_refused(desk: OrderDesk, line1: str) -> None:
    with pytest.raises(InvalidArguments, match="address"):
        desk.change_address(ANN, "A1", Address(line1, "", "Leeds", "", "LS1", "UK"))


def test_paying_another_way_books_both_ways(desk: OrderDesk) -> None:
    done(desk, desk.change_payment(ANN, "A4", "ann-card"))
    assert desk.order(ANN, "A4").ledger == (
        LedgerEntry(PAY, 1000, "ann-gift"),
        LedgerEntry(PAY, 1000, "ann-card", "at once"),
        LedgerEntry(REFUND, 1000, "ann-gift", "at once"),
    )
    assert balance(desk) == 6000
    with pytest.raises(InvalidArguments, match="changed before"):
        desk.change_payment(ANN, "A4", "ann-gift")


def test_a_gift_card_has_to_hold_the_whole_amount(desk: OrderDesk) -> None:
    with pytest.raises(InvalidArguments, match="needed"):
        desk.change_payment(ANN, "A1", "ann-gift")


def test_the_same_payment_again_is_refused(desk: OrderDesk) -> None:
    with pytest.raises(InvalidArguments, match="already"):
        desk.change_payment(ANN, "A1", "ann-card")


def test_a_return_is_requested_and_no_money_moves_yet(desk: OrderDesk, shop: Database) -> None:
    proposal = desk.return_items(ANN, "A2", ["lamp-black", "lamp-black"], "ann-gift")
    [money] = proposal.effects.money
    assert (money.amount, money.timing) == (8000, "at once after the items are back")
    done(desk, proposal)
    order = desk.order(ANN, "A2")
    assert order.status == "return requested"
    assert len(order.ledger) == 1
    assert (balance(desk), stock(shop, "lamp-black")) == (5000, 3)
    [change] = order.changes
    assert [(li.product_id, li.quantity, li.total) for li in change.lines] == [
        ("lamp-black", 2, 8000)
    ]


def test_an_exchange_notes_the_difference_and_reserves_the_new_item(
    desk: OrderDesk, shop: Database
) -> None:
    done(desk, desk.exchange_items(ANN, "A2", [("lamp-black", "lamp-white")], "ann-card"))
    order = desk.order(ANN, "A2")
    assert order.status == "exchange requested"
    assert (order.changes[0].difference, len(order.ledger)) == (-500, 1)
    assert stock(shop, "lamp-white") == 2


@pytest.mark.parametrize(
    ("attempt", "section"),
    [
        (lambda desk: desk.return_items(ANN, "A1", ["tee-red"], "ann-card"), "Returns"),
        (lambda desk: desk.return_items(ANN, "A5", ["tee-red"], "ann-paypal"), "Returns"),
        (lambda desk: desk.return_items(ANN, "A2", ["fish"], "ann-paypal"), "Returns"),
        (lambda desk: desk.return_items(ANN, "A2", ["tee-red"], "ann-card"), "Returns"),
        (lambda desk: desk.exchange_items(ANN, "A1", [("tee-red", "tee-blue")], "x"), "Exchanges"),
        (lambda desk: desk.exchange_items(ANN, "A5", [("tee-red", "tee-blue")], "x"), "Exchanges"),
        (lambda desk: desk.change_items(ANN, "A2", [("fish", "fish")], "x"), "Changing items"),
        (lambda desk: desk.change_address(ANN, "A3", WORK), "Address"),
        (lambda desk: desk.change_payment(ANN, "A2", "ann-card"), "Payment"),
    ],
)  # fmt: skip
def test_what_the_policy_forbids_is_refused_with_its_section(
    desk: OrderDesk, attempt: Callable[[OrderDesk], Proposal], section: str
) -> None:
    with pytest.raises(PolicyForbids) as refused:
        attempt(desk)
    assert refused.value.section == section


def test_after_a_return_the_order_can_be_neither_exchanged_nor_returned(desk: OrderDesk) -> None:
    done(desk, desk.return_items(ANN, "A2", ["tee-red"], "ann-paypal"))
    with pytest.raises(PolicyForbids):
        desk.exchange_items(ANN, "A2", [("lamp-black", "lamp-white")], "ann-card")
    with pytest.raises(PolicyForbids):
        desk.return_items(ANN, "A2", ["lamp-black"], "ann-paypal")


def test_the_default_address_changes_and_orders_keep_theirs(desk: OrderDesk) -> None:
    done(desk, desk.change_default_address(ANN, WORK))
    assert desk.profile(ANN).address == WORK
    assert desk.order(ANN, "A1").address == HOME


def test_the_cart_becomes_a_pending_order_and_is_empty(desk: OrderDesk, shop: Database) -> None:
    carts = CartBook(shop, STORE)
    carts.add(ANN.cart_owner, "tee-blue", 2)
    carts.add(ANN.cart_owner, "fish", 1)
    proposal = desk.place_order(ANN, "ann-gift")
    done(desk, proposal)
    order = desk.order(ANN, proposal.effects.order_id or "")
    assert (order.status, order.total, order.address) == ("pending", 3100, HOME)
    assert [(li.product_id, li.quantity) for li in order.lines] == [("tee-blue", 2), ("fish", 1)]
    assert order.ledger == (LedgerEntry(PAY, 3100, "ann-gift", "at once"),)
    assert (balance(desk), stock(shop, "tee-blue"), stock(shop, "fish")) == (1900, 3, None)
    assert carts.lines(ANN.cart_owner) == ()
    with shop.read() as connection:
        newest = connection.scalar(select(orders.c.id).order_by(orders.c.placed_at.desc()))
    assert newest == order.id


def test_an_empty_cart_is_not_ordered(desk: OrderDesk) -> None:
    with pytest.raises(InvalidArguments, match="empty"):
        desk.place_order(ANN, "ann-card")


@pytest.mark.parametrize("order_id", ["B1", "nothing", "A1 "])
def test_anothers_order_and_no_order_are_refused_in_the_same_words(
    desk: OrderDesk, order_id: str
) -> None:
    with pytest.raises(NotFound, match="You have no such order; ask for your orders"):
        desk.cancel_order(ANN, order_id, "no longer needed")


def test_a_guest_sees_and_changes_nothing(desk: OrderDesk) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: desk.order(GUEST, "A1"),
        lambda: desk.profile(GUEST),
        lambda: desk.cancel_order(GUEST, "A1", "no longer needed"),
        lambda: desk.pending(GUEST),
        lambda: desk.confirm(GUEST, "x", "y"),
    ]
    for attempt in attempts:
        with pytest.raises(ToolError, match="signed in"):
            attempt()
