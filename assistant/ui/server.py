"""Serve the pages until interrupted."""

from collections.abc import Callable
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from assistant.errors import ConfigurationError

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve an app; raises ConfigurationError for a demonstration beyond this machine."""
    require_loopback(app, host)
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=3
    )
    # Ctrl-C is how a page is closed; uvicorn raises it again once it has ended in good order.
    with suppress(KeyboardInterrupt):
        _Server(config, app.state.end_streams).run()


def require_loopback(app: FastAPI, host: str) -> None:
    """Refuse a demonstration, which signs anybody in, on an address others can reach."""
    if app.state.demo and host not in _LOOPBACK:
        raise ConfigurationError(
            f"The demonstration signs anybody in without a password, so it may not listen on"
            f" {host}; use 127.0.0.1."
        )


class _Server(uvicorn.Server):
    """Ends the streams that open pages hold, which would otherwise be waited for and then cut."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the streams, then the server."""
        self._end_streams()
        super().handle_exit(sig, frame)
