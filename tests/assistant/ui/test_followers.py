import asyncio
from collections.abc import AsyncIterator

from assistant.ui.followers import Followers, until


async def numbers(*, forever: bool = False) -> AsyncIterator[int]:
    yield 1
    yield 2
    if forever:
        await asyncio.Event().wait()


async def test_a_page_follows_news_to_their_end() -> None:
    assert [number async for number in until(asyncio.Event(), numbers())] == [1, 2]


async def test_a_newer_stream_of_a_page_ends_the_one_before() -> None:
    followers = Followers()
    with followers.follow("page") as first, followers.follow("other") as other:
        seen = [0]

        async def follow() -> None:
            async for number in until(first, numbers(forever=True)):
                seen.append(number)

        following = asyncio.create_task(follow())
        await asyncio.sleep(0.01)
        with followers.follow("page") as second:
            await asyncio.wait_for(following, 1)
            assert seen == [0, 1, 2]
            assert not second.is_set()
            assert not other.is_set()


async def test_an_ended_stream_does_not_end_the_newer_one() -> None:
    followers = Followers()
    with followers.follow("page"):
        entered = followers.follow("page")
        second = entered.__enter__()
    with followers.follow("page"):
        assert second.is_set()
    entered.__exit__(None, None, None)


async def test_a_closing_server_ends_them_all() -> None:
    followers = Followers()
    with followers.follow("page") as first, followers.follow("other") as second:
        followers.close()
        assert first.is_set()
        assert second.is_set()
