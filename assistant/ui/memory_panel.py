"""The panel "What the shop remembers about me", and the file one can take along."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from assistant.catalog.customers import Address, Customer
from assistant.dialogue.conversations import Conversation
from assistant.errors import NotFound
from assistant.tools.memory import ExportedPurchase, Memory
from assistant.tools.results import Session
from assistant.ui.render import Renderer
from assistant.ui.sessions import Visitor
from assistant.wiring import Shop

_HABITS = 40


class ExportedMessage(BaseModel):
    """One message of a conversation, as the shopper wrote it."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    text: str


class ExportedConversation(BaseModel):
    """One conversation: what the shopper wrote, and what people of the shop wrote."""

    model_config = ConfigDict(frozen=True)

    id: str
    written: tuple[ExportedMessage, ...]
    answered_by_people: tuple[ExportedMessage, ...]


class Export(BaseModel):
    """Everything the shop remembers about one person."""

    model_config = ConfigDict(frozen=True)

    store: str
    shopper_id: str | None
    customer: Customer | None
    purchases: tuple[ExportedPurchase, ...]
    forgotten: tuple[str, ...]
    cart: tuple[str, ...]
    conversations: tuple[ExportedConversation, ...]


class MemoryPanel:
    """Shows and changes what one store remembers of the visitor at hand."""

    def __init__(self, shop: Shop, renderer: Renderer) -> None:
        self._shop = shop
        self._renderer = renderer
        self._memory = Memory(shop.database, shop.catalogue, shop.history, shop.desk)

    def html(self, visitor: Visitor, complaint: str = "", done: str = "") -> str:
        """Render the panel."""
        session = _session(visitor)
        remembered = self._memory.see(session)
        return self._renderer.page(
            "memory.html",
            signed_in=visitor.shopper_id is not None,
            remembered=remembered,
            habits=remembered.habits[:_HABITS],
            conversations=len(self._conversations(visitor)),
            cart=self._shop.carts.cart(session.cart_owner),
            complaint=complaint,
            done=done,
        )

    def export(self, visitor: Visitor) -> Export:
        """Collect everything, for the visitor to take along."""
        session = _session(visitor)
        remembered = self._memory.see(session)
        return Export(
            store=session.store,
            shopper_id=session.shopper_id,
            customer=remembered.customer,
            purchases=self._memory.purchases(session),
            forgotten=remembered.forgotten,
            cart=tuple(line.title for line in self._shop.carts.cart(session.cart_owner).lines),
            conversations=tuple(self._exported(c) for c in self._conversations(visitor)),
        )

    def forget(self, visitor: Visitor, what: str) -> None:
        """Forget purchases of a family by its id, `purchases` or `conversations`; raises errors."""
        session = _session(visitor)
        if what == "conversations":
            self._erase(visitor)
        elif what == "purchases":
            self._memory.forget(session)
        else:
            self._memory.forget(session, what.removeprefix("family:"))

    def correct_name(self, visitor: Visitor, first_name: str, last_name: str) -> None:
        """Correct the name; raises NotFound or InvalidArguments."""
        self._memory.correct_name(_session(visitor), first_name, last_name)

    def propose_address(self, visitor: Visitor, address: Address) -> None:
        """Propose another default address, which the shopper confirms as any change."""
        if self._shop.desk is None:
            raise NotFound("This shop keeps no addresses.")
        self._shop.desk.change_default_address(_session(visitor), address)

    def _erase(self, visitor: Visitor) -> None:
        ids = [conversation.id for conversation in self._conversations(visitor)]
        for conversation_id in ids:
            self._shop.handoffs.leave(conversation_id)
        self._shop.log.erase(ids)
        self._shop.handoffs.erase(ids)
        self._shop.drafts.erase(ids)

    def _conversations(self, visitor: Visitor) -> tuple[Conversation, ...]:
        if visitor.shopper_id is None:
            return (visitor.conversation,)
        return self._shop.log.of_shopper(visitor.shopper_id)

    def _exported(self, conversation: Conversation) -> ExportedConversation:
        entries = self._shop.handoffs.entries(conversation.id)
        return ExportedConversation(
            id=conversation.id,
            written=tuple(
                ExportedMessage(at=turn.started_at, text=turn.text)
                for turn in self._shop.log.turns(conversation)
            ),
            answered_by_people=tuple(
                ExportedMessage(at=entry.at, text=entry.text)
                for entry in entries
                if entry.kind == "message"
            ),
        )


def _session(visitor: Visitor) -> Session:
    conversation = visitor.conversation
    return Session(conversation.store, conversation.id, visitor.shopper_id)
