import pytest
from fastapi import FastAPI

from assistant.errors import ConfigurationError
from assistant.ui.server import require_loopback


def an_app(*, demo: bool) -> FastAPI:
    app = FastAPI()
    app.state.demo = demo
    return app


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "shop.example"])
def test_a_demonstration_is_not_served_beyond_this_machine(host: str) -> None:
    with pytest.raises(ConfigurationError, match=r"use 127\.0\.0\.1"):
        require_loopback(an_app(demo=True), host)
    require_loopback(an_app(demo=False), host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_demonstration_is_served_to_this_machine(host: str) -> None:
    require_loopback(an_app(demo=True), host)
