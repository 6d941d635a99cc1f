"""What every response carries: the session's cookie, a content policy, and no way to upload."""

import re
import secrets
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "shop_session"
DESK_COOKIE = "desk_session"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_MONTH_SECONDS = 30 * 24 * 3600
# A store other than the first has its pages below its own path, as the desk has.
_STORE_PATH = re.compile(r"/stores/[A-Za-z0-9_-]+(?=/)")
_PAGES = ("/", "/about", "/desk/", "/desk/sign-in")
_REFUSED = re.compile(r"(?:/desk)?/(?:gradio_api/(?:upload|proxy=|file=)|monitoring)")


class PageSecurity:
    """ASGI middleware around the pages.

    Gradio compiles its templates in the browser, hence 'unsafe-eval'; inline scripts run only
    with the page's own nonce, so markup that slipped into a page would stay without effect.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _REFUSED.match(_path_in_store(scope)):
            await _refuse(send)
        else:
            response = _Response(scope, send)
            await self._app(response.scope, receive, response.send)


class _Response:
    """One response on its way out; HTML is held until complete, to get its nonce."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._nonce = secrets.token_urlsafe(16)
        self._secure = scope["scheme"] == "https"
        self._token = None if session_token(Headers(scope=scope)) else secrets.token_urlsafe(32)
        self._start: Message | None = None
        self._body = b""
        # Gradio would compress the page, and a compressed page cannot be given its nonce.
        plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        self._is_page = scope["method"] == "GET" and _path_in_store(scope) in _PAGES
        self.scope = {**scope, "headers": plain} if self._is_page else scope

    async def send(self, message: Message) -> None:
        """Pass a message on, with our headers on the first."""
        if message["type"] == "http.response.start":
            self._add_headers(MutableHeaders(scope=message))
        if not self._is_page:
            await self._send(message)
        elif message["type"] == "http.response.start":
            self._start = message
        else:
            await self._finish(message)

    async def _finish(self, message: Message) -> None:
        self._body += message.get("body", b"")
        if message.get("more_body") or self._start is None:
            return
        body = self._body.replace(b"<script", f'<script nonce="{self._nonce}"'.encode())
        MutableHeaders(scope=self._start)["content-length"] = str(len(body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})

    def _add_headers(self, headers: MutableHeaders) -> None:
        headers["content-security-policy"] = (
            f"default-src 'self'; script-src 'self' 'nonce-{self._nonce}' 'unsafe-eval';"
            " style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:;"
            " connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self';"
            " frame-ancestors 'none'"
        )
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "same-origin"
        if self._is_page:
            headers["cache-control"] = "no-store"
        if self._is_page and self._token:
            secure = "; Secure" if self._secure else ""
            headers.append(
                "set-cookie",
                f"{COOKIE}={self._token}; Max-Age={_MONTH_SECONDS}; Path=/; HttpOnly;"
                f" SameSite=Lax{secure}",
            )


def _path_in_store(scope: Scope) -> str:
    """The path that a request asks for, seen from its store's first page."""
    return _STORE_PATH.sub("", str(scope["path"]), count=1)


def session_token(headers: Headers) -> str | None:
    """Read the session's token from a request; None without one of the right shape."""
    return _token(headers, COOKIE)


def desk_token(headers: Headers) -> str | None:
    """Read an agent's session's token from a request; None without one of the right shape."""
    return _token(headers, DESK_COOKIE)


def _token(headers: Headers, name: str) -> str | None:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return morsel.value if morsel and _TOKEN.fullmatch(morsel.value) else None


async def _refuse(send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})
