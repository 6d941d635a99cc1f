"""One chat turn: understand, act, answer."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from assistant.dialogue.actions.scope import Scope, Similarity
from assistant.dialogue.actions.table import act
from assistant.dialogue.answer import Answer, Answerer
from assistant.dialogue.context import Context
from assistant.dialogue.conversations import (
    Conversation,
    ConversationLog,
    TurnState,
    interrupted,
)
from assistant.dialogue.events import DoneEvent, ProductsEvent, TextEvent, TurnEvent
from assistant.dialogue.gate import Refusal, gate
from assistant.dialogue.next_shop import NextShop, Proposal
from assistant.dialogue.orders.hearing import hear, let_go
from assistant.dialogue.outcome import Outcome
from assistant.dialogue.requests import Intent, Request
from assistant.dialogue.staff import OFFER, Staff, after_people, counted, failed, offering
from assistant.dialogue.trace import TurnTrace, traced
from assistant.dialogue.understand import Understander, Understanding
from assistant.tools.order_desk import OrderDesk
from assistant.tools.results import Session
from assistant.tools.toolkit import Toolkit

_WORDS_A_DELTA = 3


@dataclass(slots=True)
class _Progress:
    """What a turn has come to so far."""

    context: Context
    understanding: Understanding = field(default_factory=lambda: Understanding(()))
    outcomes: list[Outcome] = field(default_factory=list)
    proposal: Proposal = field(default_factory=Proposal)
    answer: Answer = field(default_factory=Answer)


class Assistant:
    """Answers messages of one store; every event is in the conversation's log before it is out."""

    def __init__(
        self,
        toolkit: Toolkit,
        understander: Understander,
        answerer: Answerer,
        log: ConversationLog,
        similarity: Similarity,
        staff: Staff,
        next_shop: NextShop | None = None,
        desk: OrderDesk | None = None,
    ) -> None:
        self._toolkit = toolkit
        self._understander = understander
        self._answerer = answerer
        self._log = log
        self._similarity = similarity
        self._staff = staff
        self._next_shop = next_shop
        self._desk = desk

    async def reply(
        self, conversation: Conversation, text: str, *, confirms: str | None = None
    ) -> AsyncIterator[TurnEvent]:
        """Begin a turn for a message and yield its events; `confirms` as in `answer`."""
        turn = await asyncio.to_thread(self._log.begin_turn, conversation, text)
        async for event in self.answer(conversation, turn, text, confirms=confirms):
            yield event

    async def answer(
        self, conversation: Conversation, turn: int, text: str, *, confirms: str | None = None
    ) -> AsyncIterator[TurnEvent]:
        """Yield the events of a turn that has begun; close it whatever happens.

        `confirms` is the proposal whose button was pressed; a typed yes confirms the last one.
        """
        started = time.monotonic()
        progress = _Progress(await asyncio.to_thread(self._log.context, conversation))
        state, why = TurnState.INTERRUPTED, "error"
        try:
            async for batch in self._heard(conversation, text, confirms, progress, started):
                await asyncio.to_thread(self._log.append, conversation, turn, batch)
                for event in batch:
                    yield event
            state = TurnState.DONE
        except (asyncio.CancelledError, GeneratorExit):
            state, why = TurnState.STOPPED, "stopped"
            raise
        finally:
            # In one piece and without awaiting: a cancelled task gets no second chance.
            if state is not TurnState.DONE:
                closing = interrupted(conversation, why, time.monotonic() - started)
                self._log.append(conversation, turn, [closing])
            self._log.end_turn(conversation, turn, state, progress.context, _trace(progress))

    async def _heard(
        self,
        conversation: Conversation,
        text: str,
        confirms: str | None,
        progress: _Progress,
        started: float,
    ) -> AsyncIterator[list[TurnEvent]]:
        """Yield the turn, or what there is of it until a person has the conversation.

        What is written to a person is theirs to answer: it only ends its turn.
        """
        standing = await asyncio.to_thread(self._staff.standing, conversation.id)
        progress.context = after_people(progress.context, standing)
        if not standing.taken:
            async with aclosing(
                self._turn(conversation, text, confirms, progress, started)
            ) as batches:
                async for batch in batches:
                    if (await asyncio.to_thread(self._staff.standing, conversation.id)).taken:
                        break
                    yield batch
                else:
                    return
        yield [self._done(conversation, progress, started)]

    async def _turn(
        self,
        conversation: Conversation,
        text: str,
        confirms: str | None,
        progress: _Progress,
        started: float,
    ) -> AsyncGenerator[list[TurnEvent], None]:
        gated = gate(text, progress.context)
        about_orders = self._scope_of(conversation)
        if isinstance(gated, Refusal):
            progress.context, _ = await asyncio.to_thread(let_go, about_orders, gated.context)
            if gated.message_for_staff is not None:
                await asyncio.to_thread(
                    self._log.leave_message, conversation, gated.message_for_staff
                )
            yield [*_spoken(gated.text), self._done(conversation, progress, started)]
            return
        heard = await asyncio.to_thread(hear, about_orders, gated, progress.context, confirms)
        progress.context = heard.context
        if heard.note:
            yield _spoken(heard.note)
        if heard.rest:
            progress.understanding = await self._understander.understand(
                heard.rest, progress.context
            )
        progress.understanding = replace(
            progress.understanding,
            requests=(*heard.requests, *progress.understanding.requests),
        )
        failures: list[bool] = []
        for request in progress.understanding.requests:
            scope = await self._scope(conversation, request, progress)
            outcome = await asyncio.to_thread(act, scope, request, progress.context)
            waits = outcome.context.awaits_message and request.intent is Intent.HUMAN
            progress.context = outcome.context.model_copy(
                update={"asked": request.intent, "awaits_message": waits}
            )
            progress.outcomes.append(outcome)
            failures.append(failed(request, outcome))
            # A "no" is heard before alternatives are seen.
            said = [event for text in outcome.said_first for event in _spoken(text)]
            if said or outcome.events:
                yield [*said, *outcome.events]
        async for sentence in self._answerer.text(progress.outcomes, progress.answer):
            yield _spoken(sentence)
        progress.context = counted(progress.context, failures)
        standing = await asyncio.to_thread(self._staff.standing, conversation.id)
        if (offered := offering(progress.context, standing)) is not None:
            progress.context = offered
            yield _spoken(OFFER)
        yield [self._done(conversation, progress, started)]

    async def _scope(
        self, conversation: Conversation, request: Request, progress: _Progress
    ) -> Scope:
        """Collect what acting on a request needs; a plan asks the model for its proposals first."""
        scope = self._scope_of(conversation)
        if request.intent is Intent.RECOMMEND and self._next_shop is not None:
            progress.proposal = await self._next_shop.propose(scope.session)
        return replace(scope, seen=_seen(progress.outcomes), proposed=progress.proposal.names)

    def _scope_of(self, conversation: Conversation) -> Scope:
        return Scope(
            self._toolkit,
            _session(conversation),
            self._similarity,
            self._staff,
            desk=self._desk,
        )

    def _done(self, conversation: Conversation, progress: _Progress, started: float) -> DoneEvent:
        usage = progress.understanding.usage + progress.proposal.usage + progress.answer.usage
        prompts = {}
        if progress.understanding.calls:
            prompts[self._understander.prompt.name] = self._understander.prompt.version
        calls = (*progress.proposal.calls, *progress.answer.calls)
        prompts |= {call.purpose: call.prompt for call in calls}
        parts = (progress.understanding, progress.proposal, progress.answer)
        degraded = any(part.degraded for part in parts)
        return DoneEvent(
            conversation=conversation.id,
            seconds=round(time.monotonic() - started, 3),
            usage={
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
            },
            prompts=prompts,
            adapters={call.purpose: call.adapter for call in calls if call.adapter is not None},
            degraded=("engine",) if degraded else (),
        )


def _session(conversation: Conversation) -> Session:
    return Session(conversation.store, conversation.id, conversation.shopper_id)


def _seen(outcomes: Sequence[Outcome]) -> frozenset[str]:
    return frozenset(
        item.title
        for outcome in outcomes
        for event in outcome.events
        if isinstance(event, ProductsEvent)
        for item in event.items
    )


def _spoken(sentence: str) -> list[TurnEvent]:
    """Cut a checked sentence into deltas of a few words, so that a page shows it flowing."""
    words = sentence.split(" ")
    pieces = [
        " ".join(words[start : start + _WORDS_A_DELTA]) + " "
        for start in range(0, len(words), _WORDS_A_DELTA)
    ]
    return [TextEvent(delta=piece) for piece in pieces]


def _trace(progress: _Progress) -> TurnTrace:
    return TurnTrace(
        requests=tuple(traced(request) for request in progress.understanding.requests),
        calls=(
            *progress.understanding.calls,
            *progress.proposal.calls,
            *progress.answer.calls,
        ),
        sentences=tuple(progress.answer.sentences),
        absent=any(outcome.absent for outcome in progress.outcomes),
        asked_back=any(outcome.asked_back for outcome in progress.outcomes),
        model_text=bool(progress.answer.kept),
        asks_for=next((o.asks_for for o in progress.outcomes if o.asks_for), ""),
    )
