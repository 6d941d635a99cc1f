"""The shop page: chat on the left, cart on the right, both drawn from the server's records.

The transcript is a `gr.HTML` and not a `gr.Chatbot`: HTML patches the page node by node, so a
card's buttons keep their focus and the log its scroll position while text arrives, its custom
events carry which button of which card was pressed, and `role="log"` and our markup stay ours.
Chatbot renders every message as sanitised Markdown, drops data attributes and re-renders whole
messages. The value is a list of one HTML string a turn, of which Gradio sends only what changed.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import gradio as gr
from fastapi import Request
from markupsafe import escape
from starlette.responses import Response

from assistant.catalog.customers import Address
from assistant.desk.handoffs import SHOPPER, EntryKind
from assistant.desk.reception import Reception
from assistant.dialogue.events import CartEvent, TextEvent
from assistant.dialogue.gate import MAX_MESSAGE_CHARS
from assistant.errors import AssistantError, BadInput, ProposalClosed, UnknownShopper
from assistant.orders.cart import Cart
from assistant.tools.results import Session
from assistant.ui.followers import Followers, until
from assistant.ui.memory_panel import MemoryPanel
from assistant.ui.pieces import given, html_piece
from assistant.ui.render import Renderer, StoreLink, changed_cart, request_like
from assistant.ui.security import session_token
from assistant.ui.sessions import Sessions, Visitor
from assistant.ui.transcript import Records, Transcript
from assistant.wiring import Shop

# A checked sentence is logged in one piece; shown a few words at a time it can be read along.
_BETWEEN_DELTAS = 0.03
_BY_BUTTON = "asked for a person with the button"

_COMPOSER = """
<p class="people" role="status">${value.people}</p>
<form class="composer" data-busy="${value.busy}" data-limit="${value.limit}">
  <label class="unseen" for="message">Message</label>
  <textarea id="message" name="message" rows="1" placeholder="What do you need?"
    aria-describedby="hint count" autocomplete="off"></textarea>
  <button type="submit" class="primary send">Send</button>
  <button type="button" class="stop">Stop</button>
  <p id="hint" class="hint" role="alert">${value.hint}</p>
  <p id="count" class="count" aria-live="polite"></p>
</form>
"""
_LOG = """
<div class="log" role="log" aria-live="polite" aria-label="Conversation" tabindex="0">\
${value.join("")}</div>
"""

# What a handler sends to the page: the values of header, transcript, cart and composer.
Screen = tuple[object, object, object, object]
_NOTHING: Screen = (gr.skip(), gr.skip(), gr.skip(), gr.skip())


class ShopPage:
    """The page's handlers; each takes identity from the request's session and nothing else."""

    def __init__(self, shop: Shop, *, demo: bool, others: Sequence[StoreLink] = ()) -> None:
        self._followers = Followers()
        self._shop = shop
        self._demo = demo
        self._store = shop.catalogue.store
        self._renderer = Renderer(self._store, shop.showcase, others)
        self._records = Records(shop.log, shop.catalogue, shop.handoffs, shop.desk)
        self._memory = MemoryPanel(shop, self._renderer)
        self._sessions = Sessions(shop.database, self._store.name, shop.log)

    async def open(self, request: gr.Request) -> AsyncIterator[Screen]:
        """Draw everything, and follow an answer that is still arriving."""
        visitor = await asyncio.to_thread(self._visitor, request)
        async for screen in self._follow(request, visitor):
            yield screen

    async def say(self, request: gr.Request, event: gr.EventData) -> AsyncIterator[Screen]:
        """Answer a message that was typed or chosen."""
        visitor = await asyncio.to_thread(self._visitor, request)
        text, nonce = given(event, "text"), given(event, "nonce")
        async for screen in self._ask(request, visitor, text, nonce):
            yield screen

    async def more_like(self, request: gr.Request, event: gr.EventData) -> AsyncIterator[Screen]:
        """Ask for products like one on a card."""
        visitor = await asyncio.to_thread(self._visitor, request)
        products = await asyncio.to_thread(self._shop.catalogue.products, [given(event, "product")])
        for product in products.values():
            async for screen in self._ask(request, visitor, request_like(product.name)):
                yield screen

    async def retry(self, request: gr.Request) -> AsyncIterator[Screen]:
        """Ask the last message again, where its answer changed nothing."""
        visitor = await asyncio.to_thread(self._visitor, request)
        transcript = Transcript(self._records, self._renderer, visitor.conversation)
        await asyncio.to_thread(transcript.refresh)
        if transcript.last is None or changed_cart(transcript.last[1]):
            return
        async for screen in self._ask(request, visitor, transcript.last[0].text):
            yield screen

    def stop(self, request: gr.Request) -> None:
        """Stop the answer that is arriving; its readers see it end."""
        self._shop.runner.stop(self._visitor(request).conversation)

    async def sign_in(self, request: gr.Request, event: gr.EventData) -> AsyncIterator[Screen]:
        """Become a demonstration shopper, or a guest when none is given."""
        wanted = given(event, "shopper").strip()
        try:
            visitor = await asyncio.to_thread(self._signed_in, request, wanted)
        except UnknownShopper as error:
            current = await asyncio.to_thread(self._visitor, request)
            yield self._topbar(current, str(error)), gr.skip(), gr.skip(), gr.skip()
            return
        async for screen in self._follow(request, visitor):
            yield screen

    async def begin_anew(self, request: gr.Request) -> AsyncIterator[Screen]:
        """Start a new conversation; a guest's cart comes along."""
        visitor = await asyncio.to_thread(self._begun_anew, request)
        async for screen in self._follow(request, visitor):
            yield screen

    def add(self, request: gr.Request, event: gr.EventData) -> object:
        """Put a card's product into the cart."""
        owner, product_id = _owner(self._visitor(request)), given(event, "product")
        try:
            cart = self._shop.carts.add(owner, product_id, 1)
        except AssistantError as error:
            return self._renderer.cart(self._shop.carts.cart(owner), str(error))
        title = next(line.title for line in cart.lines if line.product_id == product_id)
        return self._renderer.cart(cart, f"Added: {title}")

    def set_quantity(self, request: gr.Request, event: gr.EventData) -> object:
        """Change how many of a product are in the cart; zero takes it out."""
        owner, product_id = _owner(self._visitor(request)), given(event, "product")
        wanted = given(event, "quantity")
        quantity = int(wanted) if wanted.isdecimal() and len(wanted) < 4 else 1
        try:
            cart = self._changed(owner, product_id, quantity)
        except AssistantError as error:
            return self._renderer.cart(self._shop.carts.cart(owner), str(error))
        return self._renderer.cart(cart)

    def _changed(self, owner: str, product_id: str, quantity: int) -> Cart:
        if quantity:
            return self._shop.carts.set_quantity(owner, product_id, quantity)
        return self._shop.carts.remove(owner, product_id)

    async def call_person(self, request: gr.Request) -> AsyncIterator[Screen]:
        """Put the conversation into the desk's queue."""
        visitor = await asyncio.to_thread(self._visitor, request)
        talk = visitor.conversation
        reception = Reception(self._shop.handoffs, self._shop.agents)
        await asyncio.to_thread(reception.call, talk.id, visitor.shopper_id, _BY_BUTTON)
        async for screen in self._follow(request, visitor):
            yield screen

    async def leave_person(self, request: gr.Request) -> AsyncIterator[Screen]:
        """Go back to the assistant."""
        visitor = await asyncio.to_thread(self._visitor, request)
        await asyncio.to_thread(self._shop.handoffs.leave, visitor.conversation.id)
        async for screen in self._follow(request, visitor):
            yield screen

    def remembers(self, request: gr.Request) -> str:
        """Show what the shop remembers."""
        return self._memory.html(self._visitor(request))

    def correct(self, request: gr.Request, event: gr.EventData) -> str:
        """Correct what is remembered: the name at once, the address once it is confirmed."""
        visitor, done = self._visitor(request), "Your name is corrected."
        try:
            if given(event, "what") == "address":
                self._memory.propose_address(visitor, _address(event))
                done = "Confirm the new address in the chat."
                self._shop.changes.notify(visitor.conversation.id)
            else:
                names = given(event, "first_name"), given(event, "last_name")
                self._memory.correct_name(visitor, *names)
        except AssistantError as error:
            return self._memory.html(visitor, str(error))
        return self._memory.html(visitor, done=done)

    def forget(self, request: gr.Request, event: gr.EventData) -> str:
        """Forget purchases or conversations; without conversations a new one begins."""
        visitor, what = self._visitor(request), given(event, "what")
        try:
            self._memory.forget(visitor, what)
        except AssistantError as error:
            return self._memory.html(visitor, str(error))
        if what == "conversations":
            visitor = self._sessions.begin_anew(_token(request))
        return self._memory.html(visitor, done="Forgotten.")

    async def export(self, request: Request) -> Response:
        """Serve everything that is remembered as a file; identity comes from the cookie."""
        token = session_token(request.headers)
        if token is None:
            return Response(status_code=401)
        visitor = await asyncio.to_thread(self._sessions.visitor, token)
        export = await asyncio.to_thread(self._memory.export, visitor)
        return Response(
            export.model_dump_json(indent=1),
            media_type="application/json",
            headers={
                "content-disposition": 'attachment; filename="memory.json"',
                "cache-control": "no-store",
            },
        )

    async def decide(self, request: gr.Request, event: gr.EventData) -> AsyncIterator[Screen]:
        """Confirm or drop the change whose button was pressed."""
        visitor = await asyncio.to_thread(self._visitor, request)
        proposal_id, yes = given(event, "proposal"), given(event, "answer") == "yes"
        hint = ""
        try:
            await asyncio.to_thread(self._decided, visitor, proposal_id, yes)
        except AssistantError as error:
            hint = str(error)
        async for screen in self._follow(request, visitor, hint=hint):
            yield screen

    def _decided(self, visitor: Visitor, proposal_id: str, yes: bool) -> None:
        """Let the assistant hear the answer, or the records where a person has its place."""
        talk = visitor.conversation
        handoff = self._shop.handoffs.open(talk.id)
        if handoff is None or handoff.agent is None:
            confirms = proposal_id if yes else None
            self._shop.runner.start(talk, "Yes" if yes else "No", confirms=confirms)
            return
        session, desk = _session(visitor), self._shop.desk
        pending = self._records.pending(talk)
        if desk is None or pending is None or pending.id != proposal_id:
            raise ProposalClosed("That is no longer waiting for an answer.")
        if yes:
            desk.confirm(session, proposal_id, f"button:{proposal_id}")
        else:
            desk.drop(session)
        kind = EntryKind.CONFIRMED if yes else EntryKind.DROPPED
        words = self._renderer.words(pending)
        self._shop.handoffs.note(handoff.id, handoff.agent, kind, words, SHOPPER)

    async def _ask(
        self, request: gr.Request, visitor: Visitor, text: str, nonce: str = ""
    ) -> AsyncIterator[Screen]:
        try:
            await asyncio.to_thread(self._start, visitor, text)
        except BadInput as error:
            follow = self._follow(request, visitor, hint=str(error))
        else:
            follow = self._follow(request, visitor, accepted=nonce)
        async for screen in follow:
            yield screen

    def _start(self, visitor: Visitor, text: str) -> None:
        if not text.strip():
            raise BadInput("Write a message first.")
        if len(text) > MAX_MESSAGE_CHARS:
            raise BadInput(
                f"A message takes up to {MAX_MESSAGE_CHARS:,} characters; shorten it by"
                f" {len(text) - MAX_MESSAGE_CHARS:,}."
            )
        self._shop.runner.start(visitor.conversation, text)

    async def _follow(
        self, request: gr.Request, visitor: Visitor, *, accepted: str = "", hint: str = ""
    ) -> AsyncIterator[Screen]:
        """Draw the whole page, then what changes while anything may still arrive.

        A page has one stream: a newer one ends this, which then draws nothing any more.
        """
        transcript = Transcript(self._records, self._renderer, visitor.conversation)
        with self._followers.follow(request.session_hash or "") as ended:
            await asyncio.to_thread(transcript.refresh)
            cart = await asyncio.to_thread(self._cart, visitor)
            composer = await asyncio.to_thread(self._composer, transcript, accepted, hint)
            yield self._topbar(visitor), transcript.html(), cart, composer
            if not transcript.is_live():
                return
            news = self._shop.changes.of(visitor.conversation.id)
            async with aclosing(news), aclosing(until(ended, news)) as looks:
                async for _ in looks:
                    async for screen in self._news(visitor, transcript, accepted):
                        yield screen
                    if not transcript.is_live():
                        return
            # Gradio sends what a stream drew last once more when it ends.
            yield _NOTHING

    async def _news(
        self, visitor: Visitor, transcript: Transcript, accepted: str
    ) -> AsyncIterator[Screen]:
        """Draw what is new since the last look, event by event."""
        busy = transcript.running
        changed, events = await asyncio.to_thread(transcript.look)
        if not changed:
            return
        for logged in events:
            await asyncio.to_thread(transcript.add, logged)
            yield gr.skip(), transcript.html(), gr.skip(), gr.skip()
            if isinstance(logged.event, TextEvent):
                await asyncio.sleep(_BETWEEN_DELTAS)
        transcript.settle()
        carted = any(isinstance(e.event, CartEvent) or changed_cart([e.event]) for e in events)
        ended = busy and not transcript.running
        cart = await asyncio.to_thread(self._cart, visitor) if carted or ended else gr.skip()
        composer = await asyncio.to_thread(self._composer, transcript, accepted)
        yield gr.skip(), transcript.html(), cart, composer

    def close(self) -> None:
        """End what follows conversations; the answers themselves go on."""
        self._followers.close()

    def _composer(self, transcript: Transcript, accepted: str = "", hint: str = "") -> object:
        handoff = transcript.handoff
        place = 0 if handoff is None else self._shop.handoffs.place(handoff)
        people = self._renderer.person(handoff, place)
        return _composer(busy=transcript.running, people=people, accepted=accepted, hint=hint)

    def _cart(self, visitor: Visitor) -> str:
        return self._renderer.cart(self._shop.carts.cart(_owner(visitor)))

    def _topbar(self, visitor: Visitor, complaint: str = "") -> str:
        known = {persona.id: persona.label for persona in self._shop.showcase.personas}
        shopper = visitor.shopper_id
        label = None if shopper is None else known.get(shopper, f"Shopper {shopper}")
        return self._renderer.topbar(label, self._demo, complaint)

    def _visitor(self, request: gr.Request) -> Visitor:
        return self._sessions.visitor(_token(request))

    def _signed_in(self, request: gr.Request, shopper_id: str) -> Visitor:
        if not self._demo:
            raise UnknownShopper("Signing in by number exists only in the demonstration.")
        if shopper_id and not self._shop.catalogue.has_shopper(shopper_id):
            raise UnknownShopper(f"The shop knows no shopper {shopper_id}; try another number.")
        return self._sessions.sign_in(_token(request), shopper_id or None)

    def _begun_anew(self, request: gr.Request) -> Visitor:
        before = self._visitor(request)
        after = self._sessions.begin_anew(_token(request))
        if _owner(before) != _owner(after):
            for line in self._shop.carts.lines(_owner(before)):
                self._shop.carts.add(_owner(after), line.product_id, line.quantity)
        return after


def shop_blocks(page: ShopPage, title: str) -> gr.Blocks:
    """Lay the page out and connect its events to its handlers."""
    with gr.Blocks(title=title, analytics_enabled=False, fill_width=True) as blocks:
        topbar = html_piece("topbar", "", "${value}")
        with gr.Row(elem_id="shop"):
            with gr.Column(elem_id="chat"):
                transcript = html_piece("transcript", [], _LOG)
                composer = html_piece("composer", _composer(busy=False), _COMPOSER)
            with gr.Column(elem_id="side"):
                cart = html_piece("cart", "", "${value}")
        memory = html_piece("memory", "", "${value}")
        screen = [topbar, transcript, cart, composer]
        # An open page holds one event while it follows an answer, so no number may limit them.
        wiring = {
            "concurrency_limit": None,
            "trigger_mode": "multiple",
            "show_progress": "hidden",
            "api_visibility": "private",
        }
        for trigger, handler in (
            (blocks.load, page.open),
            (transcript.refresh, page.open),
            (composer.say, page.say),
            (transcript.say, page.say),
            (transcript.like, page.more_like),
            (transcript.retry, page.retry),
            (transcript.decide, page.decide),
            (composer.call, page.call_person),
            (composer.leave, page.leave_person),
            (topbar.sign_in, page.sign_in),
            (topbar.anew, page.begin_anew),
        ):
            trigger(handler, outputs=screen, **wiring)
        memory.see(page.remembers, outputs=memory, **wiring)
        memory.correct(page.correct, outputs=memory, **wiring).then(
            page.open, outputs=screen, **wiring
        )
        memory.forget(page.forget, outputs=memory, **wiring).then(
            page.open, outputs=screen, **wiring
        )
        composer.stop(page.stop, queue=False, **wiring)
        transcript.add_to_cart(page.add, outputs=cart, **wiring)
        cart.set_quantity(page.set_quantity, outputs=cart, **wiring)
    return blocks.queue(default_concurrency_limit=None)


def _composer(
    *, busy: bool, people: str = "", hint: str = "", accepted: str = ""
) -> dict[str, object]:
    # The hint goes into markup in the browser, so it is escaped here; `people` is rendered markup.
    return {
        "busy": busy,
        "people": people,
        "hint": str(escape(hint)),
        "accepted": accepted,
        "limit": MAX_MESSAGE_CHARS,
    }


def _token(request: gr.Request) -> str:
    token = session_token(request.headers)
    if token is None:
        raise gr.Error("The page needs its cookie; allow cookies for it, then reload.")
    return token


def _address(event: gr.EventData) -> Address:
    names = ("line1", "line2", "city", "region", "postcode", "country")
    return Address(*(given(event, name) for name in names))


def _session(visitor: Visitor) -> Session:
    conversation = visitor.conversation
    return Session(conversation.store, conversation.id, visitor.shopper_id)


def _owner(visitor: Visitor) -> str:
    return _session(visitor).cart_owner
