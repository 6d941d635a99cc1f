"""Serve the pages until interrupted."""

import uvicorn
from fastapi import FastAPI

from assistant.errors import ConfigurationError

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve an app; raises ConfigurationError for a demonstration beyond this machine."""
    require_loopback(app, host)
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=2)


def require_loopback(app: FastAPI, host: str) -> None:
    """Refuse a demonstration, which signs anybody in, on an address others can reach."""
    if app.state.demo and host not in _LOOPBACK:
        raise ConfigurationError(
            f"The demonstration signs anybody in without a password, so it may not listen on"
            f" {host}; use 127.0.0.1."
        )
