"""The tools that read and change a signed-in customer's orders; every change is only proposed.

Identity comes from the session: no tool takes a customer id. Each write returns a `Proposal` with
its exact effects; nothing happens until `confirm` gets that proposal from that customer.
"""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from assistant.catalog.customers import Address, Customer, PaymentKind, PaymentMethod
from assistant.catalog.database import Database
from assistant.catalog.stores import Store, read_store
from assistant.errors import InvalidArguments, NotFound
from assistant.orders.planning import Planner
from assistant.orders.policy import read_order_policy
from assistant.orders.proposals import Caller, Confirmation, Proposal, ProposalBook
from assistant.orders.reading import read_customer, read_family, read_offers, read_order
from assistant.orders.records import Offer, OrderRecord
from assistant.orders.requests import (
    CancelOrder,
    ChangeAddress,
    ChangeDefaultAddress,
    ChangeItems,
    ChangePayment,
    ExchangeItems,
    ItemChange,
    PlaceOrder,
    Request,
    ReturnItems,
)
from assistant.tools.results import Session


class OrderDesk:
    """Reads and proposals over the orders of one store; `policy` says what may be asked for.

    Every method raises NotFound for a guest, and for whatever is not the session's customer's own
    in the same words as for what does not exist.
    """

    def __init__(self, database: Database, store: Store, planner: Planner) -> None:
        self._database = database
        self._store = store
        self._book = ProposalBook(database, store.name, planner)
        self.policy = planner.policy

    def order(self, session: Session, order_id: str) -> OrderRecord:
        """Return one order of the customer with lines, payments, parcels and changes."""
        with self._database.read() as connection:
            order = read_order(connection, self._store.name, _customer(session), order_id)
        if order is None:
            raise NotFound(
                f"You have no order {order_id!r}; ask for your orders to see their numbers."
            )
        return order

    def profile(self, session: Session) -> Customer:
        """Return the customer's name, email, addresses and payment methods."""
        with self._database.read() as connection:
            return read_customer(connection, self._store.name, _customer(session))

    def gift_cards(self, session: Session) -> tuple[PaymentMethod, ...]:
        """Return the customer's gift cards with their balances in minor units."""
        methods = self.profile(session).payment_methods
        return tuple(method for method in methods if method.kind is PaymentKind.GIFT_CARD)

    def product_options(self, family_id: str) -> tuple[Offer, ...]:
        """Return every option of a product with price and stock; raises NotFound."""
        with self._database.read() as connection:
            offers = read_family(connection, self._store.name, family_id)
        if not offers:
            raise NotFound(f"There is no product {family_id!r} in this shop.")
        return offers

    def product_option(self, product_id: str) -> Offer:
        """Return one option of a product with price and stock; raises NotFound."""
        with self._database.read() as connection:
            found = read_offers(connection, self._store.name, [product_id])
        if product_id not in found:
            raise NotFound(f"There is no product {product_id!r} in this shop.")
        return found[product_id]

    def cancel_order(self, session: Session, order_id: str, reason: str = "") -> Proposal:
        """Propose to cancel a whole order and refund it."""
        return self._propose(session, lambda: CancelOrder(order_id=order_id, reason=reason))

    def change_items(
        self,
        session: Session,
        order_id: str,
        changes: Sequence[tuple[str, str]],
        payment_method_id: str,
    ) -> Proposal:
        """Propose other options of ordered products before they are sent.

        `changes` are pairs of the ordered product's id and the new one's, one for each unit; the
        price difference is paid with, or refunded to, the payment method.
        """
        return self._propose(
            session,
            lambda: ChangeItems(
                order_id=order_id,
                changes=_changes(changes),
                payment_method_id=payment_method_id,
            ),
        )

    def change_address(self, session: Session, order_id: str, address: Address) -> Proposal:
        """Propose to send an order somewhere else."""
        return self._propose(session, lambda: ChangeAddress(order_id=order_id, address=address))

    def change_payment(self, session: Session, order_id: str, payment_method_id: str) -> Proposal:
        """Propose to pay an order another way and refund the first payment."""
        return self._propose(
            session, lambda: ChangePayment(order_id=order_id, payment_method_id=payment_method_id)
        )

    def return_items(
        self,
        session: Session,
        order_id: str,
        product_ids: Sequence[str],
        payment_method_id: str,
    ) -> Proposal:
        """Propose to return received products, each named once a unit, for a refund."""
        return self._propose(
            session,
            lambda: ReturnItems(
                order_id=order_id,
                product_ids=tuple(product_ids),
                payment_method_id=payment_method_id,
            ),
        )

    def exchange_items(
        self,
        session: Session,
        order_id: str,
        changes: Sequence[tuple[str, str]],
        payment_method_id: str,
    ) -> Proposal:
        """Propose to exchange received products for other options, as in `change_items`."""
        return self._propose(
            session,
            lambda: ExchangeItems(
                order_id=order_id,
                changes=_changes(changes),
                payment_method_id=payment_method_id,
            ),
        )

    def change_default_address(self, session: Session, address: Address) -> Proposal:
        """Propose another address for new orders."""
        return self._propose(session, lambda: ChangeDefaultAddress(address=address))

    def place_order(
        self, session: Session, payment_method_id: str, address: Address | None = None
    ) -> Proposal:
        """Propose to order what is in the cart, to the default address unless another is given."""
        return self._propose(
            session,
            lambda: PlaceOrder(
                order_id=_new_order_id(), payment_method_id=payment_method_id, address=address
            ),
        )

    def _propose(self, session: Session, make: Callable[[], Request]) -> Proposal:
        """Propose a request; one that cannot be made drops the waiting proposal all the same."""
        caller = _caller(session)
        try:
            request = make()
        except ValidationError as error:
            self._book.drop(caller)
            first = error.errors()[0]
            where = " ".join(str(part).replace("_", " ") for part in first["loc"])
            raise InvalidArguments(f"The {where} cannot be used: {first['msg']}.") from error
        return self._book.propose(caller, request)

    def confirm(self, session: Session, proposal_id: str, key: str) -> Confirmation:
        """Carry out a proposal that the customer said yes to; `key` is the idempotency key.

        The same key gets the same answer again. Raises NotFound, ProposalClosed, MissingKey,
        StillRunning or KeyConflict; nothing is changed then.
        """
        return self._book.confirm(_caller(session), proposal_id, key)

    def pending(self, session: Session) -> Proposal | None:
        """Return the conversation's proposal that waits for the customer's yes."""
        return self._book.pending(_caller(session))

    def drop(self, session: Session) -> bool:
        """Drop the conversation's waiting proposal, as any change of mind does."""
        return self._book.drop(_caller(session))


def open_order_desk(database: Database, store: str, policies: Path) -> OrderDesk:
    """Open the order tools of a store; `policies` is the folder of policy files.

    Raises UnknownStore, and ConfigurationError for a policy that is absent or broken.
    """
    with database.read() as connection:
        opened = read_store(connection, store)
    policy = read_order_policy(policies / f"{opened.policy}.md")
    return OrderDesk(database, opened, Planner(policy, opened.currency))


def _customer(session: Session) -> str:
    if session.shopper_id is None:
        raise NotFound("Your orders are shown only when you are signed in.")
    return session.shopper_id


def _caller(session: Session) -> Caller:
    return Caller(_customer(session), session.conversation_id, session.actor)


def _changes(pairs: Sequence[tuple[str, str]]) -> tuple[ItemChange, ...]:
    return tuple(ItemChange(product_id=old, new_product_id=new) for old, new in pairs)


def _new_order_id() -> str:
    """Return a number that no order has: eleven digits, as baskets have, beginning with 9."""
    return str(90_000_000_000 + secrets.randbelow(10**10))
