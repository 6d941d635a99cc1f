"""The invented store with its customers and orders, and conversations about them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant import wiring
from assistant.catalog.database import Database
from assistant.catalog.merrowby.loader import STORE_NAME
from assistant.dialogue.assistant import Assistant
from assistant.dialogue.conversations import Conversation
from assistant.dialogue.events import ProposalEvent, TextEvent, ToolEvent, TurnEvent
from assistant.evaluation.scratch import copied
from assistant.evaluation.undo import Before, Undo
from assistant.llm.scripted import ScriptedChat
from assistant.orders.cart import cart_of
from assistant.orders.records import OrderRecord
from assistant.settings import Settings
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Session


@dataclass
class OrderChat:
    """A signed-in conversation whose model says nothing."""

    store: wiring.OpenStore
    assistant: Assistant
    conversation: Conversation

    @property
    def desk(self) -> OrderDesk:
        assert self.store.desk is not None
        return self.store.desk

    @property
    def session(self) -> Session:
        return Session(STORE_NAME, self.conversation.id, self.conversation.shopper_id)

    async def say(self, text: str, confirms: str | None = None) -> list[TurnEvent]:
        reply = self.assistant.reply(self.conversation, text, confirms=confirms)
        return [event async for event in reply]

    def order(self, order_id: str) -> OrderRecord:
        return self.desk.order(self.session, order_id)


def said(events: list[TurnEvent]) -> str:
    return "".join(event.delta for event in events if isinstance(event, TextEvent))


def proposed(events: list[TurnEvent]) -> ProposalEvent | None:
    found = [event for event in events if isinstance(event, ProposalEvent)]
    assert len(found) <= 1
    return found[0] if found else None


def tools(events: list[TurnEvent]) -> list[tuple[str, bool]]:
    return [(event.name, event.ok) for event in events if isinstance(event, ToolEvent)]


@pytest.fixture(scope="session")
def invented_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home with the store loaded and indexed, built once; no language model is needed."""
    home = tmp_path_factory.mktemp("merrowby")
    settings = Settings(home=home, engine_url="http://127.0.0.1:9/v1")
    wiring.prepare(settings, STORE_NAME, lambda _what, _share: None)
    return home


@pytest.fixture(scope="session")
def invented_store(
    tmp_path_factory: pytest.TempPathFactory, invented_home: Path
) -> Iterator[wiring.OpenStore]:
    """The store over a copy of its database, opened once; `chat_of` takes changes back."""
    settings = Settings(home=invented_home)
    source = Database(settings.resolved_database_url)
    database = copied(source, tmp_path_factory.mktemp("copy"))
    source.dispose()
    yield wiring.open_store(settings, STORE_NAME, database)
    database.dispose()


@pytest.fixture
def chat_of(invented_store: wiring.OpenStore) -> Iterator[Callable[[str | None], OrderChat]]:
    """Opens a conversation of a customer, whose orders are restored afterwards, or of a guest."""
    assistant = invented_store.assistant(ScriptedChat(always=lambda _call: ""))
    undo = Undo(invented_store.database, STORE_NAME)
    remembered: dict[str, Before] = {}

    def opened(shopper: str | None) -> OrderChat:
        if shopper is not None and shopper not in remembered:
            remembered[shopper] = undo.remember(shopper)
        return OrderChat(invented_store, assistant, invented_store.log.open(None, shopper))

    yield opened
    for shopper, before in remembered.items():
        undo.restore(before)
        invented_store.carts.clear(cart_of(shopper))
