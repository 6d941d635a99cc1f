"""Sentences out of deltas."""

from collections.abc import AsyncIterator

from hypothesis import given
from hypothesis import strategies as st

from assistant.dialogue.sentences import sentences


async def _deltas(*pieces: str) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


async def test_a_sentence_is_out_as_soon_as_it_is_complete() -> None:
    seen = [s async for s in sentences(_deltas("Milk is $2.", "49 now. ", "Add", " it? Yes"))]
    assert seen == ["Milk is $2.49 now.", "Add it?", "Yes"]


async def test_sizes_and_decimals_do_not_end_a_sentence() -> None:
    seen = [s async for s in sentences(_deltas("Chips, 9 oz. bag at $2.49. Good!"))]
    assert seen == ["Chips, 9 oz. bag at $2.49.", "Good!"]


@given(st.text(alphabet="ab .!?\n$2", max_size=60), st.integers(min_value=1, max_value=7))
async def test_the_cut_of_the_stream_does_not_change_the_sentences(text: str, size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    streamed = [sentence async for sentence in sentences(_deltas(*pieces))]
    assert "".join("".join(streamed).split()) == "".join(text.split())
