"""What a shopper had forgotten changes neither ranking nor text nor what the model is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.dialogue.events import ProductsEvent
from assistant.llm.chat import Message
from assistant.orders.cart import CartBook
from assistant.orders.orders import OrderBook
from assistant.recommend.history import PurchaseHistory
from assistant.recommend.promotion import Promotions
from assistant.recommend.recommender import Recommender
from assistant.recommend.scenarios import Scenario
from assistant.recommend.statistics import open_statistics
from assistant.retrieval.embedder import Embedder
from assistant.retrieval.index import ProductIndex
from assistant.tools.policies import Policy
from assistant.tools.results import Session
from assistant.tools.toolkit import Toolkit
from tests.assistant.dialogue.conftest import ORDERS, POLICY, SHELF, make_talk, visible
from tests.assistant.little_shop import STORE, Bought, day, write_shop

FORGOTTEN = frozenset({"c1", "s1"})
WITH_MORE = (
    Bought("1000001", "900", day(1), ["m1", "b1", "c1"]),
    Bought("1000002", "900", day(8), ["m1", "c1"]),
    Bought("1000003", "900", day(15), ["m1", "p1", "s1"], status="pending"),
    Bought("1000004", "900", day(20), ["m1", "b1", "c1"]),
    *(order for order in ORDERS if order.shopper_id != "900"),
)
ASKED = (
    "what do I usually buy?",
    "recommend something for me",
    "surprise me with something new",
    "any deals for me this week?",
    "show me potato chips",
    "when did I last buy potato chips?",
    "what did I pay for pasta sauce?",
    "I need chips, sauce and milk",
    "add milk to my cart",
    "what goes with my cart?",
)


@dataclass(frozen=True)
class Heard:
    """All that a shopper gets to see and the model to read."""

    texts: list[str]
    cards: list[str]
    told: list[tuple[Message, ...]]
    ranked: list[tuple[str, ...]]


def without(orders: Sequence[Bought]) -> list[Bought]:
    return [
        Bought(
            order.order_id,
            order.shopper_id,
            order.placed_at,
            [p for p in order.product_ids if order.shopper_id != "900" or p not in FORGOTTEN],
            order.status,
        )
        for order in orders
    ]


def a_toolkit(database: Database, indexed: Path, embedder: Embedder) -> Toolkit:
    catalogue = Catalogue(database, STORE.name)
    history = PurchaseHistory(database, catalogue.store)
    statistics = open_statistics(database, catalogue.store, indexed / "statistics")
    promotions = Promotions(database, catalogue.store)
    return Toolkit(
        catalogue,
        ProductIndex.open(indexed / "index", embedder, catalogue.families.values()),
        Recommender(catalogue, history, promotions, statistics),
        history,
        OrderBook(database, catalogue.store),
        CartBook(database, catalogue.store),
        Policy(POLICY, embedder),
    )


async def heard(
    folder: Path, orders: Sequence[Bought], forget: Sequence[str], indexed: Path, embedder: Embedder
) -> Heard:
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'shop.db'}")
    database.create_all()
    write_shop(database, orders, [("north", "s1", "mailer")], items=SHELF)
    for family in forget:
        PurchaseHistory(database, STORE).forget("900", family)
    toolkit = a_toolkit(database, indexed, embedder)
    talk = make_talk(database, toolkit, embedder, "900")
    said = [await talk.say(text) for text in ASKED]
    session = Session(STORE.name, "another", "900")
    scenarios = [s for s in Scenario if s is not Scenario.SEARCH]
    ranked = [
        tuple(c.product.id for c in toolkit.recommend(session, s, cart=["m1"], k=20))
        for s in scenarios
    ]
    database.dispose()
    return Heard(
        [visible(events) for events in said],
        [e.model_dump_json() for events in said for e in events if isinstance(e, ProductsEvent)],
        [call.messages for call in talk.model.calls],
        ranked,
    )


@pytest.mark.parametrize("forget", [("chips", "sauce")])
async def test_what_was_forgotten_changes_neither_ranking_nor_text(
    tmp_path: Path, indexed: Path, embedder: Embedder, forget: Sequence[str]
) -> None:
    never = await heard(tmp_path / "never", without(WITH_MORE), (), indexed, embedder)
    gone = await heard(tmp_path / "gone", WITH_MORE, forget, indexed, embedder)
    known = await heard(tmp_path / "known", WITH_MORE, (), indexed, embedder)
    assert gone == never
    # The comparison can tell: remembered, the same purchases do show.
    assert known.texts != never.texts
    assert known.cards != never.cards
    assert known.ranked != never.ranked
