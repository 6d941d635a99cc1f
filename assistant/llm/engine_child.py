"""One vLLM engine as a child process that this process owns and keeps alive."""

import contextlib
import hashlib
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assistant.errors import ConfigurationError
from assistant.llm import engine_process
from assistant.llm.disk import disk_errors_explained
from assistant.llm.engine_command import (
    LOG_LIMIT_BYTES,
    STOP_GRACE_SECONDS,
    EngineOptions,
    engine_command,
    engine_environment,
)
from assistant.llm.engine_log import failure_cause, read_tail, started_share
from assistant.llm.engine_record import (
    POLL_SECONDS,
    EngineRecord,
    answers,
    remove_record,
    start_lock,
    write_record,
)
from assistant.llm.learned import LearnedPrompts
from assistant.llm.model_store import ModelFolder, Progress

logger = logging.getLogger(__name__)

STARTING = "Starting the language engine"
RESTART_WINDOW_SECONDS = 600.0
LONGEST_BACKOFF_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class EngineHandle:
    """A running engine; `base_url()` changes when a restart had to take another port.

    `base_digest` is the model's, `learned` says that it serves learned prompts.
    """

    base_url: Callable[[], str]
    api_key: str
    model: str
    base_digest: str
    learned: bool
    owned: bool


def served_digest(
    model: ModelFolder, learned: LearnedPrompts | None, extra: Sequence[str] = ()
) -> str:
    """Return what tells engines apart: model, further options and how it serves learned prompts."""
    parts = [model.digest]
    if learned is not None:
        parts.append(learned.digest)
    if extra:
        parts.append(hashlib.sha256("\0".join(extra).encode()).hexdigest()[:12])
    return "-".join(parts)


class Engine:
    """One vLLM process tree that this process owns, restarted when it ends by itself."""

    def __init__(
        self,
        model: ModelFolder,
        home: Path,
        options: EngineOptions,
        learned: LearnedPrompts | None = None,
    ) -> None:
        self._model = model
        self._learned = learned
        self._digest = served_digest(model, learned, options.extra)
        self._home = home
        self._options = options
        self._key = secrets.token_urlsafe(24)
        self._port = options.port or _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    @property
    def log(self) -> Path:
        """The engine's log file."""
        return self._home / "logs" / "engine.log"

    @property
    def handle(self) -> EngineHandle:
        """What a chat client needs."""
        return EngineHandle(
            lambda: f"http://127.0.0.1:{self._port}/v1",
            self._key,
            self._model.served_name,
            self._model.digest,
            learned=self._learned is not None,
            owned=True,
        )

    def start(self, progress: Progress) -> None:
        """Start the engine, wait until it answers, record it and keep watch over it.

        Raises ConfigurationError when it ends or is not ready in time.
        """
        with disk_errors_explained(self._home):
            self._start_once(progress)
        self._supervisor.start()

    def stop_restarting(self) -> None:
        """Let the engine run on, but not be started again when it ends."""
        self._stopping.set()

    def stop(self) -> None:
        """End the engine with all its processes and remove its record."""
        self.stop_restarting()
        if self._supervisor.is_alive():
            self._supervisor.join()
        self._end_process()

    def _start_once(self, progress: Progress) -> None:
        self._choose_port()
        self._process = self._launch()
        try:
            self._wait_ready(self._process, progress)
            write_record(self._home, self._record(self._process.pid))
        except BaseException:
            self._end_process()
            raise

    def _choose_port(self) -> None:
        if _is_free(self._port):
            return
        if self._port == self._options.port:
            raise ConfigurationError(
                f"Port {self._port} is in use: stop the program that uses it or choose another."
            )
        self._port = _free_port()

    def _launch(self) -> subprocess.Popen[bytes]:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        wrapper = [sys.executable, "-I", engine_process.__file__, "--parent", str(os.getpid())]
        wrapper += ["--log", str(self.log), "--log-limit", str(LOG_LIMIT_BYTES)]
        wrapper += ["--grace", str(STOP_GRACE_SECONDS), "--"]
        return subprocess.Popen(
            wrapper
            + engine_command(
                self._model, self._port, eager=self._options.eager, learned=self._learned
            )
            + list(self._options.extra),
            env=engine_environment(self._model, self._home, self._key, os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Ctrl-C in the terminal reaches only the parent, which then stops the engine in order.
            start_new_session=True,
        )

    def _wait_ready(self, process: subprocess.Popen[bytes], progress: Progress) -> None:
        deadline = time.monotonic() + self._options.start_timeout
        while not answers(self.handle.base_url(), self._key, self._model.served_name):
            text = read_tail(self.log)
            if process.poll() is not None:
                raise self._start_failure(failure_cause(text, process.returncode))
            if time.monotonic() > deadline:
                raise self._start_failure("it was not ready in time; close other programs")
            progress(STARTING, started_share(text))
            self._stopping.wait(POLL_SECONDS)
        progress(STARTING, 1.0)

    def _start_failure(self, cause: str) -> ConfigurationError:
        return ConfigurationError(
            f"The language engine did not start: {cause}. Its log is {self.log}."
        )

    def _record(self, pid: int) -> EngineRecord:
        return EngineRecord(
            pid=pid,
            port=self._port,
            api_key=self._key,
            model=self._model.served_name,
            digest=self._digest,
            owner=os.getpid(),
            started=datetime.now(UTC),
        )

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_GRACE_SECONDS + 5)
        _kill_group(process.pid)
        process.wait()
        remove_record(self._home, process.pid)

    def _supervise(self) -> None:
        """Restart the engine whenever it ends, unless it keeps ending."""
        restarts: list[float] = []
        while not self._stopping.wait(POLL_SECONDS):
            if self._process is not None and self._process.poll() is None:
                continue
            if self._process is not None:
                _kill_group(self._process.pid)
            earliest = time.monotonic() - RESTART_WINDOW_SECONDS
            restarts = [moment for moment in restarts if moment > earliest]
            if len(restarts) >= self._options.max_restarts:
                logger.error("The language engine keeps ending; its log is %s.", self.log)
                self._end_process()
                return
            self._stopping.wait(min(2.0 ** len(restarts) - 1, LONGEST_BACKOFF_SECONDS))
            restarts.append(time.monotonic())
            with contextlib.suppress(_Stopping):
                self._restart()

    def _restart(self) -> None:
        logger.warning("The language engine ended; it is started again.")
        with start_lock(self._home, self._check_stopping):
            self._check_stopping()
            self._end_process()
            try:
                self._start_once(lambda _what, _share: self._check_stopping())
            except (ConfigurationError, OSError) as error:
                logger.error("%s", error)

    def _check_stopping(self) -> None:
        if self._stopping.is_set():
            raise _Stopping


class _Stopping(Exception):
    """The engine is being stopped, so nothing is started any more."""


def _kill_group(group: int) -> None:
    """Kill what is left of the engine where its wrapper was killed and could not do it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
