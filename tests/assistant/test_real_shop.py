"""The default store on the real engine: what a shopper's first messages must show."""

import asyncio
import re
from pathlib import Path

import pytest

from assistant import wiring
from assistant.dialogue.assistant import Assistant
from assistant.dialogue.events import DoneEvent, ProductItem, ProductsEvent, TextEvent, TurnEvent
from assistant.llm.engine import EngineHandle
from assistant.llm.vllm_chat import VllmChat
from assistant.retrieval.results import NO_FILTERS
from assistant.settings import DEFAULT_STORE, Settings
from assistant.tools.results import Session

pytestmark = pytest.mark.engine

SHOPPER = "900"


@pytest.fixture(scope="module")
def store(home: Path) -> wiring.OpenStore:
    settings = Settings(home=home)
    wiring.prepare(settings, DEFAULT_STORE, lambda _what, _share: None)
    return wiring.open_store(settings, DEFAULT_STORE)


@pytest.fixture(scope="module")
def assistant(store: wiring.OpenStore, engine: EngineHandle) -> Assistant:
    return store.assistant(VllmChat(engine.base_url, engine.model, engine.api_key, 60.0))


def ask(store: wiring.OpenStore, assistant: Assistant, *texts: str) -> list[TurnEvent]:
    """The events of the last of several messages in one conversation."""
    conversation = store.log.open(None, SHOPPER)

    async def turns() -> list[TurnEvent]:
        events: list[TurnEvent] = []
        for text in texts:
            events = [event async for event in assistant.reply(conversation, text)]
        return events

    return asyncio.run(turns())


def items(events: list[TurnEvent]) -> list[ProductItem]:
    return [item for e in events if isinstance(e, ProductsEvent) for item in e.items]


def said(events: list[TurnEvent]) -> str:
    return "".join(event.delta for event in events if isinstance(event, TextEvent))


def test_snacks_keep_the_ceiling_and_the_text_says_only_what_the_cards_say(
    store: wiring.OpenStore, assistant: Assistant
) -> None:
    events = ask(store, assistant, "Find me a snack under $3")
    found = items(events)
    assert len(found) >= 3
    assert all(item.price <= 300 for item in found)
    prices = {f"${item.price / 100:.2f}" for item in found} | {"$3.00"}
    assert set(re.findall(r"\$\d+\.\d\d", said(events))) <= prices
    done = events[-1]
    assert isinstance(done, DoneEvent)
    assert done.degraded == () and done.prompts and done.usage["completion_tokens"] > 0


def test_usual_products_are_the_households_own_with_its_orders(
    store: wiring.OpenStore, assistant: Assistant
) -> None:
    found = items(ask(store, assistant, "What do I usually buy?"))
    mine = {order.id for order in store.toolkit.list_orders(_session(store), limit=10_000)}
    cited = [order_id for item in found for why in item.why for order_id in why.order_ids]
    assert found and cited
    assert set(cited) <= mine


def test_a_list_shows_each_item(store: wiring.OpenStore, assistant: Assistant) -> None:
    titles = " / ".join(
        item.title.lower() for item in items(ask(store, assistant, "I need milk, eggs and bread"))
    )
    assert all(word in titles for word in ("milk", "egg", "bread"))


def test_what_the_catalogue_lacks_is_said_first(
    store: wiring.OpenStore, assistant: Assistant
) -> None:
    assert said(ask(store, assistant, "Do you have oat milk?")).startswith("No")


def test_ten_milks_read_differently(store: wiring.OpenStore) -> None:
    found = store.toolkit.find_products(_session(store), "milk", NO_FILTERS, k=10)
    titles = [card.product.title for card in found.cards]
    assert len(set(titles)) == 10
    assert all("milk" in title.lower() for title in titles)


def _session(store: wiring.OpenStore) -> Session:
    return Session(store.catalogue.store.name, "test", SHOPPER)
