"""Drafted replies: the model's where it serves, else a plain rendering; and what became of them.

What an agent makes of a draft is a training pair: the messages the model saw, its text, and the
text that a person sent instead.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, insert, select, update

from assistant.catalog.database import Database
from assistant.desk.handoffs import Handoff, wall_clock
from assistant.desk.schema import drafts
from assistant.errors import ModelUnavailable
from assistant.llm.chat import ChatModel, Message
from assistant.prompting import Prompt

Source = Literal["model", "plain"]
_MAX_TOKENS = 90
_LAST_LINES = 6
_LINE_CHARS = 400
_FIGURE = re.compile(r"\d[\d.,:]*\d|\d")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said; `speaker` is `Shopper`, `Assistant` or an agent's name."""

    speaker: str
    text: str

    @property
    def line(self) -> str:
        """Speaker and words on one line."""
        return f"{self.speaker}: {' '.join(self.text.split())[:_LINE_CHARS]}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply for an agent to edit."""

    id: int
    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class TrainingPair:
    """What the model was given, what it drafted, and what an agent sent instead."""

    messages: tuple[Message, ...]
    drafted: str
    sent: str
    source: Source
    prompt: str


class DraftBook:
    """Makes and keeps the drafts of one store."""

    def __init__(
        self,
        database: Database,
        store: str,
        model: ChatModel,
        prompt: Prompt,
        now: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._database = database
        self._store = store
        self._model = model
        self._prompt = prompt
        self._now = now

    async def draft(
        self, handoff: Handoff, agent: str, talk: Sequence[Said], facts: Sequence[str]
    ) -> Draft:
        """Draft a reply to the end of a talk; `facts` are sentences about the shopper's orders.

        A figure that neither the talk nor the facts hold is an invention; such a draft is not
        shown, nor is an empty one.
        """
        lines = [said.line for said in talk[-_LAST_LINES:]]
        rendered = self._prompt.render(agent=agent, talk=lines, facts=list(facts))
        messages = [Message(role, text) for role, text in rendered]
        text = await self._written(messages, [*lines, *facts])
        if text:
            return self._keep(handoff, agent, messages, text, "model")
        return self._keep(handoff, agent, messages, plain_reply(agent, facts), "plain")

    async def _written(self, messages: Sequence[Message], known: Sequence[str]) -> str:
        try:
            completion = await self._model.complete(messages, max_tokens=_MAX_TOKENS)
        except ModelUnavailable:
            return ""
        text = completion.text.strip()
        return text if figures(text) <= figures(" ".join(known)) else ""

    def _keep(
        self, handoff: Handoff, agent: str, messages: Sequence[Message], text: str, source: Source
    ) -> Draft:
        with self._database.write() as connection:
            made = connection.execute(
                insert(drafts)
                .values(
                    store=self._store,
                    conversation_id=handoff.conversation_id,
                    handoff_id=handoff.id,
                    agent=agent,
                    messages=[[message.role, message.content] for message in messages],
                    text=text,
                    source=source,
                    prompt=self._prompt.version,
                    made_at=self._now(),
                )
                .returning(drafts.c.id)
            ).scalar_one()
        return Draft(made, text, source)

    def sent(self, draft_id: int, handoff_id: int, agent: str, text: str) -> bool:
        """Keep what an agent made of their draft; return whether there was such a draft, unsent."""
        with self._database.write() as connection:
            kept = connection.execute(
                update(drafts)
                .where(
                    drafts.c.store == self._store,
                    drafts.c.id == draft_id,
                    drafts.c.handoff_id == handoff_id,
                    drafts.c.agent == agent,
                    drafts.c.sent.is_(None),
                )
                .values(sent=text)
            )
        return kept.rowcount > 0

    def training_pairs(self) -> tuple[TrainingPair, ...]:
        """Return every draft that was sent, oldest first, edited or not."""
        query = (
            select(drafts)
            .where(drafts.c.store == self._store, drafts.c.sent.is_not(None))
            .order_by(drafts.c.id)
        )
        with self._database.read() as connection:
            return tuple(
                TrainingPair(
                    tuple(Message(role, text) for role, text in row.messages),
                    row.text,
                    row.sent,
                    row.source,
                    row.prompt,
                )
                for row in connection.execute(query)
            )

    def erase(self, conversation_ids: Sequence[str]) -> None:
        """Forget the drafts of conversations, training pairs included."""
        with self._database.write() as connection:
            connection.execute(
                delete(drafts).where(
                    drafts.c.store == self._store,
                    drafts.c.conversation_id.in_(list(conversation_ids)),
                )
            )


def plain_reply(agent: str, facts: Sequence[str]) -> str:
    """Write a reply from the facts alone."""
    opening = f"Hello, this is {agent} from the shop. I have read what you wrote."
    if not facts:
        return f"{opening} How can I help?"
    return f"{opening} {facts[0]} How can I help with it?"


def figures(text: str) -> frozenset[str]:
    """Return the numbers in a text, as they are written."""
    return frozenset(_FIGURE.findall(text))
