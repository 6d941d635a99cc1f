"""A conversation as a page shows it, kept up to date from the records."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.products import Product
from assistant.desk.drafts import Said
from assistant.desk.handoffs import PUBLIC, Entry, EntryKind, Handoff, HandoffBook
from assistant.dialogue.conversations import (
    Conversation,
    ConversationLog,
    LoggedEvent,
    Turn,
    TurnState,
)
from assistant.dialogue.events import ProposalEvent, TextEvent, TurnEvent
from assistant.errors import NotFound
from assistant.orders.proposals import Proposal
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Session
from assistant.ui.render import Renderer, product_ids


@dataclass(frozen=True, slots=True)
class Records:
    """Where what a page shows comes from; `kinds` are the deeds of people that it shows."""

    log: ConversationLog
    catalogue: Catalogue
    handoffs: HandoffBook
    desk: OrderDesk | None
    kinds: frozenset[EntryKind] = PUBLIC

    def pending(self, conversation: Conversation) -> Proposal | None:
        """Return the change of an order that waits for the conversation's shopper."""
        if self.desk is None or conversation.shopper_id is None:
            return None
        session = Session(conversation.store, conversation.id, conversation.shopper_id)
        try:
            return self.desk.pending(session)
        except NotFound:
            return None


@dataclass(frozen=True, slots=True)
class _Now:
    """How things stood when the records were last read."""

    turns: tuple[Turn, ...] = ()
    entries: tuple[Entry, ...] = ()
    handoff: Handoff | None = None
    pending: Proposal | None = field(default=None, compare=False)
    pending_id: str | None = None


class Transcript:
    """The rendered turns of one conversation, and what people wrote between them.

    `seq` is its place in the log.
    """

    def __init__(self, records: Records, renderer: Renderer, conversation: Conversation) -> None:
        self.conversation = conversation
        self.seq = 0
        self._records = records
        self._renderer = renderer
        self._now = _Now()
        self._turns: tuple[Turn, ...] = ()
        self._events: dict[int, list[TurnEvent]] = {}
        self._products: dict[str, Product] = {}
        self._settled: dict[int, str] = {}

    @property
    def running(self) -> bool:
        """Whether an answer is still arriving."""
        return bool(self._turns) and self._turns[-1].state is TurnState.RUNNING

    @property
    def handoff(self) -> Handoff | None:
        """The hand-off that waits or is with a person."""
        return self._now.handoff

    @property
    def pending(self) -> Proposal | None:
        """The change that waits for the shopper's yes."""
        return self._now.pending

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All turns, oldest first."""
        return self._turns

    def is_live(self) -> bool:
        """Tell whether something may still arrive without the shopper's doing."""
        return self.running or self.handoff is not None

    @property
    def last(self) -> tuple[Turn, tuple[TurnEvent, ...]] | None:
        """The last turn and its events; None in a new conversation."""
        if not self._turns:
            return None
        turn = self._turns[-1]
        return turn, tuple(self._events.get(turn.number, ()))

    def refresh(self) -> None:
        """Read the records anew and take everything in."""
        for logged in self.look()[1]:
            self._take(logged)
        self.settle()

    def look(self) -> tuple[bool, tuple[LoggedEvent, ...]]:
        """Read the records; return whether anything changed, and the events that are new.

        Each event is shown once `add` is called with it, and all else once `settle` is.
        """
        records, before = self._records, self._now
        # Turns first: a turn that is then seen ended has all of its events in the log.
        turns = records.log.turns(self.conversation)
        news = records.log.events(self.conversation, self.seq)
        pending = records.pending(self.conversation)
        self._now = _Now(
            turns,
            self._entries(),
            records.handoffs.open(self.conversation.id),
            pending,
            None if pending is None else pending.id,
        )
        arriving = {logged.turn for logged in news}
        self._turns = tuple(
            replace(turn, state=TurnState.RUNNING) if turn.number in arriving else turn
            for turn in turns
        )
        return bool(news) or self._now != before, news

    def add(self, logged: LoggedEvent) -> None:
        """Add the next event of the log; one that is known already changes nothing."""
        if logged.seq > self.seq:
            self._take(logged)

    def settle(self) -> None:
        """Show turns in the state they were read in."""
        self._turns = self._now.turns

    def _entries(self) -> tuple[Entry, ...]:
        found = self._records.handoffs.entries(self.conversation.id)
        return tuple(entry for entry in found if entry.kind in self._records.kinds)

    def _take(self, logged: LoggedEvent) -> None:
        self.seq = logged.seq
        self._events.setdefault(logged.turn, []).append(logged.event)
        missing = [
            product_id
            for product_id in product_ids([logged.event])
            if product_id not in self._products
        ]
        if missing:
            self._products |= self._records.catalogue.products(missing)

    def html(self) -> list[str]:
        """Render the welcome, then turns and people's deeds by time, then what waits for a yes."""
        signed_in = self.conversation.shopper_id is not None
        by_time: list[tuple[float, int, str]] = [
            (turn.started_at.timestamp(), 0, self._turn(turn)) for turn in self._turns
        ]
        by_time += [
            (entry.at.timestamp(), 1, self._renderer.deed(entry)) for entry in self._now.entries
        ]
        by_time.sort(key=lambda item: item[:2])
        shown = [html for _, _, html in by_time if html]
        return [self._renderer.welcome(signed_in), *shown, *self._unshown_proposal()]

    def said(self) -> tuple[Said, ...]:
        """Return who said what, oldest first."""
        by_time = [
            (entry.at, Said(entry.actor, entry.text))
            for entry in self._now.entries
            if entry.kind is EntryKind.MESSAGE
        ]
        for turn in self._turns:
            events = self._events.get(turn.number, [])
            answer = "".join(e.delta for e in events if isinstance(e, TextEvent)).strip()
            by_time.append((turn.started_at, Said("Shopper", turn.text)))
            if answer:
                by_time.append((turn.started_at, Said("Assistant", answer)))
        by_time.sort(key=lambda item: item[0])
        return tuple(said for _, said in by_time)

    def _unshown_proposal(self) -> Sequence[str]:
        pending = self._now.pending
        if pending is None or pending.id in self._proposed(self._turns):
            return ()
        return (self._renderer.proposal(pending),)

    def _proposed(self, turns: Sequence[Turn]) -> frozenset[str]:
        return frozenset(
            event.id
            for turn in turns
            for event in self._events.get(turn.number, ())
            if isinstance(event, ProposalEvent)
        )

    def _turn(self, turn: Turn) -> str:
        if turn.number in self._settled:
            return self._settled[turn.number]
        last = turn is self._turns[-1]
        events = self._events.get(turn.number, [])
        html = self._renderer.turn(
            turn, events, self._products, last=last, pending=self._now.pending_id
        )
        if not last and turn.state is not TurnState.RUNNING and not self._proposed([turn]):
            self._settled[turn.number] = html
        return html
