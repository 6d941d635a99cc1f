import asyncio
from collections.abc import AsyncIterator

from assistant.dialogue.conversations import LoggedEvent
from assistant.dialogue.events import TextEvent
from assistant.ui.shop_page import _until


def a_piece(seq: int) -> LoggedEvent:
    return LoggedEvent(seq, 1, TextEvent(delta=f"{seq} "))


async def test_a_page_follows_the_log_to_its_end() -> None:
    async def news() -> AsyncIterator[LoggedEvent]:
        yield a_piece(1)
        yield a_piece(2)

    assert [piece.seq async for piece in _until(asyncio.Event(), news())] == [1, 2]


async def test_a_closing_server_ends_what_still_follows() -> None:
    closing = asyncio.Event()

    async def news() -> AsyncIterator[LoggedEvent]:
        yield a_piece(1)
        closing.set()
        await asyncio.Event().wait()

    assert [piece.seq async for piece in _until(closing, news())] == [1]
