"""Turns as server tasks: a page may go away and come back, the turn goes on."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import aclosing

import structlog

from assistant.dialogue.assistant import Assistant
from assistant.dialogue.changes import Changes
from assistant.dialogue.conversations import (
    Conversation,
    ConversationLog,
    LoggedEvent,
    TurnState,
)

_log = structlog.get_logger(__name__)
_CLOSE_SECONDS = 10.0


class TurnRunner:
    """Runs turns on a loop of its own and lets any number of readers follow them."""

    def __init__(self, assistant: Assistant, log: ConversationLog, changes: Changes) -> None:
        self._assistant = assistant
        self._log = log
        self._changes = changes
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="turns", daemon=True)
        self._thread.start()
        self._running: dict[str, Future[None]] = {}
        self._lock = threading.Lock()

    def start(self, conversation: Conversation, text: str, *, confirms: str | None = None) -> int:
        """Begin to answer a message; return its turn's number.

        `confirms` is the proposal whose button was pressed: only that one is carried out.

        Raises BadInput while the conversation's last message is still being answered.
        """
        turn = self._log.begin_turn(conversation, text)
        future = asyncio.run_coroutine_threadsafe(
            self._run(conversation, turn, text, confirms), self._loop
        )
        with self._lock:
            self._running[conversation.id] = future
        return turn

    def stop(self, conversation: Conversation) -> bool:
        """Stop the running turn; return whether there was one."""
        with self._lock:
            future = self._running.get(conversation.id)
        return future is not None and future.cancel()

    def close(self) -> None:
        """Stop all turns, let each close its log, and end the loop; again does nothing."""
        if not self._loop.is_running():
            return
        asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop).result(_CLOSE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CLOSE_SECONDS)

    async def subscribe(
        self, conversation: Conversation, after: int = 0
    ) -> AsyncIterator[LoggedEvent]:
        """Yield the log after a place in it until no turn of the conversation runs."""
        async with aclosing(self._changes.of(conversation.id)) as changes:
            async for _ in changes:
                running = await asyncio.to_thread(self._is_running, conversation)
                for logged in await asyncio.to_thread(self._log.events, conversation, after):
                    after = logged.seq
                    yield logged
                if not running:
                    return

    def _is_running(self, conversation: Conversation) -> bool:
        turns = self._log.turns(conversation)
        return bool(turns) and turns[-1].state is TurnState.RUNNING

    async def _run(
        self, conversation: Conversation, turn: int, text: str, confirms: str | None
    ) -> None:
        try:
            async for _ in self._assistant.answer(conversation, turn, text, confirms=confirms):
                self._changes.notify(conversation.id)
        except Exception:
            # The edge of the server's task: the turn has been closed, the log gets the bug.
            _log.exception("turn failed", conversation=conversation.id, turn=turn)
        finally:
            with self._lock:
                self._running.pop(conversation.id, None)
            self._changes.notify(conversation.id)


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
