"""`demo`: ports that cannot be had, and a page that opens and closes in order."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from assistant.commands.demo import _stores
from tests.assistant.commands.conftest import Command
from tests.assistant.little_shop import STORE


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_in_use_gives_one_sentence_and_a_way_on(command: Command, taken: int) -> None:
    ended = command("demo", "--no-browser", "--port", str(taken))
    assert (ended.status, ended.out) == (3, "")
    assert ended.err == (
        f"Port {taken} is in use; stop the program that uses it, or choose another with --port.\n"
    )


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http"])
def test_what_is_no_port_is_bad_usage(command: Command, port: str) -> None:
    ended = command("demo", "--no-browser", f"--port={port}")
    assert (ended.status, ended.out) == (2, "")


@pytest.mark.parametrize(
    ("first", "loaded", "served"),
    [
        ("completejourney", (), ("completejourney", "merrowby")),
        ("merrowby", (), ("merrowby",)),
        ("merrowby", ("completejourney",), ("merrowby", "completejourney")),
        ("imported", ("completejourney", "imported"), ("imported",)),
    ],
)
def test_stores_that_cost_no_waiting_are_served_beside_the_one_asked_for(
    first: str, loaded: tuple[str, ...], served: tuple[str, ...]
) -> None:
    assert _stores(first, loaded) == served


@pytest.mark.browser
def test_the_page_opens_without_an_engine_and_closes_on_sigterm(shop_home: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    settings = {
        "ASSISTANT_HOME": str(shop_home),
        "ASSISTANT_ENGINE_URL": "http://127.0.0.1:9/v1",
        # A hub model is fetched by its engine, so there is none to convert here.
        "ASSISTANT_MODEL": "owner/name",
    }
    arguments = ["demo", "--no-browser", "--store", STORE.name, "--port", str(port)]
    with subprocess.Popen(
        [sys.executable, "-m", "assistant", *arguments],
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as page:
        assert page.stdout and page.stderr
        opened = any(f"The shop is open at http://127.0.0.1:{port}" in line for line in page.stderr)
        assert opened
        assert status_of_about(port) == 200
        page.send_signal(signal.SIGTERM)
        assert page.wait(timeout=60) == 128 + signal.SIGTERM
        assert page.stdout.read() == ""


def status_of_about(port: int) -> int:
    """Ask until the server, which is just starting, answers."""
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/about")
            return connection.getresponse().status
        except ConnectionRefusedError:
            continue
        finally:
            connection.close()
