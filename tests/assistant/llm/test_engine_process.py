import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from assistant.llm import engine_process
from assistant.llm.engine_process import CappedLog

# Ignores the polite request to end, and so does its child, which leaves the process group too.
STUBBORN = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True)"
process = subprocess.Popen(
    [sys.executable, "-c", child + "; signal.pause()"],
    start_new_session=True, stdout=subprocess.PIPE,
)
process.stdout.readline()
print("ready", os.getpid(), process.pid, flush=True)
signal.pause()
"""

PARENT = """
import signal, subprocess, sys
wrapper = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)
print(wrapper.pid, flush=True)
signal.pause()
"""


def wrapper_command(log: Path, parent: int | str, *command: str, grace: float = 0.2) -> list[str]:
    return [
        *(sys.executable, "-I", engine_process.__file__, "--parent", str(parent)),
        *("--log", str(log), "--log-limit", "100000", "--grace", str(grace), "--"),
        *command,
    ]


def start_wrapper(log: Path, *command: str, grace: float = 0.2) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        wrapper_command(log, os.getpid(), *command, grace=grace),
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


# A line counts when it has ended: the file of half a line is one without a last newline.
_UNTIL = 'until [ -z "$(tail -c 1 "$2" 2>/dev/null)" ] && grep -s "^$1" "$2"; do sleep 0.02; done'


def wait_for_line(log: Path, beginning: str) -> list[str]:
    """Return the words of the log's line that begins so, as soon as it is there."""
    reader = subprocess.run(
        ["timeout", "20", "sh", "-c", _UNTIL, "sh", beginning, str(log)],
        capture_output=True,
        text=True,
        check=True,
    )
    return reader.stdout.split()


def processes_of(log: Path) -> list[psutil.Process]:
    _, *pids = wait_for_line(log, "ready")
    return [psutil.Process(int(pid)) for pid in pids]


def assert_all_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert alive == []


def test_killed_parent_takes_the_whole_tree_along(tmp_path: Path) -> None:
    log = tmp_path / "log"
    # "$PPID" cannot be known beforehand, so a shell that becomes the parent passes its own id.
    script = 'exec "$0" -c "$1" "$2" -I "$3" --parent $$ "${@:4}"'
    wrapper = wrapper_command(log, "x", sys.executable, "-c", STUBBORN)
    parent = subprocess.Popen(
        ["bash", "-c", script, sys.executable, PARENT, wrapper[0], wrapper[2], *wrapper[5:]],
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    wrapper_pid = int(parent.stdout.readline())
    tree = [psutil.Process(wrapper_pid), *processes_of(log)]
    parent.kill()
    parent.wait()
    assert_all_gone(tree)


def test_closed_pipe_ends_the_tree_and_the_wrapper_in_order(tmp_path: Path) -> None:
    wrapper = start_wrapper(tmp_path / "log", sys.executable, "-c", STUBBORN)
    tree = processes_of(tmp_path / "log")
    assert wrapper.stdin is not None
    wrapper.stdin.close()
    assert wrapper.wait(10) == 0
    assert_all_gone(tree)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_signal_to_the_wrapper_ends_the_tree(tmp_path: Path, signum: signal.Signals) -> None:
    wrapper = start_wrapper(tmp_path / "log", sys.executable, "-c", STUBBORN)
    tree = processes_of(tmp_path / "log")
    wrapper.send_signal(signum)
    assert wrapper.wait(10) == 0
    assert_all_gone(tree)


def test_killed_command_does_not_leave_its_children(tmp_path: Path) -> None:
    wrapper = start_wrapper(tmp_path / "log", sys.executable, "-c", STUBBORN)
    command, child = processes_of(tmp_path / "log")
    command.kill()
    assert wrapper.wait(10) != 0
    assert_all_gone([command, child])


def test_killed_wrapper_takes_the_command_along(tmp_path: Path) -> None:
    wrapper = start_wrapper(tmp_path / "log", sys.executable, "-c", STUBBORN)
    command, child = processes_of(tmp_path / "log")
    wrapper.kill()
    wrapper.wait()
    assert_all_gone([command])
    child.kill()


def test_status_and_output_of_the_command_are_passed_on(tmp_path: Path) -> None:
    wrapper = start_wrapper(
        tmp_path / "log", sys.executable, "-c", "import sys; print('out'); sys.exit('broken')"
    )
    assert wrapper.wait(10) == 1
    assert sorted((tmp_path / "log").read_text().splitlines()) == ["broken", "out"]


def test_polite_command_gets_its_time(tmp_path: Path) -> None:
    polite = (
        "import signal, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit(0)))\n"
        "print('ready', flush=True)\n"
        "signal.pause()"
    )
    wrapper = start_wrapper(tmp_path / "log", sys.executable, "-c", polite, grace=20)
    wait_for_line(tmp_path / "log", "ready")
    wrapper.send_signal(signal.SIGTERM)
    assert wrapper.wait(10) == 0


def test_new_run_puts_the_earlier_log_aside(tmp_path: Path) -> None:
    for word in ("first", "second"):
        start_wrapper(tmp_path / "log", "echo", word).wait(10)
    assert (tmp_path / "log").read_text() == "second\n"
    assert (tmp_path / "log.1").read_text() == "first\n"


def test_log_stays_below_twice_its_limit(tmp_path: Path) -> None:
    log = CappedLog(tmp_path / "log", limit=100)
    for _ in range(50):
        log.write(b"0123456789")
    assert (tmp_path / "log").stat().st_size <= 100
    assert (tmp_path / "log.1").stat().st_size <= 100
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.1"]


def test_log_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    CappedLog(tmp_path / "absent" / "log", limit=100).write(b"lost")
    assert not (tmp_path / "absent").exists()
