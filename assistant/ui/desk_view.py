"""What one agent's page shows, read from the records and rendered."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.catalog.products import money
from assistant.desk.customers import CustomerFile, CustomerFiles
from assistant.desk.drafts import Said
from assistant.desk.handoffs import ALL_KINDS, Handoff, wall_clock
from assistant.desk.summary import Heard, Summary, summarise, waited
from assistant.dialogue.conversations import Conversation
from assistant.dialogue.wording import day
from assistant.tools.results import Session
from assistant.ui.render import Renderer
from assistant.ui.transcript import Records, Transcript
from assistant.wiring import Shop

_ENDED = 8
_FACTS = 3
_TITLES = 3


@dataclass(frozen=True, slots=True)
class Panes:
    """The page's four parts as values of their components; equal ones need not be sent."""

    queue: str
    talk: list[str]
    bar: str
    mine: bool
    side: str


class DeskView:
    """One agent's page: the queue, and the conversation that is chosen.

    A conversation that was never handed over is not shown.
    """

    def __init__(self, shop: Shop, renderer: Renderer, agent: str, conversation_id: str) -> None:
        self._shop = shop
        self._renderer = renderer
        self.agent = agent
        self._chosen = conversation_id
        self._files = CustomerFiles(shop.toolkit, shop.desk)
        self._transcript = self._opened()
        self._side = ""

    def _opened(self) -> Transcript | None:
        handoffs = self._shop.handoffs.of_conversation(self._chosen)
        if not handoffs:
            return None
        shop = self._shop
        records = Records(shop.log, shop.catalogue, shop.handoffs, shop.desk, ALL_KINDS)
        store, shopper = shop.catalogue.store.name, handoffs[-1].shopper_id
        return Transcript(records, self._renderer, Conversation(self._chosen, store, shopper))

    def look(self) -> Panes:
        """Read the records and render what they now say."""
        queue = self._queue()
        transcript = self._transcript
        if transcript is None:
            return Panes(queue, [], "", False, "")
        changed, events = transcript.look()
        for logged in events:
            transcript.add(logged)
        transcript.settle()
        handoff = self._shop.handoffs.of_conversation(self._chosen)[-1]
        if changed or not self._side:
            self._side = self.side()
        mine = handoff.open and handoff.agent == self.agent
        bar = self._renderer.page("desk/bar.html", handoff=handoff, mine=mine)
        return Panes(queue, transcript.html()[1:], bar, mine, self._side)

    def side(self, complaint: str = "") -> str:
        """Render summary, customer, orders, habits and trail."""
        if self._transcript is None:
            return ""
        self._transcript.refresh()
        handoff = self._shop.handoffs.of_conversation(self._chosen)[-1]
        return self._renderer.page(
            "desk/side.html",
            handoff=handoff,
            mine=handoff.open and handoff.agent == self.agent,
            summary=self._summary(handoff),
            file=self.file(),
            trail=self._shop.handoffs.entries(self._chosen),
            words=self._renderer.words,
            policy=None if self._shop.desk is None else self._shop.desk.policy,
            complaint=complaint,
        )

    def file(self) -> CustomerFile:
        """Read the customer's file."""
        return self._files.of(self.session)

    @property
    def session(self) -> Session:
        """The customer's session with the agent acting in it."""
        shopper = None if self._transcript is None else self._transcript.conversation.shopper_id
        store = self._shop.catalogue.store.name
        return Session(store, self._chosen, shopper, agent=self.agent)

    def talk(self) -> tuple[Said, ...]:
        """Return what was said so far, oldest first."""
        if self._transcript is None:
            return ()
        self._transcript.refresh()
        return self._transcript.said()

    def facts(self, talk: Sequence[Said]) -> tuple[str, ...]:
        """Return sentences about the orders, first those that the talk names."""
        words = " ".join(said.text for said in talk)
        orders = [found.order for found in self.file().orders]
        orders.sort(key=lambda order: order.id not in words)
        store = self._shop.catalogue.store
        return tuple(
            f"Order {order.id} is {order.status}, placed on {day(order.placed_at, store.timezone)},"
            f" {money(order.total, order.currency)}:"
            f" {', '.join(line.title for line in order.lines[:_TITLES])}."
            for order in orders[:_FACTS]
        )

    def _queue(self) -> str:
        now = wall_clock()
        handoffs = self._shop.handoffs
        listed = handoffs.queue()
        mine = [h for h in listed if h.agent == self.agent]
        groups = (
            ("Yours", mine),
            ("Waiting", [h for h in listed if h.agent is None]),
            ("With colleagues", [h for h in listed if h.agent and h not in mine]),
            ("Ended", list(handoffs.ended(_ENDED))),
        )
        return self._renderer.page(
            "desk/queue.html",
            groups=groups,
            chosen=self._chosen,
            waited=lambda handoff: waited(handoff, now),
            shopper=self._shopper,
        )

    def _shopper(self, handoff: Handoff) -> str:
        if handoff.shopper_id is None:
            return "Guest"
        known = {persona.id: persona.label for persona in self._shop.showcase.personas}
        return known.get(handoff.shopper_id, f"Shopper {handoff.shopper_id}")

    def _summary(self, handoff: Handoff) -> Summary:
        if self._transcript is None:
            return summarise(handoff, (), wall_clock())
        conversation, log = self._transcript.conversation, self._shop.log
        traces = [(turn, log.trace(conversation, turn.number)) for turn in self._transcript.turns]
        heard = [
            Heard(turn.text, tuple(r.intent.value for r in trace.requests) if trace else ())
            for turn, trace in traces
        ]
        return summarise(handoff, heard, wall_clock())
