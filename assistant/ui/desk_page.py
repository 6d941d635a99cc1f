"""The desk: the queue, one conversation with its customer's file, and what an agent does there."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import gradio as gr
from markupsafe import escape

from assistant.desk.acting import OrderForm, propose
from assistant.desk.drafts import Draft
from assistant.desk.handoffs import MAX_REPLY_CHARS, EntryKind
from assistant.dialogue.changes import Changes
from assistant.errors import AssistantError, NotFound, ProposalClosed, ToolError
from assistant.tools.order_desk import OrderDesk
from assistant.ui.desk_view import DeskView, Panes
from assistant.ui.followers import Followers, until
from assistant.ui.pieces import given, html_piece
from assistant.ui.render import Renderer
from assistant.ui.security import desk_token
from assistant.wiring import Shop

_SEEN_EVERY = 20.0
_FIELDS = 200

_REPLY = """
<div class="desk-talk-bar" role="status">${value.bar}</div>
<form class="composer" data-mine="${value.mine}" data-limit="${value.limit}">
  <label class="unseen" for="reply">Reply</label>
  <textarea id="reply" name="reply" rows="2" placeholder="Write to the shopper"></textarea>
  <span class="send-or-draft"><button type="button" class="draft">Draft</button>
  <button type="submit" class="primary send">Send</button></span>
  <p class="hint" role="alert">${value.hint}</p>
  <p class="count" role="status">${value.note}</p>
</form>
"""
_TALK = """
<div class="log" role="log" aria-live="polite" aria-label="Conversation" tabindex="0">\
${value.length ? value.join("") : '<p class="quiet">Choose a conversation.</p>'}</div>
"""

# The values of queue, talk, reply and side.
Screen = tuple[object, object, object, object]
_NOTHING: Screen = (gr.skip(), gr.skip(), gr.skip(), gr.skip())


class DeskPage:
    """The page's handlers; who acts comes from the session's cookie and nothing else.

    The hand-off itself decides whether an agent may act, at every step anew.
    """

    def __init__(self, shop: Shop, assets: str) -> None:
        self._shop = shop
        store = shop.catalogue.store
        self.renderer = Renderer(store, shop.showcase, assets=assets, acts=False)
        self._followers = Followers()

    async def open(self, request: gr.Request) -> AsyncIterator[Screen]:
        """Draw the queue and follow it."""
        async for screen in self._follow(request, ""):
            yield screen

    async def choose(self, request: gr.Request, event: gr.EventData) -> AsyncIterator[Screen]:
        """Show a conversation and follow it."""
        async for screen in self._follow(request, given(event, "conversation")):
            yield screen

    def topbar(self, request: gr.Request) -> str:
        """Draw the header."""
        return self.renderer.page("desk/topbar.html", agent=self._agent(request))

    def step(self, request: gr.Request, event: gr.EventData) -> object:
        """Take a conversation over, hand it back or resolve it."""
        agent, handoffs = self._agent(request), self._shop.handoffs
        steps: dict[str, Callable[[int, str], object]] = {
            "take": handoffs.take,
            "hand_back": handoffs.hand_back,
            "resolve": handoffs.resolve,
        }
        step = steps.get(given(event, "step"))
        try:
            if step is not None:
                step(_number(event, "handoff"), agent)
        except AssistantError as error:
            return self._reply_of(request, event, hint=str(error))
        return gr.skip()

    def reply(self, request: gr.Request, event: gr.EventData) -> object:
        """Send the shopper a message; what became of a draft is kept."""
        agent, handoff_id = self._agent(request), _number(event, "handoff")
        text = given(event, "text")
        try:
            entry = self._shop.handoffs.say(handoff_id, agent, text)
        except AssistantError as error:
            return self._reply_of(request, event, hint=str(error))
        self._shop.drafts.sent(_number(event, "draft"), handoff_id, agent, entry.text)
        return self._reply_of(request, event, accepted=given(event, "nonce"))

    async def draft(self, request: gr.Request, event: gr.EventData) -> object:
        """Draft a reply for the agent to edit."""
        agent, handoff_id = self._agent(request), _number(event, "handoff")
        view = self._view(request, given(event, "conversation"))
        try:
            handoff = await asyncio.to_thread(self._shop.handoffs.held_by, handoff_id, agent)
            talk = await asyncio.to_thread(view.talk)
            facts = await asyncio.to_thread(view.facts, talk)
            made = await self._shop.drafts.draft(handoff, agent, talk, facts)
            words = "by the model" if made.source == "model" else "from the records"
            self._shop.handoffs.note(handoff_id, agent, EntryKind.DRAFTED, words)
        except AssistantError as error:
            return self._reply_of(request, event, hint=str(error))
        return self._reply_of(request, event, draft=made)

    def propose(self, request: gr.Request, event: gr.EventData) -> object:
        """Prepare a change of an order, under the rules that hold for the shopper."""
        agent, handoff_id = self._agent(request), _number(event, "handoff")
        view, handoffs = self._view(request, given(event, "conversation")), self._shop.handoffs
        try:
            handoffs.held_by(handoff_id, agent)
            made = propose(self._order_desk(), view.session, _form(event))
            handoffs.note(handoff_id, agent, EntryKind.PROPOSED, self.renderer.words(made))
        except ToolError as error:
            handoffs.note(handoff_id, agent, EntryKind.REFUSED, str(error))
            return view.side(str(error))
        except AssistantError as error:
            return view.side(str(error))
        return view.side()

    def decide(self, request: gr.Request, event: gr.EventData) -> object:
        """Carry out what the shopper agreed to, or drop it."""
        agent, handoff_id = self._agent(request), _number(event, "handoff")
        view, yes = self._view(request, given(event, "conversation")), given(event, "answer")
        try:
            self._shop.handoffs.held_by(handoff_id, agent)
            self._decide(view, handoff_id, given(event, "proposal"), yes=yes == "yes")
        except AssistantError as error:
            return view.side(str(error))
        return view.side()

    def _decide(self, view: DeskView, handoff_id: int, proposal_id: str, *, yes: bool) -> None:
        desk = self._order_desk()
        pending = desk.pending(view.session)
        if pending is None or pending.id != proposal_id:
            raise ProposalClosed("That is no longer waiting for an answer; propose it again.")
        if yes:
            desk.confirm(view.session, proposal_id, f"desk:{proposal_id}")
        else:
            desk.drop(view.session)
        kind = EntryKind.CONFIRMED if yes else EntryKind.DROPPED
        self._shop.handoffs.note(handoff_id, view.agent, kind, self.renderer.words(pending))

    def close(self) -> None:
        """End what follows the queue for open pages."""
        self._followers.close()

    async def _follow(self, request: gr.Request, conversation_id: str) -> AsyncIterator[Screen]:
        """Draw the page, then whatever of it changes, until another choice or the session's end."""
        view = await asyncio.to_thread(self._view, request, conversation_id)
        shown: Panes | None = None
        seen = -_SEEN_EVERY
        news = self._shop.changes.of(Changes.EVERYTHING)
        with self._followers.follow(request.session_hash or "") as ended:
            async with aclosing(news), aclosing(until(ended, news)) as looks:
                async for _ in looks:
                    if time.monotonic() - seen >= _SEEN_EVERY:
                        seen = time.monotonic()
                        if not await asyncio.to_thread(self._still_here, request):
                            raise gr.Error("Your shift has ended; sign in again.")
                    panes = await asyncio.to_thread(view.look)
                    if panes != shown:
                        yield _changed(panes, shown)
                        shown = panes
            yield _NOTHING

    def _still_here(self, request: gr.Request) -> bool:
        token, agents = desk_token(request.headers), self._shop.agents
        if token is None or agents.signed_in(token) is None:
            return False
        agents.seen(token)
        return True

    def _view(self, request: gr.Request, conversation_id: str) -> DeskView:
        return DeskView(self._shop, self.renderer, self._agent(request), conversation_id)

    def _reply_of(
        self,
        request: gr.Request,
        event: gr.EventData,
        *,
        hint: str = "",
        accepted: str = "",
        draft: Draft | None = None,
    ) -> object:
        panes = self._view(request, given(event, "conversation")).look()
        return _reply(panes, hint=hint, accepted=accepted, draft=draft)

    def _agent(self, request: gr.Request) -> str:
        agent = self._shop.agents.signed_in(desk_token(request.headers))
        if agent is None:
            raise gr.Error("Your shift has ended; sign in again.")
        return agent

    def _order_desk(self) -> OrderDesk:
        if self._shop.desk is None:
            raise NotFound("This shop's policy has no rules on changing orders.")
        return self._shop.desk


def desk_blocks(page: DeskPage, title: str) -> gr.Blocks:
    """Lay the page out and connect its events to its handlers."""
    with gr.Blocks(title=f"{title} desk", analytics_enabled=False, fill_width=True) as blocks:
        topbar = html_piece("desk_topbar", "", "${value}")
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="desk-left"):
                queue = html_piece("desk_queue", "", "${value}")
            with gr.Column(elem_id="desk-middle"):
                talk = html_piece("desk_talk", [], _TALK)
                reply = html_piece("desk_reply", _reply(Panes("", [], "", False, "")), _REPLY)
            with gr.Column(elem_id="desk-right"):
                side = html_piece("desk_side", "", "${value}")
        screen = [queue, talk, reply, side]
        wiring = {
            "concurrency_limit": None,
            "trigger_mode": "multiple",
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        blocks.load(page.topbar, outputs=topbar, **wiring)
        blocks.load(page.open, outputs=screen, **wiring)
        queue.choose(page.choose, outputs=screen, **wiring)
        reply.step(page.step, outputs=reply, **wiring)
        reply.reply(page.reply, outputs=reply, **wiring)
        reply.draft(page.draft, outputs=reply, **wiring)
        side.propose(page.propose, outputs=side, **wiring)
        side.decide(page.decide, outputs=side, **wiring)
    return blocks.queue(default_concurrency_limit=None)


def _changed(now: Panes, before: Panes | None) -> Screen:
    """Return the page's values, without those that are as they were."""
    if before is None:
        return now.queue, now.talk, _reply(now), now.side
    return (
        gr.skip() if now.queue == before.queue else now.queue,
        gr.skip() if now.talk == before.talk else now.talk,
        gr.skip() if (now.bar, now.mine) == (before.bar, before.mine) else _reply(now),
        gr.skip() if now.side == before.side else now.side,
    )


def _reply(
    panes: Panes, *, hint: str = "", accepted: str = "", draft: Draft | None = None
) -> dict[str, object]:
    words = {None: "", "model": "Drafted by the model: edit before you send."}
    source = None if draft is None else draft.source
    return {
        "bar": panes.bar,
        "mine": panes.mine,
        "limit": MAX_REPLY_CHARS,
        "hint": str(escape(hint)),
        "note": words.get(source, "Drafted from the records: edit before you send."),
        "accepted": accepted,
        "draft": None if draft is None else {"id": str(draft.id), "text": draft.text},
    }


def _number(event: gr.EventData, name: str) -> int:
    text = given(event, name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _form(event: gr.EventData) -> OrderForm:
    """Read a form; whatever is not text, or too much, counts as not given."""
    sent = getattr(event, "fields", None)
    pairs = sent if isinstance(sent, list) else []
    fields: dict[str, list[str]] = {}
    for pair in pairs[:_FIELDS]:
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(p, str) for p in pair):
            fields.setdefault(pair[0], []).append(pair[1])
    return OrderForm(given(event, "action"), given(event, "order"), fields)
