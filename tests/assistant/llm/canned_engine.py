"""A server on loopback that gives each request the bytes, or the silence, a test chose."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

HANG = b"hang"


@dataclass(slots=True)
class CannedEngine:
    """Answers `models` to a look and `chat` to a chat request, then closes the connection.

    HANG in either place keeps the connection open without a word; `hung_up` tells when the other
    side has closed such a one.
    """

    chat: bytes = b""
    models: bytes = b""
    port: int = 0
    bodies: list[dict[str, object]] = field(default_factory=list)
    looks: int = 0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"GET"):
            self.looks += 1
            answer = self.models
        else:
            self.bodies.append(json.loads(await reader.readexactly(_length(head))))
            answer = self.chat
        writer.write(answer.removesuffix(HANG))
        await writer.drain()
        if answer.endswith(HANG):
            await reader.read()
            self.hung_up.set()
        writer.close()


def _length(head: bytes) -> int:
    lines = head.decode().lower().split("\r\n")
    return next(int(line[15:]) for line in lines if line.startswith("content-length:"))


def reply(document: object, status: str = "200 OK") -> bytes:
    """Return a whole HTTP answer with a JSON body."""
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def completion(text: str, finish_reason: str = "stop") -> bytes:
    """Return a whole chat completion."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish_reason,
    }
    usage = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}
    return reply({"id": "x", "object": "chat.completion", "choices": [choice], "usage": usage})


def events(*documents: object, whole: bool = True) -> bytes:
    """Return a stream of server-sent events, broken off before its end unless `whole`."""
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    lines = [f"data: {json.dumps(document)}\n\n" for document in documents]
    chunks = [*lines, "data: [DONE]\n\n"] if whole else lines
    body = "".join(f"{len(chunk.encode()):x}\r\n{chunk}\r\n" for chunk in chunks)
    return head + body.encode() + (b"0\r\n\r\n" if whole else b"")


def delta(text: str, finish_reason: str | None = None) -> dict[str, object]:
    """Return one chunk of a streamed answer."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish_reason}
    return {"id": "x", "object": "chat.completion.chunk", "choices": [choice]}


def usage_chunk() -> dict[str, object]:
    """Return the last chunk, which holds only the usage."""
    usage = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}
    return {"id": "x", "object": "chat.completion.chunk", "choices": [], "usage": usage}


@contextlib.asynccontextmanager
async def canned_engine(
    chat: bytes = b"", models: bytes | None = None
) -> AsyncIterator[CannedEngine]:
    """Serve until the block ends."""
    engine = CannedEngine(chat, reply({"object": "list", "data": []}) if models is None else models)
    server = await asyncio.start_server(engine.serve, "127.0.0.1", 0)
    engine.port = server.sockets[0].getsockname()[1]
    try:
        yield engine
    finally:
        server.close()
