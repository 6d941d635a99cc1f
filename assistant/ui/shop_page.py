"""The shop page: chat on the left, cart on the right, both drawn from the server's records.

The transcript is a `gr.HTML` and not a `gr.Chatbot`: HTML patches the page node by node, so a
card's buttons keep their focus and the log its scroll position while text arrives, its custom
events carry which button of which card was pressed, and `role="log"` and our markup stay ours.
Chatbot renders every message as sanitised Markdown, drops data attributes and re-renders whole
messages. The value is a list of one HTML string a turn, of which Gradio sends only what changed.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import gradio as gr
from markupsafe import escape

from assistant.dialogue.conversations import LoggedEvent
from assistant.dialogue.events import CartEvent, TextEvent, TurnEvent
from assistant.dialogue.gate import MAX_MESSAGE_CHARS
from assistant.errors import AssistantError, BadInput, UnknownShopper
from assistant.orders.cart import Cart
from assistant.tools.results import Session
from assistant.ui.render import Renderer, StoreLink, changed_cart, request_like
from assistant.ui.security import session_token
from assistant.ui.sessions import Sessions, Visitor
from assistant.ui.transcript import Transcript
from assistant.wiring import Shop

# A checked sentence is logged in one piece; shown a few words at a time it can be read along.
_BETWEEN_DELTAS = 0.03
STATIC = Path(__file__).parent / "static"

_COMPOSER = """
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


class ShopPage:
    """The page's handlers; each takes identity from the request's session and nothing else.

    `closing`, once set, ends what follows an answer; the answer itself goes on.
    """

    def __init__(self, shop: Shop, *, demo: bool, others: Sequence[StoreLink] = ()) -> None:
        self.closing = asyncio.Event()
        self._shop = shop
        self._demo = demo
        self._store = shop.catalogue.store
        self._renderer = Renderer(self._store, shop.showcase, others)
        self._sessions = Sessions(shop.database, self._store.name, shop.log)

    async def open(self, request: gr.Request) -> AsyncIterator[Screen]:
        """Draw everything, and follow an answer that is still arriving."""
        visitor = await asyncio.to_thread(self._visitor, request)
        async for screen in self._follow(visitor):
            yield screen

    async def say(self, request: gr.Request, event: gr.EventData) -> AsyncIterator[Screen]:
        """Answer a message that was typed or chosen."""
        visitor = await asyncio.to_thread(self._visitor, request)
        async for screen in self._ask(visitor, _given(event, "text"), _given(event, "nonce")):
            yield screen

    async def more_like(self, request: gr.Request, event: gr.EventData) -> AsyncIterator[Screen]:
        """Ask for products like one on a card."""
        visitor = await asyncio.to_thread(self._visitor, request)
        products = await asyncio.to_thread(
            self._shop.catalogue.products, [_given(event, "product")]
        )
        for product in products.values():
            async for screen in self._ask(visitor, request_like(product.name)):
                yield screen

    async def retry(self, request: gr.Request) -> AsyncIterator[Screen]:
        """Ask the last message again, where its answer changed nothing."""
        visitor = await asyncio.to_thread(self._visitor, request)
        transcript = self._transcript(visitor)
        await asyncio.to_thread(transcript.refresh)
        if transcript.last is None or changed_cart(transcript.last[1]):
            return
        async for screen in self._ask(visitor, transcript.last[0].text):
            yield screen

    def stop(self, request: gr.Request) -> None:
        """Stop the answer that is arriving; its readers see it end."""
        self._shop.runner.stop(self._visitor(request).conversation)

    async def sign_in(self, request: gr.Request, event: gr.EventData) -> AsyncIterator[Screen]:
        """Become a demonstration shopper, or a guest when none is given."""
        wanted = _given(event, "shopper").strip()
        try:
            visitor = await asyncio.to_thread(self._signed_in, request, wanted)
        except UnknownShopper as error:
            current = await asyncio.to_thread(self._visitor, request)
            yield self._topbar(current, str(error)), gr.skip(), gr.skip(), gr.skip()
            return
        async for screen in self._follow(visitor):
            yield screen

    async def begin_anew(self, request: gr.Request) -> AsyncIterator[Screen]:
        """Start a new conversation; a guest's cart comes along."""
        visitor = await asyncio.to_thread(self._begun_anew, request)
        async for screen in self._follow(visitor):
            yield screen

    def add(self, request: gr.Request, event: gr.EventData) -> object:
        """Put a card's product into the cart."""
        owner, product_id = _owner(self._visitor(request)), _given(event, "product")
        try:
            cart = self._shop.carts.add(owner, product_id, 1)
        except AssistantError as error:
            return self._renderer.cart(self._shop.carts.cart(owner), str(error))
        title = next(line.title for line in cart.lines if line.product_id == product_id)
        return self._renderer.cart(cart, f"Added: {title}")

    def set_quantity(self, request: gr.Request, event: gr.EventData) -> object:
        """Change how many of a product are in the cart; zero takes it out."""
        owner, product_id = _owner(self._visitor(request)), _given(event, "product")
        wanted = _given(event, "quantity")
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

    async def _ask(self, visitor: Visitor, text: str, nonce: str = "") -> AsyncIterator[Screen]:
        try:
            await asyncio.to_thread(self._start, visitor, text)
        except BadInput as error:
            follow = self._follow(visitor, hint=str(error))
        else:
            follow = self._follow(visitor, accepted=nonce)
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
        self, visitor: Visitor, *, accepted: str = "", hint: str = ""
    ) -> AsyncIterator[Screen]:
        """Draw the whole page, then what changes until no answer is arriving."""
        transcript = self._transcript(visitor)
        await asyncio.to_thread(transcript.refresh)
        cart = await asyncio.to_thread(self._cart, visitor)
        composer = _composer(busy=transcript.running, accepted=accepted, hint=hint)
        yield self._topbar(visitor), transcript.html(), cart, composer
        if not transcript.running:
            return
        news = self._shop.runner.subscribe(visitor.conversation, transcript.seq)
        async for logged in _until(self.closing, news):
            await asyncio.to_thread(transcript.add, logged)
            cart_now = await self._cart_after(visitor, logged.event)
            yield gr.skip(), transcript.html(), cart_now, composer
            if isinstance(logged.event, TextEvent):
                await asyncio.sleep(_BETWEEN_DELTAS)
        await asyncio.to_thread(transcript.refresh)
        cart = await asyncio.to_thread(self._cart, visitor)
        yield gr.skip(), transcript.html(), cart, _composer(busy=False, accepted=accepted)

    async def _cart_after(self, visitor: Visitor, event: TurnEvent) -> object:
        if isinstance(event, CartEvent) or changed_cart([event]):
            return await asyncio.to_thread(self._cart, visitor)
        return gr.skip()

    def _transcript(self, visitor: Visitor) -> Transcript:
        shop = self._shop
        return Transcript(shop.log, shop.catalogue, self._renderer, visitor.conversation)

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
        topbar = _html("topbar", "", "${value}")
        with gr.Row(elem_id="shop"):
            with gr.Column(elem_id="chat"):
                transcript = _html("transcript", [], _LOG)
                composer = _html("composer", _composer(busy=False), _COMPOSER)
            with gr.Column(elem_id="side"):
                cart = _html("cart", "", "${value}")
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
            (topbar.sign_in, page.sign_in),
            (topbar.anew, page.begin_anew),
        ):
            trigger(handler, outputs=screen, **wiring)
        composer.stop(page.stop, queue=False, **wiring)
        transcript.add_to_cart(page.add, outputs=cart, **wiring)
        cart.set_quantity(page.set_quantity, outputs=cart, **wiring)
    return blocks.queue(default_concurrency_limit=None)


async def _until(
    closing: asyncio.Event, news: AsyncIterator[LoggedEvent]
) -> AsyncIterator[LoggedEvent]:
    """Pass the log on until it ends or the server does."""
    closed = asyncio.create_task(closing.wait())
    try:
        while True:
            coming = asyncio.ensure_future(anext(news, None))
            await asyncio.wait({coming, closed}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done() or (logged := coming.result()) is None:
                coming.cancel()
                return
            yield logged
    finally:
        closed.cancel()


def _html(name: str, value: object, template: str) -> gr.HTML:
    script = (STATIC / f"{name}.js").read_text(encoding="utf-8")
    return gr.HTML(
        value,
        html_template=template.strip(),
        js_on_load=script,
        apply_default_css=False,
        elem_id=name,
    )


def _composer(*, busy: bool, hint: str = "", accepted: str = "") -> dict[str, object]:
    # The hint goes into markup in the browser, so it is escaped here.
    return {
        "busy": busy,
        "hint": str(escape(hint)),
        "accepted": accepted,
        "limit": MAX_MESSAGE_CHARS,
    }


def _given(event: gr.EventData, name: str) -> str:
    """Read one field of what the page sent; anything but text counts as not given."""
    value = getattr(event, name, "")
    return value if isinstance(value, str) else ""


def _token(request: gr.Request) -> str:
    token = session_token(request.headers)
    if token is None:
        raise gr.Error("The page needs its cookie; allow cookies for it, then reload.")
    return token


def _owner(visitor: Visitor) -> str:
    conversation = visitor.conversation
    return Session(conversation.store, conversation.id, visitor.shopper_id).cart_owner
