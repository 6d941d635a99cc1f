"""What a store's rows must be after some proposals were confirmed, worked out from their effects.

Deliberately plain and apart from the code under test: rows are dictionaries, and each effect is
written down as the proposal shows it.
"""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from assistant.catalog import order_schema, schema
from assistant.catalog.database import Database
from assistant.orders.cart import cart_lines
from assistant.orders.effects import Effects
from assistant.orders.proposals import Proposal

Rows = dict[str, dict[tuple[Any, ...], dict[str, Any]]]
TABLES = (
    schema.orders,
    schema.order_lines,
    schema.products,
    schema.shoppers,
    schema.stores,
    order_schema.customers,
    order_schema.saved_addresses,
    order_schema.payment_methods,
    order_schema.order_details,
    order_schema.fulfilments,
    order_schema.ledger,
    cart_lines,
)


def all_rows(database: Database) -> Rows:
    """Read every row that acting on orders could touch, by table and primary key."""
    found: Rows = {}
    with database.read() as connection:
        for table in TABLES:
            keys = [column.name for column in table.primary_key]
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
            found[table.name] = {tuple(row[key] for key in keys): row for row in rows}
    return found


def committed_proposals(database: Database) -> set[str]:
    """Read which proposals the trail of changes names."""
    with database.read() as connection:
        return set(connection.scalars(select(order_schema.order_changes.c.proposal_id)))


class ExpectedRows:
    """The rows as they were, on which confirmed proposals are carried out by hand."""

    def __init__(self, database: Database, store: str) -> None:
        self.rows = all_rows(database)
        self.store = store
        self.confirmed: set[str] = set()

    def confirm(self, customer_id: str, proposal: Proposal) -> None:
        """Carry a proposal out."""
        effects = proposal.effects
        self.confirmed.add(proposal.id)
        if proposal.action == "place_order":
            self._new_order(customer_id, effects)
        elif proposal.action == "change_default_address":
            assert effects.address is not None
            self.rows["customers"][self.store, customer_id] |= asdict(effects.address)
        else:
            self._old_order(proposal.action, effects)
        for stock in effects.stock:
            product = self.rows["products"][self.store, stock.product_id]
            if product["stock"] is not None:
                product["stock"] += stock.units
        self._money(customer_id, proposal)

    def changed_cart(self, database: Database) -> None:
        """Take the carts as they are now: filling one is no change of an order."""
        self.rows["cart_lines"] = all_rows(database)["cart_lines"]

    def _new_order(self, customer_id: str, effects: Effects) -> None:
        store = self.rows["stores"][(self.store,)]
        store["clock"] += timedelta(minutes=1)
        order_id = effects.order_id
        self.rows["orders"][self.store, order_id] = {
            "store": self.store,
            "id": order_id,
            "shopper_id": customer_id,
            "placed_at": store["clock"],
            "status": effects.status,
            "total": sum(line.total for line in effects.lines),
        }
        assert effects.address is not None
        self.rows["order_details"][self.store, order_id] = {
            "store": self.store,
            "order_id": order_id,
            **asdict(effects.address),
            "cancel_reason": None,
        }
        for number, line in enumerate(effects.lines):
            self._line(order_id, number, line.product_id, line.quantity, line.total)
        cart = self.rows["cart_lines"]
        for key in [key for key in cart if key[1] == f"shopper:{customer_id}"]:
            del cart[key]

    def _old_order(self, action: str, effects: Effects) -> None:
        order = self.rows["orders"][self.store, effects.order_id]
        order["status"] = effects.status or order["status"]
        details = self.rows["order_details"][self.store, effects.order_id]
        if effects.address is not None:
            details |= asdict(effects.address)
        if action == "cancel_order":
            details["cancel_reason"] = effects.reason
        if action == "change_items":
            self._swap(order, effects)

    def _swap(self, order: dict[str, Any], effects: Effects) -> None:
        lines = self.rows["order_lines"]
        for line in effects.lines:
            old = lines[self.store, effects.order_id, line.line]
            number = line.line
            if old["quantity"] > line.quantity:
                old["quantity"] -= line.quantity
                old["total"] -= line.total
                number = sum(key[1] == effects.order_id for key in lines)
            self._line(effects.order_id, number, line.new_product_id, line.quantity, line.new_total)
        own = [row for key, row in lines.items() if key[1] == effects.order_id]
        order["total"] = sum(row["total"] for row in own)

    def _line(
        self,
        order_id: str | None,
        number: int,
        product: str | None,
        quantity: int,
        total: int | None,
    ) -> None:
        self.rows["order_lines"][self.store, order_id, number] = {
            "store": self.store,
            "order_id": order_id,
            "line": number,
            "product_id": product,
            "quantity": quantity,
            "total": total,
        }

    def _money(self, customer_id: str, proposal: Proposal) -> None:
        order_id, ledger = proposal.effects.order_id, self.rows["ledger"]
        for money in proposal.effects.money:
            if not money.booked:
                continue
            number = sum(key[1] == order_id for key in ledger)
            ledger[self.store, order_id, number] = {
                "store": self.store,
                "order_id": order_id,
                "number": number,
                "kind": money.kind,
                "amount": money.amount,
                "payment_method_id": money.payment_method_id,
                "timing": money.timing,
                "proposal_id": proposal.id,
            }
            key = (self.store, customer_id, money.payment_method_id)
            method = self.rows["payment_methods"][key]
            if method["balance"] is not None:
                method["balance"] += money.amount if money.kind == "refund" else -money.amount
