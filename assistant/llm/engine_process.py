"""Run one command so that nothing it started outlives the process that wanted it.

A file of its own that imports only the standard library: it starts at once, and stays alive
when the engine or the parent is killed. Its standard input is a pipe from the parent; when that
closes, for whatever reason, the command's whole tree of processes is ended. What the command
writes goes to a log file of bounded size.
"""

import argparse
import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import BinaryIO

POLL_SECONDS = 0.25
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


class CappedLog:
    """An append-only file that starts over, keeping one older file, at `limit` bytes."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._file: BinaryIO | None = None

    def write(self, data: bytes) -> None:
        """Append `data`; a disk that is full costs log lines, never the engine."""
        try:
            if self._file is None:
                self._file = self._path.open("ab", buffering=0)
            if self._file.tell() + len(data) > self._limit:
                self._file.close()
                self.start_over()
                self._file = self._path.open("ab", buffering=0)
            self._file.write(data)
        except OSError:
            self._file = None

    def start_over(self) -> None:
        """Put what was logged so far aside, in place of what was put aside before."""
        with contextlib.suppress(OSError):
            self._path.replace(self._path.with_name(self._path.name + ".1"))


def prctl(option: int, value: int) -> None:
    """Set a process attribute where the system is Linux; elsewhere do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0)))


def children_of_all() -> dict[int, list[int]]:
    """Map each process id to the ids of its children; empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold spaces; the parent is the second field after it.
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    return children


def descendants() -> list[int]:
    """Return the ids of all processes below this one, parents before children."""
    children = children_of_all()
    found = [os.getpid()]
    for process in found:
        found.extend(children.get(process, ()))
    return found[1:]


def reap() -> None:
    """Collect ended children, those inherited from dead descendants included."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def send(signum: int, processes: Sequence[int]) -> None:
    """Signal each process that still exists."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signum)


def end_tree(grace: float) -> None:
    """Ask the children to stop, then end whatever is left after `grace` seconds.

    A child that stops may still need its own children; these are asked when it has left them.
    """
    asked: set[int] = set()
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline:
        reap()
        children = children_of_all().get(os.getpid(), [])
        if not children:
            return
        send(signal.SIGTERM, [child for child in children if child not in asked])
        asked.update(children)
        time.sleep(POLL_SECONDS / 5)
    # A process that forks while it is being ended is met again in the next round.
    for _ in range(100):
        reap()
        if not (left := descendants()):
            return
        send(signal.SIGKILL, left)
        time.sleep(POLL_SECONDS / 5)


class Stop(Exception):
    """The parent is gone or asked for the end."""


def supervise(process: subprocess.Popen[bytes], log: CappedLog, parent: int) -> int:
    """Copy output to the log until the command ends; return its exit status, or raise Stop."""
    assert process.stdout is not None
    watch = selectors.DefaultSelector()
    watch.register(process.stdout, selectors.EVENT_READ)
    watch.register(sys.stdin.buffer, selectors.EVENT_READ)
    while process.poll() is None:
        for key, _ in watch.select(POLL_SECONDS):
            data = os.read(key.fd, 65536)
            if key.fileobj is process.stdout:
                log.write(data)
            if not data and key.fileobj is not process.stdout:
                raise Stop
            if not data:
                watch.unregister(key.fileobj)
        # A fork of the parent may hold the pipe open after the parent's death.
        if os.getppid() != parent:
            raise Stop
    os.set_blocking(process.stdout.fileno(), False)
    while rest := process.stdout.read(65536):
        log.write(rest)
    return process.returncode


def stop_on_signal(_signum: int, _frame: FrameType | None) -> None:
    """Turn the first signal into the orderly end, which no second one interrupts."""
    ignore_signals()
    raise Stop


def ignore_signals() -> None:
    """Let nothing interrupt the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def main(arguments: Sequence[str]) -> int:
    """Run the command named after `--` and return its exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--log-limit", type=int, required=True)
    parser.add_argument("--grace", type=float, required=True)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, stop_on_signal)
    signal.signal(signal.SIGTERM, stop_on_signal)
    log = CappedLog(options.log, options.log_limit)
    log.start_over()
    try:
        process = subprocess.Popen(
            options.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Should even this process be killed, the kernel ends the command.
            preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
        )
        return supervise(process, log, options.parent)
    except Stop:
        return 0
    finally:
        ignore_signals()
        end_tree(options.grace)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
