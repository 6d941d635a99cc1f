"""Shopper's and agent's page at once, handler by handler, without a browser between."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from argon2 import PasswordHasher
from starlette.requests import Request

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.catalog.showcase import PLAIN
from assistant.desk.agents import Agents
from assistant.desk.drafts import DraftBook
from assistant.desk.handoffs import HandoffBook
from assistant.dialogue.changes import Changes
from assistant.dialogue.turns import TurnRunner
from assistant.prompting import load_prompt
from assistant.recommend.history import PurchaseHistory
from assistant.recommend.promotion import Promotions
from assistant.recommend.recommender import Recommender
from assistant.recommend.statistics import open_statistics
from assistant.retrieval.embedder import Embedder
from assistant.retrieval.index import ProductIndex
from assistant.tools.toolkit import Toolkit
from assistant.ui.desk_page import DeskPage
from assistant.ui.security import COOKIE, DESK_COOKIE
from assistant.ui.shop_page import ShopPage
from assistant.wiring import Shop
from tests.assistant.dialogue.conftest import database as database
from tests.assistant.dialogue.conftest import embedder as embedder
from tests.assistant.dialogue.conftest import indexed as indexed
from tests.assistant.dialogue.conftest import make_talk
from tests.assistant.dialogue.conftest import toolkit as toolkit
from tests.assistant.little_shop import STORE

PASSWORD = "correct horse battery"


@pytest.fixture
def shop(database: Database, toolkit: Toolkit, embedder: Embedder, indexed: Path) -> Iterator[Shop]:
    talk = make_talk(database, toolkit, embedder, "900")
    catalogue, changes = Catalogue(database, STORE.name), Changes()
    history = PurchaseHistory(database, catalogue.store)
    statistics = open_statistics(database, catalogue.store, indexed / "statistics")
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    runner = TurnRunner(talk.assistant, talk.log, changes)
    yield Shop(
        catalogue=catalogue,
        index=ProductIndex.open(indexed / "index", embedder, catalogue.families.values()),
        history=history,
        recommender=Recommender(
            catalogue, history, Promotions(database, catalogue.store), statistics
        ),
        ranker=None,
        carts=talk.carts,
        toolkit=toolkit,
        desk=None,
        log=talk.log,
        database=database,
        showcase=PLAIN,
        embedder=embedder,
        agents=Agents(database, hasher=quick),
        handoffs=HandoffBook(database, STORE.name, changes.notify),
        changes=changes,
        runner=runner,
        drafts=DraftBook(database, STORE.name, talk.model, load_prompt("draft")),
    )
    runner.close()


def asked(cookie: str, token: str, page: str = "page") -> gr.Request:
    """A request of the page numbered `page` with one cookie."""
    headers = [(b"cookie", f"{cookie}={token}".encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    return gr.Request(request=Request(scope), session_hash=page)


def sent(**fields: str) -> gr.EventData:
    return gr.EventData(None, fields)


class Screen:
    """What a page shows: the last value of each of its parts."""

    def __init__(self, stream: AsyncIterator[tuple[Any, ...]]) -> None:
        people = {"people": "", "busy": True, "accepted": ""}
        self.parts: list[Any] = ["", [], {"bar": "", "mine": False}, people]
        self._stream = stream
        self._task = asyncio.create_task(self._draw())

    async def _draw(self) -> None:
        async with aclosing(self._stream) as screens:  # type: ignore[type-var]
            async for screen in screens:
                for at, value in enumerate(screen):
                    if not (isinstance(value, dict) and value.get("__type__") == "update"):
                        self.parts[at] = value

    async def shows(self, seen: Callable[[list[Any]], bool]) -> None:
        """Wait, at most a while, until the parts are as wanted."""
        async with asyncio.timeout(20):
            while not seen(self.parts):
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_both_sides_see_at_once_what_the_other_does(shop: Shop) -> None:
    shop.agents.add("Ann", PASSWORD)
    shopper, agent = (
        asked(COOKIE, "s" * 43),
        asked(DESK_COOKIE, shop.agents.sign_in("Ann", PASSWORD, "here")),
    )
    page, desk = ShopPage(shop, demo=True), DeskPage(shop, "../page")
    queue = Screen(desk.open(agent))
    chat = Screen(page.call_person(shopper))
    await chat.shows(lambda parts: "You are next" in parts[3]["people"])
    await queue.shows(lambda parts: "asked for a person with the button" in parts[0])

    (handoff,) = shop.handoffs.queue()
    chosen = {"conversation": handoff.conversation_id, "handoff": str(handoff.id)}
    view = Screen(desk.choose(agent, sent(**chosen)))
    await view.shows(lambda parts: "Take over" in parts[2]["bar"])
    desk.step(agent, sent(**chosen, step="take"))
    await view.shows(lambda parts: parts[2]["mine"])
    await chat.shows(lambda parts: "<b>Ann</b>" in parts[3]["people"])
    assert "joined" in chat.parts[1][-1]

    # The shopper writes; the agent sees it, and the assistant says nothing.
    chat = Screen(page.say(shopper, sent(text="where is <my> milk?", nonce="n")))
    await view.shows(lambda parts: "where is &lt;my&gt; milk?" in "".join(parts[1]))
    await chat.shows(lambda parts: "my&gt; milk?" in parts[1][-1] and not parts[3]["busy"])
    assert "Assistant:" not in chat.parts[1][-1]

    drafted = await desk.draft(agent, sent(**chosen))
    assert isinstance(drafted, dict)
    desk.reply(agent, sent(**chosen, text="It is coming.", draft=drafted["draft"]["id"], nonce="n"))
    await chat.shows(lambda parts: "It is coming." in parts[1][-1])
    (pair,) = shop.drafts.training_pairs()
    assert (pair.drafted, pair.sent) == (drafted["draft"]["text"], "It is coming.")

    desk.step(agent, sent(**chosen, step="resolve"))
    await chat.shows(lambda parts: "Talk to a person" in parts[3]["people"])
    await view.shows(lambda parts: "Ended: resolved" in parts[2]["bar"])
    assert "closed the matter" in chat.parts[1][-1]
    deeds = [
        (entry.actor, entry.kind.value) for entry in shop.handoffs.entries(handoff.conversation_id)
    ]
    assert deeds == [
        ("shopper", "asked"),
        ("Ann", "joined"),
        ("Ann", "drafted"),
        ("Ann", "message"),
        ("Ann", "resolved"),
    ]
    for screen in (queue, chat, view):
        await screen.close()


async def test_who_is_not_signed_in_sees_and_does_nothing(shop: Shop) -> None:
    handoff = shop.handoffs.request("talk", "900", "asked")
    stranger = asked(DESK_COOKIE, "x" * 43)
    desk = DeskPage(shop, "../page")
    with pytest.raises(gr.Error, match="sign in again"):
        desk.step(stranger, sent(conversation="talk", handoff=str(handoff.id), step="take"))
    with pytest.raises(gr.Error, match="sign in again"):
        await anext(aiter(desk.open(stranger)))
    assert shop.handoffs.queue() == (handoff,)


async def test_a_conversation_that_was_never_handed_over_is_not_shown(shop: Shop) -> None:
    shop.agents.add("Ann", PASSWORD)
    agent = asked(DESK_COOKIE, shop.agents.sign_in("Ann", PASSWORD, "here"))
    private = shop.log.open(None, "900")
    turn = shop.log.begin_turn(private, "a private matter")
    assert turn == 1
    view = Screen(DeskPage(shop, "../page").choose(agent, sent(conversation=private.id)))
    await view.shows(lambda parts: "queue" in parts[0])
    assert view.parts[1:] == [[], view.parts[2], ""]
    assert "private matter" not in str(view.parts)
    await view.close()


async def test_forgetting_ones_conversations_erases_them_everywhere(shop: Shop) -> None:
    page, request = ShopPage(shop, demo=True), asked(COOKIE, "s" * 43)
    chat = Screen(page.say(request, sent(text="my secret is 4711", nonce="n")))
    await chat.shows(lambda parts: parts[3]["accepted"] == "n")
    await chat.shows(lambda parts: not parts[3]["busy"])
    handoff = shop.handoffs.request(page._visitor(request).conversation.id, None, "secret 4711")
    shop.handoffs.take(handoff.id, "Ann")
    shop.handoffs.say(handoff.id, "Ann", "4711, understood.")
    assert "Forgotten." in page.forget(request, sent(what="conversations"))
    exported = (await page.export(Request(request.request.scope))).body
    assert b"4711" not in exported
    assert shop.log.turns(page._visitor(request).conversation) == ()
    assert shop.handoffs.entries(handoff.conversation_id)[-1].text == ""
    assert shop.handoffs.queue() == ()
    await chat.close()
