"""The streams that draw open pages: one a page, a newer one ends the one before."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Followers:
    """What follows a conversation for the open pages of this server, by the page's own number."""

    def __init__(self) -> None:
        self._current: dict[str, asyncio.Event] = {}

    @contextmanager
    def follow(self, page: str) -> Iterator[asyncio.Event]:
        """Begin to follow for a page; the event is set once that should end."""
        ended = asyncio.Event()
        if (before := self._current.get(page)) is not None:
            before.set()
        self._current[page] = ended
        try:
            yield ended
        finally:
            if self._current.get(page) is ended:
                del self._current[page]

    def close(self) -> None:
        """End all of them, because the server ends."""
        for ended in self._current.values():
            ended.set()


async def until(ended: asyncio.Event, news: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """Pass news on until they or the following end."""
    ending = asyncio.create_task(ended.wait())
    try:
        while True:
            coming = asyncio.ensure_future(anext(news))
            await asyncio.wait({coming, ending}, return_when=asyncio.FIRST_COMPLETED)
            if ended.is_set() or not coming.done():
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
                return
            try:
                piece = coming.result()
            except StopAsyncIteration:
                return
            yield piece
    finally:
        ending.cancel()
