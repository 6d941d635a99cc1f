"""What acting on one request yields: events for the page, facts and a plain rendering."""

from dataclasses import dataclass, field

from assistant.dialogue.context import Context
from assistant.dialogue.events import TurnEvent
from assistant.dialogue.grounding import Facts


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the plain rendering.

    `first` ones open the answer whatever the model says (a "no", a change made, a question
    back); `essential` ones are said unless the model's sentences already hold their facts.
    """

    text: str
    first: bool = False
    essential: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one request; `talk` says whether the model may speak about it.

    `asks_for` names what a question asks for to complete a wish about an order.
    """

    context: Context
    statements: tuple[Statement, ...]
    events: tuple[TurnEvent, ...] = ()
    facts: Facts = field(default_factory=lambda: Facts(()))
    talk: bool = True
    absent: bool = False
    asked_back: bool = False
    asks_for: str = ""

    @property
    def said_first(self) -> tuple[str, ...]:
        """What is said before the cards, whatever the model says."""
        return tuple(statement.text for statement in self.statements if statement.first)
