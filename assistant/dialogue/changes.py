"""Tells those who follow a conversation that there is something new, from any thread."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable

_POLL_SECONDS = 1.0


class Changes:
    """Topics that readers wait on: a conversation's id, or `EVERYTHING`.

    A reader looks again each second all the same, since another process may write the records.
    """

    EVERYTHING = ""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Callable[[], None]]] = {}
        self._lock = threading.Lock()

    def notify(self, topic: str) -> None:
        """Wake the readers of a topic and those of `EVERYTHING`."""
        with self._lock:
            listeners = [
                *self._listeners.get(topic, ()),
                *self._listeners.get(self.EVERYTHING, ()),
            ]
        for notify in listeners:
            notify()

    async def of(self, topic: str) -> AsyncGenerator[None, None]:
        """Yield at once, and again whenever it is time to look."""
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def notify() -> None:
            loop.call_soon_threadsafe(changed.set)

        with self._lock:
            self._listeners.setdefault(topic, set()).add(notify)
        try:
            while True:
                changed.clear()
                yield
                await _first(changed, _POLL_SECONDS)
        finally:
            self._forget(topic, notify)

    def _forget(self, topic: str, notify: Callable[[], None]) -> None:
        with self._lock:
            self._listeners[topic].discard(notify)
            if not self._listeners[topic]:
                del self._listeners[topic]


async def _first(changed: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(changed.wait(), seconds)
    except TimeoutError:
        return
