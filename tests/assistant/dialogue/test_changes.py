import asyncio
from contextlib import aclosing

from assistant.dialogue.changes import Changes


async def woken(changes: Changes, topic: str, notified: str) -> bool:
    """Whether a notice wakes a reader well before its next look."""
    async with aclosing(changes.of(topic)) as news:
        await anext(news)
        coming = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(changes.notify, notified)
        done, _ = await asyncio.wait({coming}, timeout=0.4)
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        return bool(done)


async def test_a_notice_wakes_who_waits_for_its_topic_and_who_waits_for_everything() -> None:
    changes = Changes()
    assert await woken(changes, "talk", "talk")
    assert await woken(changes, Changes.EVERYTHING, "talk")
    assert not await woken(changes, "other", "talk")


async def test_a_reader_looks_again_after_a_second_without_notice() -> None:
    async with aclosing(Changes().of("talk")) as news:
        await anext(news)
        await asyncio.wait_for(anext(news), 5)


async def test_a_reader_that_leaves_is_forgotten() -> None:
    changes = Changes()
    async with aclosing(changes.of("talk")) as news:
        await anext(news)
    changes.notify("talk")
    assert changes._listeners == {}
