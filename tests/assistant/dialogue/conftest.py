"""A whole dialogue over the little shop: real database, index, classifier; a scripted model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.desk.agents import Agents
from assistant.desk.handoffs import HandoffBook
from assistant.desk.reception import Reception
from assistant.dialogue.answer import Answerer
from assistant.dialogue.assistant import Assistant
from assistant.dialogue.classifier import IntentClassifier
from assistant.dialogue.conversations import Conversation, ConversationLog
from assistant.dialogue.events import TextEvent, TurnEvent
from assistant.dialogue.next_shop import NextShop
from assistant.dialogue.trace import TurnTrace
from assistant.dialogue.understand import Understander, Vocabulary
from assistant.llm.scripted import ScriptedChat
from assistant.orders.cart import CartBook
from assistant.orders.orders import OrderBook
from assistant.prompting import PROMPTS, load_prompt
from assistant.recommend.history import PurchaseHistory
from assistant.recommend.promotion import Promotions
from assistant.recommend.recommender import Recommender
from assistant.recommend.statistics import build_statistics, open_statistics
from assistant.retrieval.embedder import Embedder
from assistant.retrieval.index import ProductIndex, build_index
from assistant.tools.policies import Policy
from assistant.tools.results import PolicySection
from assistant.tools.toolkit import Toolkit
from tests.assistant.little_shop import STORE, Bought, Item, day, write_shop

SHELF = (
    Item("milk", "Milk", {"m1": (249, 299, 9)}, "1 gal", lines_sold=90),
    Item("milk-half", "Milk", {"h1": (189, 189, 4)}, "1/2 gal", lines_sold=40),
    Item("bread", "White bread", {"b1": (150, 150, 8)}, lines_sold=80),
    Item("eggs", "Large eggs", {"e1": (199, 199, 8)}, "1 dozen", lines_sold=70),
    Item("spaghetti", "Spaghetti", {"p1": (100, 100, 7)}, "1 lb", lines_sold=30),
    Item("sauce", "Pasta sauce", {"s1": (199, 250, 6)}, lines_sold=20),
    Item("chips", "Potato chips", {"c1": (299, 299, 6)}, "9 oz", lines_sold=60),
    Item("pretzels", "Pretzels", {"r1": (129, 129, 6)}, "16 oz", lines_sold=50),
    Item("dog-food", "Dry dog food", {"d1": (999, 999, 3)}, lines_sold=15),
    Item("cat-food", "Dry cat food", {"k1": (899, 899, 3)}, lines_sold=14),
    Item("beer", "Beer", {"z1": (899, 999, 50)}, restriction="alcohol", lines_sold=200),
)
ORDERS = (
    Bought("1000001", "900", day(1), ["m1", "b1"]),
    Bought("1000002", "900", day(8), ["m1", "c1"]),
    Bought("1000003", "900", day(15), ["m1", "p1"], status="pending"),
    Bought("2000001", "901", day(16), ["d1", "z1"]),
)
POLICY = (
    PolicySection("Returns", "Unopened things can be returned within 30 days.", 0.0),
    PolicySection("Opening hours", "The assistant answers at any time.", 0.0),
)


@dataclass
class Talk:
    """A conversation under test; `say` returns the events of one turn."""

    assistant: Assistant
    log: ConversationLog
    conversation: Conversation
    model: ScriptedChat
    toolkit: Toolkit
    carts: CartBook
    handoffs: HandoffBook
    agents: Agents
    heard: list[list[TurnEvent]] = field(default_factory=list)

    async def say(self, text: str, *answers: str) -> list[TurnEvent]:
        for answer in answers:
            self.model.enqueue(answer)
        events = [event async for event in self.assistant.reply(self.conversation, text)]
        self.heard.append(events)
        return events

    @property
    def trace(self) -> TurnTrace:
        found = self.log.trace(self.conversation, len(self.log.turns(self.conversation)))
        assert found is not None
        return found

    def cart(self) -> dict[str, int]:
        owner = self.conversation.shopper_id
        key = f"shopper:{owner}" if owner else f"guest:{self.conversation.id}"
        return {line.product_id: line.quantity for line in self.carts.lines(key)}


def visible(events: Sequence[TurnEvent]) -> str:
    """The text of a turn."""
    return "".join(event.delta for event in events if isinstance(event, TextEvent)).strip()


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture(scope="session")
def indexed(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """The folder with the shelf's search index and statistics, built once."""
    folder = tmp_path_factory.mktemp("indexed")
    database = Database(f"sqlite:///{folder / 'shop.db'}")
    database.create_all()
    write_shop(database, ORDERS, [("north", "s1", "mailer")], items=SHELF)
    catalogue = Catalogue(database, STORE.name)
    build_index(catalogue.families.values(), embedder, folder / "index")
    build_statistics(database, catalogue.store, folder / "statistics", lambda _what, _share: None)
    database.dispose()
    return folder


@pytest.fixture
def database(tmp_path: Path, indexed: Path) -> Iterator[Database]:
    """A fresh copy of the shop's database for each test."""
    (tmp_path / "shop.db").write_bytes((indexed / "shop.db").read_bytes())
    opened = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    opened.create_all()
    yield opened
    opened.dispose()


@pytest.fixture
def toolkit(database: Database, indexed: Path, embedder: Embedder) -> Toolkit:
    catalogue = Catalogue(database, STORE.name)
    index = ProductIndex.open(indexed / "index", embedder, catalogue.families.values())
    history = PurchaseHistory(database, catalogue.store)
    statistics = open_statistics(database, catalogue.store, indexed / "statistics")
    recommender = Recommender(catalogue, history, Promotions(database, catalogue.store), statistics)
    return Toolkit(
        catalogue,
        index,
        recommender,
        history,
        OrderBook(database, catalogue.store),
        CartBook(database, catalogue.store),
        Policy(POLICY, embedder),
    )


@pytest.fixture
def talk(database: Database, toolkit: Toolkit, embedder: Embedder) -> Talk:
    """A signed-in conversation of shopper 900 whose model says only what a test enqueues."""
    return make_talk(database, toolkit, embedder, "900")


@pytest.fixture
def guest(database: Database, toolkit: Toolkit, embedder: Embedder) -> Talk:
    """A guest's conversation."""
    return make_talk(database, toolkit, embedder, None)


def make_talk(
    database: Database, toolkit: Toolkit, embedder: Embedder, shopper: str | None
) -> Talk:
    model = ScriptedChat(always=lambda _call: "")
    log = ConversationLog(database, STORE.name)
    handoffs, agents = HandoffBook(database, STORE.name), Agents(database)
    catalogue = toolkit.catalogue

    names = [family.name.lower() for family in catalogue.families.values()]
    words = frozenset(word for name in names for word in name.split())

    def similarity(word: str, others: Sequence[str]) -> list[float]:
        vectors = embedder.encode([word, *others])
        return [float(score) for score in vectors[1:] @ vectors[0]]

    assistant = Assistant(
        toolkit,
        Understander(
            IntentClassifier.open(PROMPTS / "classifiers" / "intent", embedder),
            model,
            load_prompt("understand"),
            Vocabulary(
                catalogue.aisles,
                (),
                words,
                words,
            ),
        ),
        Answerer(model, load_prompt("reply"), load_prompt("reply", PROMPTS / "tuned")),
        log,
        similarity,
        Reception(handoffs, agents),
        NextShop(model, load_prompt("history", PROMPTS / "tuned"), toolkit),
    )
    return Talk(
        assistant,
        log,
        log.open(None, shopper),
        model,
        toolkit,
        CartBook(database, catalogue.store),
        handoffs,
        agents,
    )
