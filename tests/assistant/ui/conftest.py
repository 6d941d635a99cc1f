"""The page as a user would meet it: a real shop and engine behind a real server process."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant import wiring
from assistant.llm.engine import EngineHandle
from assistant.settings import DEFAULT_STORE, Settings

START_SECONDS = 180.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_open(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the demo ended before its page was open"
        try:
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            process.poll()
        time.sleep(0.5)
    raise AssertionError("the page did not open in time")


@pytest.fixture(scope="session")
def page_url(home: Path, engine: EngineHandle) -> Iterator[str]:
    """The address of `python -m assistant demo` on the session's engine; ends in a slash."""
    assert engine.owned or engine.base_url()
    wiring.prepare(Settings(home=home), DEFAULT_STORE, lambda _what, _share: None)
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant", "demo", "--port", str(port), "--no-browser"],
        env={**os.environ, "ASSISTANT_HOME": str(home)},
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        _wait_until_open(url, process)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) in {0, 130}
