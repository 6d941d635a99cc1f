"""Plan the next shop: the model proposes what a household never bought, code decides what counts.

The learned prompt `history` names families under a schema that admits only what the shop sells
most and the household never bought. Without it, or with the engine down, nothing is proposed and
the recommender's habits stand alone.
"""

import asyncio
import time
from dataclasses import dataclass, field

from assistant.dialogue.trace import ModelCall
from assistant.errors import ModelUnavailable
from assistant.llm.chat import ChatModel, JsonSchema, Message, Usage
from assistant.prompting import Prompt
from assistant.recommend.household import household_values, said_names, spoken
from assistant.tools.results import Session
from assistant.tools.toolkit import Toolkit

ADAPTER = "history"
_CHOICES = 300
_NAMES = 3
_MAX_TOKENS = 40


@dataclass(frozen=True, slots=True)
class Proposal:
    """Names to propose, likeliest first; `degraded` says that the model could not be asked."""

    names: tuple[str, ...] = ()
    calls: tuple[ModelCall, ...] = ()
    usage: Usage = field(default_factory=Usage)
    degraded: bool = False


class NextShop:
    """Asks the learned prompt `history` what a shopper may try."""

    def __init__(self, model: ChatModel, prompt: Prompt, toolkit: Toolkit) -> None:
        self._model = model
        self._prompt = prompt
        self._toolkit = toolkit

    async def propose(self, session: Session) -> Proposal:
        """Return what the model names for the session's shopper; nothing for a guest."""
        version = self._model.adapter_version(ADAPTER)
        if version is None:
            return Proposal()
        state = await asyncio.to_thread(self._toolkit.household, session)
        if state is None:
            return Proposal()
        choices = self._toolkit.unbought_names(state, _CHOICES)
        rendered = self._prompt.render(**household_values(state))
        started = time.monotonic()
        try:
            completion = await self._model.complete(
                [Message(role, part) for role, part in rendered],
                schema=_schema(choices),
                max_tokens=_MAX_TOKENS,
                adapter=ADAPTER,
            )
        except ModelUnavailable:
            return Proposal(degraded=True)
        call = ModelCall(
            purpose="history",
            prompt=self._prompt.version,
            adapter=version,
            output=completion.text,
            seconds=round(time.monotonic() - started, 3),
        )
        return Proposal(said_names(completion.text, choices)[:_NAMES], (call,), completion.usage)


def _schema(choices: tuple[str, ...]) -> JsonSchema:
    return {
        "type": "array",
        "items": {"type": "string", "enum": spoken(choices)},
        "minItems": _NAMES,
        "maxItems": 2 * _NAMES,
    }
