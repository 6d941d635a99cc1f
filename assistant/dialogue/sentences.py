"""Sentences out of a stream of text deltas."""

import re
from collections.abc import AsyncIterator

_END = re.compile(r"(?<!\boz)(?<!\blb)(?<!\bct)(?<!\bvs)(?<!\bno)[.!?]+[\"')\]]*(?=\s)|\n+")


async def sentences(deltas: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield each sentence as soon as it is complete; the last one at the stream's end."""
    buffer = ""
    async for delta in deltas:
        buffer += delta
        while (end := _END.search(buffer)) is not None:
            sentence, buffer = buffer[: end.end()].strip(), buffer[end.end() :]
            if sentence:
                yield sentence
    if buffer.strip():
        yield buffer.strip()


def split_sentences(text: str) -> tuple[str, ...]:
    """Split a finished text into sentences."""
    parts, start = [], 0
    for end in _END.finditer(text):
        parts.append(text[start : end.end()].strip())
        start = end.end()
    parts.append(text[start:].strip())
    return tuple(part for part in parts if part)
