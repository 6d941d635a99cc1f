"""The note in the data home by which processes find the engine that is already running."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import httpx
import psutil
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

PROBE_SECONDS = 5.0
POLL_SECONDS = 0.3


class EngineRecord(BaseModel):
    """Where one engine listens; `pid` is its wrapper's and its process group's id."""

    model_config = ConfigDict(frozen=True)

    pid: int
    port: int
    api_key: str
    model: str
    digest: str
    owner: int
    started: datetime

    @property
    def base_url(self) -> str:
        """The OpenAI-compatible address."""
        return f"http://127.0.0.1:{self.port}/v1"

    def runs(self) -> bool:
        """Whether the engine's process still exists."""
        return _is_older(self.pid, self.started)

    def is_owned(self) -> bool:
        """Whether the process that started the engine still exists, to restart or stop it."""
        return _is_older(self.owner, self.started)

    def is_usable(self) -> bool:
        """Whether the engine runs, answers, and will be kept alive."""
        return self.runs() and self.is_owned() and answers(self.base_url, self.api_key, self.model)


def answers(base_url: str, api_key: str, model: str) -> bool:
    """Whether a healthy engine listens there that accepts this key and serves this model."""
    key = {"Authorization": f"Bearer {api_key}"}
    try:
        # Reading certificates, which plain HTTP does not need, would take longer than the calls.
        with httpx.Client(timeout=PROBE_SECONDS, trust_env=False, verify=False) as client:
            health = client.get(base_url.removesuffix("/v1") + "/health")
            models = client.get(f"{base_url}/models", headers=key)
    except httpx.HTTPError:
        return False
    return health.is_success and models.is_success and f'"{model}"' in models.text


def _is_older(pid: int, moment: datetime) -> bool:
    """Whether process `pid` exists and began before `moment`; a later one reuses the id."""
    try:
        process = psutil.Process(pid)
        return (
            process.create_time() <= moment.timestamp() + 1
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.NoSuchProcess:
        return False


def end_leftovers(record: EngineRecord) -> None:
    """Kill what is left of an engine whose owner and wrapper were both killed.

    A process of the group that is older than the record can be none but the engine's: the system
    gives a group's id to no other process while a member lives.
    """
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
            if os.getpgid(process.pid) == record.pid and _is_older(process.pid, record.started):
                process.kill()


def record_path(home: Path) -> Path:
    """Return where the record of `home` lies."""
    return home / "engine.json"


def read_record(home: Path) -> EngineRecord | None:
    """Return the record, or None where there is none that can be read."""
    try:
        return EngineRecord.model_validate_json(record_path(home).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write_record(home: Path, record: EngineRecord) -> None:
    """Replace the record in one step; it holds the key, so only its owner may read it."""
    handle, name = tempfile.mkstemp(prefix=".engine-", dir=home)
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(record.model_dump_json())
        Path(name).replace(record_path(home))
    except BaseException:
        Path(name).unlink()
        raise


def remove_record(home: Path, pid: int) -> None:
    """Remove the record where it is that of engine `pid`."""
    record = read_record(home)
    if record is not None and record.pid == pid:
        with contextlib.suppress(FileNotFoundError):
            record_path(home).unlink()


@contextlib.contextmanager
def start_lock(home: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the right to start or stop engines in `home`.

    While another process has it, `waiting` is called again and again; it may raise to give up.
    """
    lock = FileLock(home / "engine.lock")
    while not lock.is_locked:
        try:
            lock.acquire(timeout=POLL_SECONDS)
        except Timeout:
            waiting()
    try:
        yield
    finally:
        lock.release()
