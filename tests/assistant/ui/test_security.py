import re

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from assistant.ui.security import COOKIE, PageSecurity, session_token

TOKEN = "a" * 43


async def page(request: Request) -> HTMLResponse:
    assert "accept-encoding" not in request.headers
    return HTMLResponse("<p>é</p><script>1</script><script src='x'></script>")


async def other(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("<script>")


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/", page), Route("/x", other), Route("/gradio_api/upload", other)]
    return TestClient(PageSecurity(Starlette(routes=routes)))


def test_a_first_visit_gets_a_cookie_that_scripts_cannot_read(client: TestClient) -> None:
    header = client.get("/").headers["set-cookie"]
    assert re.match(rf"{COOKIE}=[A-Za-z0-9_-]{{43}}; ", header)
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Secure" not in header


def test_over_https_the_cookie_stays_there() -> None:
    app = PageSecurity(Starlette(routes=[Route("/", page)]))
    header = TestClient(app, base_url="https://testserver").get("/").headers["set-cookie"]
    assert header.endswith("Secure")


def test_a_known_browser_keeps_its_cookie(client: TestClient) -> None:
    client.cookies.set(COOKIE, TOKEN)
    assert "set-cookie" not in client.get("/").headers


def test_only_pages_set_cookies(client: TestClient) -> None:
    assert "set-cookie" not in client.get("/x").headers


def test_inline_scripts_run_only_with_the_pages_nonce(client: TestClient) -> None:
    first, second = client.get("/"), client.get("/")
    nonce = re.search(r"'nonce-([^']+)'", first.headers["content-security-policy"])
    assert nonce is not None
    assert first.text.count(f'<script nonce="{nonce[1]}"') == 2
    assert "unsafe-inline" not in first.headers["content-security-policy"].split("style-src")[0]
    assert second.headers["content-security-policy"] != first.headers["content-security-policy"]
    assert client.get("/x").text == "<script>"


def test_no_other_host_may_serve_or_frame_the_page(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    assert "http" not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_uploads_are_not_served(client: TestClient) -> None:
    assert client.post("/gradio_api/upload").status_code == 404


@pytest.mark.parametrize("cookie", ["", "other=1", f"{COOKIE}=short", f"{COOKIE}={'é' * 43}"])
def test_what_is_no_token_is_not_taken_for_one(cookie: str) -> None:
    assert session_token(Headers({"cookie": cookie})) is None


def test_a_token_is_read_among_other_cookies() -> None:
    assert session_token(Headers({"cookie": f"a=1; {COOKIE}={TOKEN}; b=2"})) == TOKEN


def test_another_stores_page_is_a_page_and_takes_no_uploads_either() -> None:
    paths = ("/stores/merrowby/", "/stores/merrowby/about")
    routes = [Route(path, page) for path in paths]
    routes.append(Route("/stores/merrowby/gradio_api/upload", other))
    client = TestClient(PageSecurity(Starlette(routes=routes)))
    assert client.get("/stores/merrowby/gradio_api/upload").status_code == 404
    for path in paths:
        assert '<script nonce="' in client.get(path).text
    assert (
        "Path=/;"
        in TestClient(PageSecurity(Starlette(routes=routes))).get(paths[0]).headers["set-cookie"]
    )
