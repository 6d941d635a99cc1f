"""What an agent may do with an order: the shopper's own gates, under the agent's name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.catalog.database import Database
from assistant.catalog.order_schema import order_changes
from assistant.desk.acting import OrderForm, propose
from assistant.desk.customers import allowed_actions
from assistant.errors import InvalidArguments, NotFound, PolicyForbids
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Session
from tests.assistant.orders.order_shop import PLANNER, POLICY, STORE, write_order_shop

SHOPPER = Session("corner", "talk", "ann")
AGENT = Session("corner", "talk", "ann", agent="Cleo")
ADDRESS = {
    "line1": ["3 New Road"],
    "line2": [""],
    "city": ["Leeds"],
    "region": ["Yorkshire"],
    "postcode": ["LS2 2BB"],
    "country": ["United Kingdom"],
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    opened.create_all()
    write_order_shop(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def desk(database: Database) -> OrderDesk:
    return OrderDesk(database, STORE, PLANNER)


@pytest.mark.parametrize(
    ("order", "action", "fields"),
    [
        ("A1", "cancel_order", {"reason": ["no longer needed"]}),
        ("A1", "change_address", ADDRESS),
        ("A1", "change_payment", {"payment_method_id": ["ann-paypal"]}),
        (
            "A1",
            "change_items",
            {"change": ["tee-red>tee-blue", ""], "payment_method_id": ["ann-card"]},
        ),
        ("A2", "return_items", {"product_id": ["tee-red"], "payment_method_id": ["ann-gift"]}),
        (
            "A2",
            "exchange_items",
            {"change": ["lamp-black>lamp-white"], "payment_method_id": ["ann-gift"]},
        ),
        ("", "change_default_address", ADDRESS),
    ],
)
def test_a_form_becomes_a_proposal_and_changes_nothing_yet(
    desk: OrderDesk, database: Database, order: str, action: str, fields: dict[str, list[str]]
) -> None:
    made = propose(desk, AGENT, OrderForm(action, order, fields))
    assert made.action == action
    # The shopper sees the same proposal: there is one in a conversation.
    assert desk.pending(SHOPPER) == made
    assert changes(database) == []


def test_what_an_agent_carries_out_bears_the_agents_name(
    desk: OrderDesk, database: Database
) -> None:
    form = OrderForm("cancel_order", "A1", {"reason": ["ordered by mistake"]})
    made = propose(desk, AGENT, form)
    desk.confirm(AGENT, made.id, "desk:1")
    assert changes(database) == [("cancel_order", "A1", "agent:Cleo")]


def test_what_the_shopper_agrees_to_bears_the_shoppers(desk: OrderDesk, database: Database) -> None:
    form = OrderForm("cancel_order", "A1", {"reason": ["ordered by mistake"]})
    made = propose(desk, AGENT, form)
    desk.confirm(SHOPPER, made.id, "button:1")
    assert changes(database) == [("cancel_order", "A1", "shopper")]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (OrderForm("cancel_order", "A3", {}), PolicyForbids),
        (OrderForm("cancel_order", "B1", {}), NotFound),
        (OrderForm("cancel_order", "no such order", {}), NotFound),
        (OrderForm("change_items", "A1", {"change": ["", "broken"]}), InvalidArguments),
        (OrderForm("give_refund", "A1", {}), InvalidArguments),
        (OrderForm("change_address", "A1", {}), InvalidArguments),
    ],
)
def test_an_agent_meets_the_same_rules_as_the_shopper(
    desk: OrderDesk, database: Database, form: OrderForm, error: type[Exception]
) -> None:
    with pytest.raises(error):
        propose(desk, AGENT, form)
    assert changes(database) == []


@pytest.mark.parametrize(
    ("order", "actions"),
    [
        ("A1", ("cancel_order", "change_items", "change_address", "change_payment")),
        ("A2", ("return_items", "exchange_items")),
        ("A3", ()),
    ],
)
def test_the_desk_offers_what_the_policy_allows(
    desk: OrderDesk, order: str, actions: tuple[str, ...]
) -> None:
    assert allowed_actions(POLICY, desk.order(SHOPPER, order)) == actions


def test_what_is_allowed_once_is_not_offered_again(desk: OrderDesk) -> None:
    fields = {"change": ["tee-red>tee-blue"], "payment_method_id": ["ann-card"]}
    made = propose(desk, AGENT, OrderForm("change_items", "A1", fields))
    desk.confirm(AGENT, made.id, "desk:1")
    assert "change_items" not in allowed_actions(POLICY, desk.order(SHOPPER, "A1"))


def changes(database: Database) -> list[tuple[str, str, str]]:
    query = select(order_changes.c.action, order_changes.c.order_id, order_changes.c.actor)
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]
