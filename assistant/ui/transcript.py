"""A conversation as the page shows it, kept up to date from the log."""

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.products import Product
from assistant.dialogue.conversations import Conversation, ConversationLog, Turn, TurnState
from assistant.dialogue.events import TurnEvent
from assistant.ui.render import Renderer, product_ids


class Transcript:
    """The rendered turns of one conversation; `refresh` reads what was logged since."""

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

    def refresh(self) -> tuple[TurnEvent, ...]:
        """Read what is new in the log and return it."""
        # Turns first: a turn that is then seen ended has all of its events in the log.
        self._turns = self._log.turns(self.conversation)
        logged = self._log.events(self.conversation, self.seq)
        for entry in logged:
            self.seq = entry.seq
            self._events.setdefault(entry.turn, []).append(entry.event)
        fresh = tuple(entry.event for entry in logged)
        missing = [found for found in product_ids(fresh) if found not in self._products]
        if missing:
            self._products |= self._catalogue.products(missing)
        return fresh

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
