"""The web application: the shop page, the page about it, and their files."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from assistant.ui.desk_app import mount_desk
from assistant.ui.pieces import STATIC
from assistant.ui.render import Renderer, StoreLink
from assistant.ui.security import PageSecurity
from assistant.ui.shop_page import ShopPage, shop_blocks
from assistant.wiring import Shop

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")


def build_app(shops: Sequence[Shop], *, demo: bool) -> FastAPI:
    """Build the pages of one or more shops, the first at `/` and others at `/stores/NAME/`.

    `demo` adds the picker that signs in without a password.
    """
    first = shops[0].catalogue.store
    app = FastAPI(title=first.title, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.demo = demo
    # Without our own Gradio would allow other origins to read answers with the visitor's cookie.
    app.add_middleware(CORSMiddleware, allow_origins=[])
    app.add_middleware(PageSecurity)
    if demo:
        # A page elsewhere whose name is made to resolve to this machine must not get in.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK])
    # What is mounted at / takes every path that is left, so the first shop comes last.
    ends = [_mount(app, shop, shops, demo=demo) for shop in reversed(shops)]

    def end_streams() -> None:
        for end in ends:
            end()

    app.state.end_streams = end_streams
    return app


def _mount(app: FastAPI, shop: Shop, shops: Sequence[Shop], *, demo: bool) -> Callable[[], None]:
    """Mount a shop's pages; returns what ends the streams they hold open."""
    # The pages' own table may be younger than the database.
    shop.database.create_all()
    store = shop.catalogue.store
    path = _path(shop, shops)
    about = Renderer(store).about(demo)
    app.add_api_route(f"{path}/about", lambda: HTMLResponse(about), include_in_schema=False)
    app.mount(f"{path}/page", StaticFiles(directory=STATIC))
    others = [_link(other, path, shops) for other in shops if other is not shop]
    page = ShopPage(shop, demo=demo, others=others)
    blocks = shop_blocks(page, store.title)
    app.add_api_route(f"{path}/memory.json", page.export, include_in_schema=False)
    end_desk = mount_desk(app, shop, path, _options("../page", "shop", "desk"))
    gr.mount_gradio_app(app, blocks, path=path or "/", **_options("page", "shop"))

    def end() -> None:
        end_desk()
        page.close()
        blocks.app.stop_event.set()

    return end


def _options(folder: str, *sheets: str) -> dict[str, Any]:
    """Return how Gradio is to serve a page with style sheets of a folder, relative to the page."""
    # Not `css_paths`: Gradio prefixes those rules and so breaks :root in media queries.
    links = (f'<link rel="stylesheet" href="{folder}/{sheet}.css">' for sheet in sheets)
    return {
        "footer_links": [],
        "run_history": False,
        "show_error": False,
        "ssr_mode": False,
        "enable_monitoring": False,
        "max_file_size": 1,
        "theme": gr.themes.Base(font=list(_SANS), font_mono=["ui-monospace", "monospace"]),
        "head": "".join(links),
    }


def _path(shop: Shop, shops: Sequence[Shop]) -> str:
    return "" if shop is shops[0] else f"/stores/{shop.catalogue.store.name}"


def _link(shop: Shop, here: str, shops: Sequence[Shop]) -> StoreLink:
    """Link to a shop from the page of another, `here`; relative, so that a proxy may add a path."""
    up = "../../" if here else ""
    there = _path(shop, shops).removeprefix("/")
    return StoreLink(shop.catalogue.store.title, f"{up}{there}/" if there else up or ".")
