"""The web application: the shop page, the page about it, and their files."""

from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from assistant.ui.desk_app import mount_desk
from assistant.ui.pieces import STATIC
from assistant.ui.render import Renderer
from assistant.ui.security import PageSecurity
from assistant.ui.shop_page import ShopPage, shop_blocks
from assistant.wiring import Shop

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")


def build_app(shop: Shop, *, demo: bool) -> FastAPI:
    """Build the pages of one shop; `demo` adds the picker that signs in without a password."""
    # The pages' own table may be younger than the database.
    shop.database.create_all()
    app = FastAPI(title=shop.catalogue.store.title, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.demo = demo
    # Without our own Gradio would allow other origins to read answers with the visitor's cookie.
    app.add_middleware(CORSMiddleware, allow_origins=[])
    app.add_middleware(PageSecurity)
    if demo:
        # A page elsewhere whose name is made to resolve to this machine must not get in.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK])
    about = Renderer(shop.catalogue.store).about(demo)
    app.add_api_route("/about", lambda: HTMLResponse(about), include_in_schema=False)
    app.mount("/page", StaticFiles(directory=STATIC))
    page = ShopPage(shop, demo=demo)
    blocks = shop_blocks(page, shop.catalogue.store.title)
    options: dict[str, Any] = {
        "footer_links": [],
        "run_history": False,
        "show_error": False,
        "ssr_mode": False,
        "enable_monitoring": False,
        "max_file_size": 1,
        "theme": gr.themes.Base(font=list(_SANS), font_mono=["ui-monospace", "monospace"]),
        # Not `css_paths`: Gradio prefixes those rules and so breaks :root in media queries.
        "head": '<link rel="stylesheet" href="page/shop.css">',
    }
    end_desk = mount_desk(app, shop, "", options)
    gr.mount_gradio_app(app, blocks, path="/", **options)

    def end_streams() -> None:
        end_desk()
        page.close()
        blocks.app.stop_event.set()

    app.state.end_streams = end_streams
    return app
