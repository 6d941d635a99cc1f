"""`demo`: prepare, start engine and page, and clean up behind itself."""

import errno
import signal
import socket
import sys
import webbrowser
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Timer

from assistant import wiring
from assistant.catalog.bundled import BUNDLED
from assistant.commands.progress import progress_bars
from assistant.errors import ConfigurationError
from assistant.settings import Settings

HOST = "127.0.0.1"


def run(settings: Settings, store: str | None, port: int, browser: bool) -> None:
    """Serve the shop on this machine until Ctrl-C or SIGTERM."""
    _require_free(port)
    # The server ends the process by the signal that stopped it; what is held must be let go first.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    name = store or settings.store
    with ExitStack() as held:
        # The store opens while the engine starts: each waits a good while for its own imports.
        with progress_bars() as report, ThreadPoolExecutor(1) as beside:
            names = _stores(name, wiring.loaded_stores(settings))
            for each in names:
                wiring.prepare(settings, each, report)
            report("Opening the shop", None)
            opening = beside.submit(_open, settings, names)
            model = held.enter_context(wiring.open_model(settings, report))
            shops = [
                held.enter_context(wiring.open_shop(store, model)) for store in opening.result()
            ]
        _serve(shops, port, browser)


def _stores(first: str, loaded: Collection[str]) -> tuple[str, ...]:
    """Return the stores to serve: the one that is asked for, then those that cost no waiting."""
    if first not in BUNDLED:
        return (first,)
    along = (name for name, store in BUNDLED.items() if store.light or name in loaded)
    return (first, *(name for name in along if name != first))


def _open(settings: Settings, names: Sequence[str]) -> list[wiring.OpenStore]:
    """Open stores on one database and one embedder."""
    first = wiring.open_store(settings, names[0])
    others = (
        wiring.open_store(settings, name, first.database, first.embedder) for name in names[1:]
    )
    return [first, *others]


def _serve(shops: Sequence[wiring.Shop], port: int, browser: bool) -> None:
    from assistant.ui.app import build_app
    from assistant.ui.server import serve

    url = f"http://{HOST}:{port}"
    sys.stderr.write(f"The shop is open at {url} (Ctrl-C closes it).\n")
    if browser:
        opener = Timer(1.0, webbrowser.open, [url])
        opener.daemon = True
        opener.start()
    serve(build_app(shops, demo=True), HOST, port)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            cause = "is in use; stop the program that uses it" if taken else "is not allowed here"
            raise ConfigurationError(
                f"Port {port} {cause}, or choose another with --port."
            ) from error
