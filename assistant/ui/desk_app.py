"""The desk on the web: its sign-in, its door, and the page behind it."""

from collections.abc import Awaitable, Callable
from typing import Any

import gradio as gr
from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.desk.agents import SHIFT, Agents
from assistant.errors import AssistantError, SignInRefused
from assistant.ui.desk_page import DeskPage, desk_blocks
from assistant.ui.render import Renderer
from assistant.ui.security import DESK_COOKIE, desk_token
from assistant.wiring import Shop

_MOST_BYTES = 4096


class DeskDoor:
    """ASGI middleware that sends who is not signed in from the desk's page to its sign-in."""

    def __init__(self, app: ASGIApp, path: str, agents: Agents) -> None:
        self._app = app
        self._path = path
        self._agents = agents

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        asked = scope["type"] == "http" and scope["path"] in (self._path, f"{self._path}/")
        if not asked:
            await self._app(scope, receive, send)
            return
        token = desk_token(Headers(scope=scope))
        inside = await run_in_threadpool(self._agents.signed_in, token)
        if inside is None or scope["path"] == self._path:
            # Relative to where the page is, so that it holds behind a proxy's prefix as well.
            name = self._path.rpartition("/")[2]
            prefix = f"{name}/" if scope["path"] == self._path else ""
            goal = prefix if inside else f"{prefix}sign-in"
            await RedirectResponse(goal, status_code=303)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class SignIn:
    """The form that lets agents in, and the way out."""

    def __init__(self, agents: Agents, renderer: Renderer) -> None:
        self._agents = agents
        self._renderer = renderer

    async def form(self) -> Response:
        """Show the form."""
        return self._form("", "")

    async def enter(self, request: Request) -> Response:
        """Check name and password; set the session's cookie where they are right."""
        if int(request.headers.get("content-length") or _MOST_BYTES + 1) > _MOST_BYTES:
            return Response(status_code=413)
        if not _same_origin(request):
            return Response(status_code=403)
        sent = await request.form()
        name, password = str(sent.get("name", "")).strip(), str(sent.get("password", ""))
        address = request.client.host if request.client else ""
        try:
            token = await run_in_threadpool(self._agents.sign_in, name, password, address)
        except AssistantError as error:
            status = 401 if isinstance(error, SignInRefused) else 429
            return self._form(name[:64], str(error), status)
        response = RedirectResponse(".", status_code=303)
        response.set_cookie(
            DESK_COOKIE,
            token,
            max_age=int(SHIFT.total_seconds()),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return response

    async def leave(self, request: Request) -> Response:
        """End the session."""
        token = desk_token(request.headers)
        if token is not None and _same_origin(request):
            await run_in_threadpool(self._agents.sign_out, token)
        response = RedirectResponse("sign-in", status_code=303)
        response.delete_cookie(DESK_COOKIE, httponly=True, samesite="strict")
        return response

    def _form(self, name: str, complaint: str, status: int = 200) -> Response:
        html = self._renderer.page("desk/sign_in.html", name=name, complaint=complaint)
        return HTMLResponse(html, status)


def add_door(app: FastAPI, desk: str, agents: Agents, renderer: Renderer) -> None:
    """Add the sign-in of the desk at the path `desk`, and what sends people there."""
    sign_in = SignIn(agents, renderer)
    app.add_middleware(DeskDoor, path=desk, agents=agents)
    for way, method, handler in (
        ("sign-in", "GET", sign_in.form),
        ("sign-in", "POST", sign_in.enter),
        ("sign-out", "POST", sign_in.leave),
    ):
        app.add_api_route(f"{desk}/{way}", handler, methods=[method], include_in_schema=False)


def mount_desk(app: FastAPI, shop: Shop, path: str, options: dict[str, Any]) -> Callable[[], None]:
    """Mount a shop's desk at `<path>/desk`; return what ends the streams of its open pages.

    Mount it before the shop, whose own path takes in everything below it. `options` are
    how Gradio serves it.
    """
    desk = f"{path}/desk"
    page = DeskPage(shop, assets="../page")
    add_door(app, desk, shop.agents, page.renderer)
    blocks = desk_blocks(page, shop.catalogue.store.title)
    gr.mount_gradio_app(
        app,
        blocks,
        path=desk,
        auth_dependency=_agent_of(shop.agents),
        **options,
    )

    def end_streams() -> None:
        page.close()
        blocks.app.stop_event.set()

    return end_streams


def _agent_of(agents: Agents) -> Callable[[Request], Awaitable[str | None]]:
    async def agent_of(request: Request) -> str | None:
        return await run_in_threadpool(agents.signed_in, desk_token(request.headers))

    return agent_of


def _same_origin(request: Request) -> bool:
    """Tell whether a form came from this site; browsers that name no origin are let through."""
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")
