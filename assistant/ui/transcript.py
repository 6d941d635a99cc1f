"""A conversation as the page shows it, kept up to date from the log."""

from collections.abc import Sequence

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.products import Product
from assistant.dialogue.conversations import (
    Conversation,
    ConversationLog,
    LoggedEvent,
    Turn,
    TurnState,
)
from assistant.dialogue.events import TurnEvent
from assistant.ui.render import Renderer, product_ids


class Transcript:
    """The rendered turns of one conversation; `seq` is its place in the log."""

    def __init__(
        self,
        log: ConversationLog,
        catalogue: Catalogue,
        renderer: Renderer,
        conversation: Conversation,
    ) -> None:
        self.conversation = conversation
        self.seq = 0
        self._log = log
        self._catalogue = catalogue
        self._renderer = renderer
        self._turns: tuple[Turn, ...] = ()
        self._events: dict[int, list[TurnEvent]] = {}
        self._products: dict[str, Product] = {}
        self._settled: dict[int, str] = {}

    @property
    def running(self) -> bool:
        """Whether an answer is still arriving."""
        return bool(self._turns) and self._turns[-1].state is TurnState.RUNNING

    @property
    def last(self) -> tuple[Turn, tuple[TurnEvent, ...]] | None:
        """The last turn and its events; None in a new conversation."""
        if not self._turns:
            return None
        turn = self._turns[-1]
        return turn, tuple(self._events.get(turn.number, ()))

    def refresh(self) -> None:
        """Read turns and log anew."""
        # Turns first: a turn that is then seen ended has all of its events in the log.
        self._turns = self._log.turns(self.conversation)
        self._take(self._log.events(self.conversation, self.seq))

    def add(self, logged: LoggedEvent) -> None:
        """Add the next event of the log; one that is known already changes nothing."""
        if logged.seq > self.seq:
            self._take((logged,))

    def _take(self, news: Sequence[LoggedEvent]) -> None:
        for logged in news:
            self.seq = logged.seq
            self._events.setdefault(logged.turn, []).append(logged.event)
        shown = product_ids(logged.event for logged in news)
        missing = [product_id for product_id in shown if product_id not in self._products]
        if missing:
            self._products |= self._catalogue.products(missing)

    def html(self) -> list[str]:
        """Render one string for the welcome and one for each turn."""
        signed_in = self.conversation.shopper_id is not None
        return [self._renderer.welcome(signed_in), *(self._turn(turn) for turn in self._turns)]

    def _turn(self, turn: Turn) -> str:
        if turn.number in self._settled:
            return self._settled[turn.number]
        last = turn is self._turns[-1]
        events = self._events.get(turn.number, [])
        html = self._renderer.turn(turn, events, self._products, last=last)
        if not last:
            self._settled[turn.number] = html
        return html
