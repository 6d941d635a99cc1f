"""Share one engine among the processes that use a data home."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from assistant.llm.disk import disk_errors_explained
from assistant.llm.engine_child import Engine, EngineHandle, served_digest
from assistant.llm.engine_command import EngineOptions
from assistant.llm.engine_record import (
    POLL_SECONDS,
    EngineRecord,
    end_leftovers,
    read_record,
    start_lock,
)
from assistant.llm.learned import learned_prompts
from assistant.llm.model_store import ModelFolder, Progress

__all__ = ["EngineHandle", "EngineOptions", "acquire_engine"]

WAITING = "Waiting for the language engine that another process starts"
# How long a process waits for the owner of a dead engine to restart it, before it starts its own.
OWNER_PATIENCE_SECONDS = 60.0


class _TookTooLong(Exception):
    """Another process holds the start lock for longer than the end of this one may take."""


@contextlib.contextmanager
def acquire_engine(
    model: ModelFolder,
    home: Path,
    progress: Progress,
    options: EngineOptions | None = None,
    *,
    patience: float = 10.0,
) -> Iterator[EngineHandle]:
    """Use the engine recorded in `home`, or start one and stop it at the end.

    At the end an owner gives other processes up to `patience` seconds to finish with the engine.
    Raises ConfigurationError when no engine can be started.
    """
    with disk_errors_explained(home):
        home.mkdir(parents=True, exist_ok=True)
    learned = learned_prompts(model, home)
    options = options or EngineOptions()
    digest = served_digest(model, learned, options.extra)
    engine = Engine(model, home, options, learned)
    give_up = time.monotonic() + OWNER_PATIENCE_SECONDS
    with contextlib.ExitStack() as held:
        while True:
            with start_lock(home, lambda: progress(WAITING, None)):
                record = _record_of(digest, home)
                if record is not None and record.is_usable():
                    held.enter_context(_lease(home))
                    handle = _attached(home, record, model, learned=learned is not None)
                    break
                if record is None or not record.is_owned() or time.monotonic() > give_up:
                    held.callback(_stop_owned, engine, home, patience)
                    engine.start(progress)
                    handle = engine.handle
                    break
            # Its owner lives and is about to restart it, for which it needs the lock.
            progress(WAITING, None)
            time.sleep(POLL_SECONDS)
        yield handle


def _record_of(digest: str, home: Path) -> EngineRecord | None:
    record = read_record(home)
    if record is None:
        return None
    if not record.is_owned():
        end_leftovers(record)
    return record if record.digest == digest else None


def _attached(
    home: Path, record: EngineRecord, model: ModelFolder, *, learned: bool
) -> EngineHandle:
    def base_url() -> str:
        current = read_record(home)
        same = current is not None and current.digest == record.digest
        return current.base_url if current is not None and same else record.base_url

    return EngineHandle(
        base_url, record.api_key, record.model, model.digest, learned=learned, owned=False
    )


def _stop_owned(engine: Engine, home: Path, patience: float) -> None:
    engine.stop_restarting()
    deadline = time.monotonic() + patience

    def check_deadline() -> None:
        if time.monotonic() > deadline:
            raise _TookTooLong

    try:
        with contextlib.suppress(_TookTooLong), start_lock(home, check_deadline):
            # Who comes now waits for the lock, and then finds no engine to attach to.
            _wait_unused(home, deadline)
            engine.stop()
    finally:
        engine.stop()


def _wait_unused(home: Path, deadline: float) -> None:
    with _users_file(home) as users:
        while time.monotonic() < deadline:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(POLL_SECONDS)
            else:
                return


@contextlib.contextmanager
def _lease(home: Path) -> Iterator[None]:
    """Tell the engine's owner that it is in use; a process that dies gives its lease back."""
    with _users_file(home) as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def _users_file(home: Path) -> Iterator[int]:
    handle = os.open(home / "engine.users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)
