"""The only constructor: reads the settings and puts a store together."""

import asyncio
import logging
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from assistant.catalog.bundled import BUNDLED
from assistant.catalog.catalogue import Catalogue
from assistant.catalog.completejourney.archive import PromotionArchive
from assistant.catalog.completejourney.loader import STORE_NAME
from assistant.catalog.database import Database
from assistant.catalog.showcase import PLAIN, Showcase
from assistant.catalog.stores import Store, read_store, store_digest, store_names
from assistant.desk.agents import Agents
from assistant.desk.drafts import DraftBook
from assistant.desk.handoffs import HandoffBook
from assistant.desk.reception import Reception
from assistant.dialogue.answer import Answerer
from assistant.dialogue.assistant import Assistant
from assistant.dialogue.changes import Changes
from assistant.dialogue.classifier import IntentClassifier
from assistant.dialogue.conversations import ConversationLog
from assistant.dialogue.next_shop import NextShop
from assistant.dialogue.turns import TurnRunner
from assistant.dialogue.understand import Understander, Vocabulary
from assistant.errors import (
    AdapterError,
    ConfigurationError,
    ModelUnavailable,
    NotPrepared,
    UnknownShopper,
    UnknownStore,
)
from assistant.llm.adapters import AdapterRegistry, ServedAdapters
from assistant.llm.chat import ChatModel, Message
from assistant.llm.engine import EngineHandle, EngineOptions, acquire_engine
from assistant.llm.model_store import prepare_model
from assistant.llm.vllm_chat import VllmChat
from assistant.orders.cart import CartBook
from assistant.orders.orders import OrderBook
from assistant.orders.policy import rules_orders
from assistant.prompting import PROMPTS, Prompt, load_prompt
from assistant.recommend.history import PurchaseHistory
from assistant.recommend.promotion import Promotions
from assistant.recommend.ranking.data import RankingData, read_data
from assistant.recommend.ranking.heads import CARD_FILE, HeadsCard, open_heads, save_heads
from assistant.recommend.ranking.log import local_day
from assistant.recommend.ranking.offers import read_offers
from assistant.recommend.ranking.policy import read_ranking_policy
from assistant.recommend.ranking.ranker import Ranker
from assistant.recommend.ranking.shelf_file import open_shelf, save_shelf, shelf_path
from assistant.recommend.recommender import Recommender
from assistant.recommend.statistics import build_statistics, open_statistics
from assistant.retrieval.embedder import Embedder
from assistant.retrieval.index import ProductIndex, build_index
from assistant.settings import Settings
from assistant.tools.order_desk import OrderDesk, open_order_desk
from assistant.tools.policies import Policy, read_policy
from assistant.tools.toolkit import Toolkit

_log = logging.getLogger(__name__)
_WARMING = "Warming the language engine up"
_GATHERING = "Gathering what ranking reads"

Progress = Callable[[str, float | None], None]
"""Called with what is being done and the fraction done, None where that is unknown."""


@dataclass(frozen=True, slots=True)
class OpenStore:
    """One opened store, all but the model."""

    catalogue: Catalogue
    index: ProductIndex
    history: PurchaseHistory
    recommender: Recommender
    ranker: Ranker | None
    carts: CartBook
    toolkit: Toolkit
    log: ConversationLog
    database: Database
    showcase: Showcase
    embedder: Embedder
    desk: OrderDesk | None
    agents: Agents
    handoffs: HandoffBook
    changes: Changes

    def require_shopper(self, shopper_id: str | None) -> None:
        """Raise UnknownShopper unless this is a guest or a shopper of the store."""
        if shopper_id is not None and not self.catalogue.has_shopper(shopper_id):
            raise UnknownShopper(
                f"The store {self.catalogue.store.name!r} has no shopper {shopper_id!r}; "
                "check the number, or leave it out to go on as a guest."
            )

    def assistant(self, model: ChatModel, prompts: Sequence[Prompt] = ()) -> Assistant:
        """Build the dialogue over a model; `prompts` replace those of the same name."""
        chosen = {name: load_prompt(name) for name in ("understand", "reply")}
        chosen |= {prompt.name: prompt for prompt in prompts}
        embedder = self.embedder

        def similarity(word: str, others: Sequence[str]) -> list[float]:
            vectors = embedder.encode([word, *others])
            return [float(score) for score in vectors[1:] @ vectors[0]]

        understander = understander_of(self.catalogue, embedder, model, chosen["understand"])
        tuned = {name: load_prompt(name, PROMPTS / "tuned") for name in ("reply", "history")}
        answerer = Answerer(model, chosen["reply"], tuned["reply"])
        next_shop = NextShop(model, tuned["history"], self.toolkit)
        reception = Reception(self.handoffs, self.agents)
        return Assistant(
            self.toolkit,
            understander,
            answerer,
            self.log,
            similarity,
            reception,
            next_shop,
            self.desk,
        )


@dataclass(frozen=True, slots=True)
class Shop(OpenStore):
    """A store with its turns running on a server: what a page shows."""

    runner: TurnRunner
    drafts: DraftBook


def understander_of(
    catalogue: Catalogue,
    embedder: Embedder,
    model: ChatModel,
    prompt: Prompt,
    classifier: Path = PROMPTS / "classifiers" / "intent",
) -> Understander:
    """Build what reads a store's messages; `classifier` is a trained one's folder."""
    opened = IntentClassifier.open(classifier, embedder)
    return Understander(opened, model, prompt, _vocabulary(catalogue))


def prepare(settings: Settings, store: str, progress: Progress) -> None:
    """Build whatever a store still lacks: model, database, search index, statistics.

    Safe to repeat and to interrupt. Raises UnknownStore for a store that nothing can load.
    """
    if settings.engine_url is None:
        prepare_model(settings.model, settings.home, progress)
    database = Database(settings.resolved_database_url)
    database.create_all()
    if store in BUNDLED:
        BUNDLED[store].load(database, _counting(progress))
    catalogue = Catalogue(database, store)
    build_index(
        catalogue.families.values(),
        Embedder(),
        _index_folder(settings.home, store),
        progress,
        chroma_url=settings.chroma_url,
    )
    build_statistics(database, catalogue.store, _statistics_folder(settings.home, store), progress)
    if (_heads_folder(settings.home, store) / CARD_FILE).exists():
        _build_shelf(settings, database, catalogue.store, progress)


def fit(settings: Settings, store: str, progress: Progress) -> tuple[HeadsCard, Path]:
    """Train a store's ranking heads into the data home; return their card and folder.

    Raises UnknownStore, and TooLittleHistory where there is too little to learn from.
    """
    # PyTorch is loaded only to fit: ranking goes without it.
    from assistant.recommend.ranking.fit import Plan, fit_heads
    from assistant.recommend.ranking.training import Recipe

    database = Database(settings.resolved_database_url)
    _require_store(database, store)
    with database.read() as connection:
        described = read_store(connection, store)
    progress("Reading purchases", None)
    with _ranking_data(database, described) as data:
        progress("Reading purchases", 1.0)
        heads = fit_heads(data, store, Plan(), Recipe(), progress)
        folder = settings.home / "stores" / store / "heads"
        save_heads(heads, folder)
        _save_shelf(settings, database, described, data, progress)
    return heads.card, folder


@contextmanager
def ranking_data(settings: Settings, store: str) -> Iterator[RankingData]:
    """Read what ranking learns from in a prepared store; raises UnknownStore."""
    database = Database(settings.resolved_database_url)
    _require_store(database, store)
    with database.read() as connection:
        described = read_store(connection, store)
    with _ranking_data(database, described) as data:
        yield data


@contextmanager
def _ranking_data(database: Database, store: Store) -> Iterator[RankingData]:
    """Read what ranking learns from; the default store's promotions come from its data set."""
    embedder = Embedder()

    def nearness(labels: Sequence[str]) -> npt.NDArray[np.float32]:
        vectors = embedder.encode([label.lower() for label in labels])
        return vectors @ vectors.T

    with ExitStack() as held:
        known = store.name == STORE_NAME
        archive = held.enter_context(PromotionArchive()) if known else None
        yield read_data(database, store, archive, nearness)


def _build_shelf(settings: Settings, database: Database, store: Store, progress: Progress) -> None:
    """Gather what ranking reads of a store, unless it is there for this content."""
    if not _shelf_file(settings.home, database, store).exists():
        progress(_GATHERING, None)
        with _ranking_data(database, store) as data:
            _save_shelf(settings, database, store, data, progress)


def _save_shelf(
    settings: Settings, database: Database, store: Store, data: RankingData, progress: Progress
) -> None:
    progress(_GATHERING, None)
    # What stands now is a cut at the midnight after the shop's clock.
    tomorrow = date.fromordinal(local_day(store.clock, ZoneInfo(store.timezone)) + 1)
    shelf = data.shelf_now(tomorrow, read_offers(database, store.name, data.items))
    save_shelf(shelf, _shelf_file(settings.home, database, store))
    progress(_GATHERING, 1.0)


def _open_ranker(settings: Settings, database: Database, store: Store) -> Ranker | None:
    """Open a store's ranking; none, and the log says why, where its heads cannot be used."""
    folder = _heads_folder(settings.home, store.name)
    if not (folder / CARD_FILE).exists():
        return None
    try:
        heads = open_heads(folder)
        kept = open_shelf(_shelf_file(settings.home, database, store))
    except ConfigurationError as error:
        _log.warning("%s Recommendations go on without ranking heads.", error)
        return None
    return Ranker(kept, heads, ZoneInfo(store.timezone))


def loaded_stores(settings: Settings) -> tuple[str, ...]:
    """List the stores that the database holds, by name."""
    database = Database(settings.resolved_database_url)
    database.create_all()
    with database.read() as connection:
        return store_names(connection)


def open_store(
    settings: Settings,
    store: str,
    database: Database | None = None,
    embedder: Embedder | None = None,
) -> OpenStore:
    """Open a prepared store; `database` replaces the one of the settings.

    `embedder` is another store's, to share it. Raises UnknownStore, NotPrepared or CheckpointError.
    """
    database = database or Database(settings.resolved_database_url)
    database.create_all()
    _require_store(database, store)
    catalogue = Catalogue(database, store)
    embedder = embedder or Embedder()
    index = ProductIndex.open(
        _index_folder(settings.home, store),
        embedder,
        catalogue.families.values(),
        chroma_url=settings.chroma_url,
    )
    statistics = open_statistics(
        database, catalogue.store, _statistics_folder(settings.home, store)
    )
    history = PurchaseHistory(database, catalogue.store)
    ranker = _open_ranker(settings, database, catalogue.store)
    recommender = Recommender(
        catalogue,
        history,
        Promotions(database, catalogue.store),
        statistics,
        ranker,
        read_ranking_policy(PROMPTS / "policies" / f"{store}.ranking.yaml"),
    )
    carts = CartBook(database, catalogue.store)
    policy = Policy(read_policy(_policy_file(catalogue.store)), embedder)
    orders = OrderBook(database, catalogue.store)
    changes = Changes()
    return OpenStore(
        catalogue=catalogue,
        index=index,
        history=history,
        recommender=recommender,
        ranker=ranker,
        carts=carts,
        toolkit=Toolkit(catalogue, index, recommender, history, orders, carts, policy),
        log=ConversationLog(database, store),
        database=database,
        showcase=BUNDLED[store].showcase if store in BUNDLED else PLAIN,
        embedder=embedder,
        desk=_order_desk(database, catalogue.store),
        agents=Agents(database),
        handoffs=HandoffBook(database, store, changes.notify),
        changes=changes,
    )


def _order_desk(database: Database, store: Store) -> OrderDesk | None:
    """Open the order tools where the store's policy says what may be done with orders."""
    if not rules_orders(_policy_file(store)):
        return None
    return open_order_desk(database, store.name, _policy_file(store).parent)


def _policy_file(store: Store) -> Path:
    return PROMPTS / "policies" / f"{store.policy}.md"


@contextmanager
def open_shop(store: OpenStore, model: ChatModel) -> Iterator[Shop]:
    """Run a store's turns over a model, after closing those that a stopped process left."""
    store.log.close_interrupted()
    runner = TurnRunner(store.assistant(model), store.log, store.changes)
    try:
        yield Shop(
            **{part.name: getattr(store, part.name) for part in fields(store)},
            runner=runner,
            drafts=DraftBook(
                store.database, store.catalogue.store.name, model, load_prompt("draft")
            ),
        )
    finally:
        runner.close()


@contextmanager
def open_model(settings: Settings, progress: Progress) -> Iterator[ChatModel]:
    """Use the configured engine, the one that runs already, or one started for the meantime.

    Where none can be started the reason is logged and every call raises ModelUnavailable, so that
    answers are plain renderings.
    """
    if settings.engine_url is not None:
        yield VllmChat(
            settings.engine_url, settings.model, settings.engine_api_key, settings.reply_timeout
        )
        return
    with ExitStack() as held:
        try:
            handle = held.enter_context(open_engine(settings, progress))
        except ConfigurationError as error:
            _log.warning("%s Answers go on without the language model.", error)
            yield VllmChat(_nowhere, settings.model, "", settings.reply_timeout)
            return
        if handle.owned:
            progress(_WARMING, None)
            asyncio.run(_warm_up(VllmChat(handle.base_url, handle.model, handle.api_key, 60.0)))
            progress(_WARMING, 1.0)
        yield VllmChat(
            handle.base_url,
            handle.model,
            handle.api_key,
            settings.reply_timeout,
            adapters=_served_adapters(settings, handle) if handle.learned else None,
        )


def _served_adapters(settings: Settings, handle: EngineHandle) -> ServedAdapters | None:
    """Return the learned prompts for an engine; none, and the log says why, where they are broken.

    The hand-written prompts are used then.
    """
    try:
        registry = AdapterRegistry(settings.home, PROMPTS / "soft")
    except AdapterError as error:
        _log.warning("%s Answers go on with the hand-written prompts.", error)
        return None
    return ServedAdapters(registry, handle.base_digest)


def _nowhere() -> str:
    raise ModelUnavailable("No language engine could be started.")


async def _warm_up(model: ChatModel) -> None:
    """Let a fresh engine do what it does only at its first requests, before a shopper waits."""
    schema = {"type": "object", "properties": {"product": {"enum": ["milk"]}}}
    with suppress(ModelUnavailable):
        for format_ in (None, schema):
            await model.complete([Message("user", "milk")], schema=format_, max_tokens=8)


@contextmanager
def open_engine(settings: Settings, progress: Progress) -> Iterator[EngineHandle]:
    """Share or start the engine of the data home; whoever started it stops it."""
    model = prepare_model(settings.model, settings.home, progress)
    options = EngineOptions(
        eager=settings.engine_eager, extra=tuple(shlex.split(settings.engine_options))
    )
    with acquire_engine(model, settings.home, progress, options) as handle:
        yield handle


def _require_store(database: Database, store: str) -> None:
    with database.read() as connection:
        known = store_names(connection)
    if store in known:
        return
    if store in BUNDLED:
        raise NotPrepared(
            f"The store {store!r} is not prepared yet; run"
            f" `python -m assistant prepare --store {store}`."
        )
    names = ", ".join(known) or "none"
    raise UnknownStore(f"There is no store {store!r}; prepared stores: {names}.")


def _vocabulary(catalogue: Catalogue) -> Vocabulary:
    phrases = {
        phrase.lower()
        for family in catalogue.families.values()
        for phrase in (family.name, *family.keywords)
    }
    joined = sorted((p for p in phrases if " and " in p or " & " in p), key=len, reverse=True)
    options = {
        option.value.lower()
        for family in catalogue.families.values()
        for variant in family.variants
        for option in variant.options
    }
    said = phrases | options
    words = frozenset(word for phrase in said for word in re.findall(r"[\w'-]+", phrase))
    heads = {re.split(r"[ ,]", phrase.split(",")[0])[-1] for phrase in phrases}
    heads |= {head.removesuffix("s") for head in heads}
    return Vocabulary(catalogue.aisles, tuple(joined), words, frozenset(heads))


def _counting(progress: Progress) -> Callable[[str, int, int], None]:
    return lambda what, done, total: progress(what, done / total if total else None)


def _index_folder(home: Path, store: str) -> Path:
    return home / "stores" / store / "index"


def _statistics_folder(home: Path, store: str) -> Path:
    return home / "stores" / store / "statistics"


def _heads_folder(home: Path, store: str) -> Path:
    """Return where a store's heads are: those fitted here, else those that came along."""
    fitted = home / "stores" / store / "heads"
    return fitted if (fitted / CARD_FILE).exists() else PROMPTS / "heads" / store


def _shelf_file(home: Path, database: Database, store: Store) -> Path:
    with database.read() as connection:
        digest = store_digest(connection, store.name) or ""
    return shelf_path(home / "stores" / store.name / "ranking", digest)
