"""The benchmark's tools by name, each carried out by the shop's own order tools.

A write is proposed and the proposal confirmed at once, as the task's customer would. Looking a
customer up exists here only: the shop's tools take no customer id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import JsonValue

from assistant.catalog.customers import Address
from assistant.errors import InvalidArguments, NotFound
from assistant.evaluation.replay.arithmetic import calculate
from assistant.evaluation.replay.tasks import GoldAction
from assistant.orders.proposals import Proposal
from assistant.orders.verification import Verifier
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Session


@dataclass(frozen=True, slots=True)
class Arguments:
    """A call's arguments; reading one of the wrong type raises InvalidArguments."""

    values: Mapping[str, JsonValue]

    def text(self, name: str) -> str:
        """Return a text argument."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise InvalidArguments(f"The argument {name!r} has to be text.")
        return value

    def texts(self, name: str) -> list[str]:
        """Return a list of texts."""
        value = self.values.get(name)
        if not isinstance(value, list):
            raise InvalidArguments(f"The argument {name!r} has to be a list of texts.")
        return [item for item in value if isinstance(item, str)]

    def address(self) -> Address:
        """Return the address that a call spells out."""
        return Address(
            line1=self.text("address1"),
            line2=self.text("address2"),
            city=self.text("city"),
            region=self.text("state"),
            postcode=self.text("zip"),
            country=self.text("country"),
        )

    def changes(self) -> list[tuple[str, str]]:
        """Return the pairs of an ordered item and the one that takes its place."""
        old, new = self.texts("item_ids"), self.texts("new_item_ids")
        if len(old) != len(new):
            raise InvalidArguments("As many new items as old ones have to be named.")
        return list(zip(old, new, strict=True))


class RetailTools:
    """All tools of the benchmark's retail domain for one signed-in customer."""

    def __init__(self, desk: OrderDesk, verifier: Verifier, session: Session) -> None:
        self._desk = desk
        self._verifier = verifier
        self._session = session

    def call(self, action: GoldAction, key: str) -> None:
        """Carry a call out; `key` is the idempotency key of its confirmation.

        Raises ToolError where the shop refuses, InvalidArguments for an unknown tool.
        """
        arguments = Arguments(action.arguments)
        if action.name in _WRITES:
            proposal = _WRITES[action.name](self, arguments)
            self._desk.confirm(self._session, proposal.id, key)
        elif action.name in _READS:
            _READS[action.name](self, arguments)
        else:
            raise InvalidArguments(f"There is no tool {action.name!r}.")

    def _own(self, arguments: Arguments) -> None:
        """Refuse a call that names another customer than the one signed in."""
        if arguments.text("user_id") != self._session.shopper_id:
            raise NotFound("There is no such customer.")

    def _cancel(self, arguments: Arguments) -> Proposal:
        return self._desk.cancel_order(
            self._session, arguments.text("order_id"), arguments.text("reason")
        )

    def _change_items(self, arguments: Arguments) -> Proposal:
        return self._desk.change_items(
            self._session,
            arguments.text("order_id"),
            arguments.changes(),
            arguments.text("payment_method_id"),
        )

    def _change_address(self, arguments: Arguments) -> Proposal:
        return self._desk.change_address(
            self._session, arguments.text("order_id"), arguments.address()
        )

    def _change_payment(self, arguments: Arguments) -> Proposal:
        return self._desk.change_payment(
            self._session, arguments.text("order_id"), arguments.text("payment_method_id")
        )

    def _return(self, arguments: Arguments) -> Proposal:
        return self._desk.return_items(
            self._session,
            arguments.text("order_id"),
            arguments.texts("item_ids"),
            arguments.text("payment_method_id"),
        )

    def _exchange(self, arguments: Arguments) -> Proposal:
        return self._desk.exchange_items(
            self._session,
            arguments.text("order_id"),
            arguments.changes(),
            arguments.text("payment_method_id"),
        )

    def _change_default_address(self, arguments: Arguments) -> Proposal:
        self._own(arguments)
        return self._desk.change_default_address(self._session, arguments.address())

    def _find_by_email(self, arguments: Arguments) -> None:
        self._verifier.by_email(self._session.conversation_id, arguments.text("email"))

    def _find_by_name(self, arguments: Arguments) -> None:
        self._verifier.by_name_and_postcode(
            self._session.conversation_id,
            arguments.text("first_name"),
            arguments.text("last_name"),
            arguments.text("zip"),
        )

    def _user(self, arguments: Arguments) -> None:
        self._own(arguments)
        self._desk.profile(self._session)

    def _order(self, arguments: Arguments) -> None:
        self._desk.order(self._session, arguments.text("order_id"))

    def _product(self, arguments: Arguments) -> None:
        self._desk.product_options(arguments.text("product_id"))

    def _item(self, arguments: Arguments) -> None:
        self._desk.product_option(arguments.text("item_id"))

    def _calculate(self, arguments: Arguments) -> None:
        calculate(arguments.text("expression"))

    def _nothing(self, arguments: Arguments) -> None:
        """Listing product types and handing over change no record and are never refused."""


Write = Callable[[RetailTools, Arguments], Proposal]
Read = Callable[[RetailTools, Arguments], None]

_WRITES: Mapping[str, Write] = MappingProxyType(
    {
        "cancel_pending_order": RetailTools._cancel,
        "modify_pending_order_items": RetailTools._change_items,
        "modify_pending_order_address": RetailTools._change_address,
        "modify_pending_order_payment": RetailTools._change_payment,
        "return_delivered_order_items": RetailTools._return,
        "exchange_delivered_order_items": RetailTools._exchange,
        "modify_user_address": RetailTools._change_default_address,
    }
)
_READS: Mapping[str, Read] = MappingProxyType(
    {
        "find_user_id_by_email": RetailTools._find_by_email,
        "find_user_id_by_name_zip": RetailTools._find_by_name,
        "get_user_details": RetailTools._user,
        "get_order_details": RetailTools._order,
        "get_product_details": RetailTools._product,
        "get_item_details": RetailTools._item,
        "list_all_product_types": RetailTools._nothing,
        "calculate": RetailTools._calculate,
        "transfer_to_human_agents": RetailTools._nothing,
    }
)
