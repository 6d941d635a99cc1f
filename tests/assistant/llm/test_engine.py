"""Sharing and keeping an engine, with a program in vLLM's place that starts at once."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from assistant.errors import ConfigurationError
from assistant.llm import engine_child
from assistant.llm.engine import EngineHandle, EngineOptions, acquire_engine
from assistant.llm.engine_record import (
    EngineRecord,
    answers,
    read_record,
    record_path,
    write_record,
)
from assistant.llm.learned import LearnedPrompts
from assistant.llm.model_store import ModelFolder
from tests.assistant.llm import stand_in_engine

MODEL = ModelFolder("/models/small", "abc123", "small", local=True)
OTHER_MODEL = ModelFolder("/models/large", "def456", "large", local=True)

# Another process that uses the engine: says what it got, then waits for its standard input.
CALLER = """
import json, sys
from pathlib import Path
from tests.assistant.llm import test_engine
from assistant.llm import engine_child
from assistant.llm.engine import acquire_engine
engine_child.engine_command = test_engine.stand_in_command
with acquire_engine(test_engine.MODEL, Path(sys.argv[1]), test_engine.ignore) as handle:
    print(json.dumps([handle.base_url(), handle.api_key, handle.owned]), flush=True)
    sys.stdin.read()
"""


def ignore(_what: str, _share: float | None) -> None:
    """Take no notice of progress."""


def stand_in_command(
    model: ModelFolder, port: int, *, eager: bool, learned: LearnedPrompts | None = None
) -> list[str]:
    return [sys.executable, stand_in_engine.__file__, str(port), model.served_name]


@pytest.fixture(autouse=True)
def quick_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_child, "engine_command", stand_in_command)


def fail_at_start(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    command = [sys.executable, "-c", program]
    monkeypatch.setattr(engine_child, "engine_command", lambda *_args, **_options: command)


def start_caller(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CALLER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def is_up(handle: EngineHandle) -> bool:
    return answers(handle.base_url(), handle.api_key, handle.model)


def recorded(home: Path) -> EngineRecord:
    record = read_record(home)
    assert record is not None
    return record


def tree_of(pid: int) -> list[psutil.Process]:
    wrapper = psutil.Process(pid)
    return [wrapper, *wrapper.children(recursive=True)]


def assert_all_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert alive == []


def wait_until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(400):
        if condition():
            return
        pause.wait(0.05)
    pytest.fail("the condition did not come true within 20 seconds")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def a_record(**changes: object) -> EngineRecord:
    fields: dict[str, object] = {
        "pid": os.getpid(),
        "port": free_port(),
        "api_key": "key",
        "model": MODEL.served_name,
        "digest": MODEL.digest,
        "owner": os.getpid(),
        "started": datetime.now(UTC),
    }
    return EngineRecord.model_validate(fields | changes)


def ended_process() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_owner_starts_records_and_stops_the_engine(tmp_path: Path) -> None:
    with acquire_engine(MODEL, tmp_path, ignore) as handle:
        record = recorded(tmp_path)
        tree = tree_of(record.pid)
        assert handle.owned
        assert is_up(handle)
        assert (record.base_url, record.api_key) == (handle.base_url(), handle.api_key)
        assert (record.model, record.digest) == ("small", "abc123")
        assert record_path(tmp_path).stat().st_mode & 0o777 == 0o600
        assert len(tree) == 3
    assert_all_gone(tree)
    assert read_record(tmp_path) is None


def test_key_is_not_on_any_command_line(tmp_path: Path) -> None:
    with acquire_engine(MODEL, tmp_path, ignore) as handle:
        lines = [process.cmdline() for process in tree_of(recorded(tmp_path).pid)]
        assert not any(handle.api_key in part for line in lines for part in line)


def test_second_use_attaches_and_does_not_stop_the_engine(tmp_path: Path) -> None:
    with acquire_engine(MODEL, tmp_path, ignore) as owner:
        with acquire_engine(MODEL, tmp_path, ignore) as user:
            assert not user.owned
            assert user.base_url() == owner.base_url()
        assert is_up(owner)


def test_concurrent_processes_share_one_engine(tmp_path: Path) -> None:
    callers = [start_caller(tmp_path) for _ in range(3)]
    answers_got = [json.loads(caller.stdout.readline()) for caller in callers if caller.stdout]
    assert len({(url, key) for url, key, _ in answers_got}) == 1
    assert [owned for _, _, owned in answers_got].count(True) == 1
    for caller in callers:
        assert caller.stdin is not None
        caller.stdin.close()
    for caller in callers:
        caller.wait(20)
        assert caller.returncode == 0
    assert read_record(tmp_path) is None


def test_owner_waits_for_others_to_finish(tmp_path: Path) -> None:
    owner = start_caller(tmp_path)
    assert owner.stdout is not None and owner.stdin is not None
    base_url, key, _ = json.loads(owner.stdout.readline())
    with acquire_engine(MODEL, tmp_path, ignore):
        owner.stdin.close()
        with pytest.raises(subprocess.TimeoutExpired):
            owner.wait(1)
        assert answers(base_url, key, "small")
    assert owner.wait(10) == 0
    assert not answers(base_url, key, "small")


def test_owner_does_not_wait_longer_than_its_patience(tmp_path: Path) -> None:
    with acquire_engine(MODEL, tmp_path, ignore, patience=0.1) as owner:
        user = start_caller(tmp_path)
        assert user.stdout is not None
        user.stdout.readline()
    assert not is_up(owner)
    user.communicate("")


def test_killed_owner_leaves_no_engine_and_its_record_is_replaced(tmp_path: Path) -> None:
    owner = start_caller(tmp_path)
    assert owner.stdout is not None
    owner.stdout.readline()
    stale = recorded(tmp_path)
    tree = tree_of(stale.pid)
    owner.kill()
    owner.communicate()
    assert_all_gone(tree)
    with acquire_engine(MODEL, tmp_path, ignore) as handle:
        assert handle.owned
        assert recorded(tmp_path).pid != stale.pid


def test_killed_owner_and_wrapper_leave_nothing_to_the_next_user(tmp_path: Path) -> None:
    owner = start_caller(tmp_path)
    assert owner.stdout is not None
    owner.stdout.readline()
    tree = tree_of(recorded(tmp_path).pid)
    os.kill(owner.pid, signal.SIGSTOP)
    tree[0].kill()
    owner.kill()
    owner.communicate()
    with acquire_engine(MODEL, tmp_path, ignore):
        assert_all_gone(tree)


@pytest.mark.parametrize(
    "changes",
    [
        {"pid": ended_process(), "owner": ended_process()},
        {"owner": ended_process()},
        {"started": datetime(2020, 1, 1, tzinfo=UTC)},
        {"digest": "another"},
    ],
    ids=["dead engine", "dead owner", "reused process ids", "other model"],
)
def test_stale_record_is_replaced(tmp_path: Path, changes: dict[str, object]) -> None:
    write_record(tmp_path, a_record(**changes))
    with acquire_engine(MODEL, tmp_path, ignore) as handle:
        assert handle.owned
        assert recorded(tmp_path).api_key == handle.api_key


@pytest.mark.parametrize("text", ["", "{", '{"pid": 1}', "null"])
def test_unreadable_record_is_replaced(tmp_path: Path, text: str) -> None:
    record_path(tmp_path).write_text(text)
    with acquire_engine(MODEL, tmp_path, ignore) as handle:
        assert recorded(tmp_path).api_key == handle.api_key


def test_engine_that_does_not_answer_is_replaced_when_its_owner_does_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.llm.engine.OWNER_PATIENCE_SECONDS", 0.5)
    silent = subprocess.Popen(["sleep", "60"])
    write_record(tmp_path, a_record(pid=silent.pid))
    with acquire_engine(MODEL, tmp_path, ignore) as handle:
        assert handle.owned
    silent.kill()
    silent.wait()


def test_an_engine_of_other_options_is_not_shared(tmp_path: Path) -> None:
    options = EngineOptions(extra=("--max-num-seqs", "2"))
    with (
        acquire_engine(MODEL, tmp_path, ignore) as plain,
        acquire_engine(MODEL, tmp_path, ignore, options) as other,
        acquire_engine(MODEL, tmp_path, ignore, options) as same,
    ):
        assert other.owned and not same.owned
        assert plain.base_url() != other.base_url() == same.base_url()


def test_owner_leaves_the_record_of_another_engine_alone(tmp_path: Path) -> None:
    with acquire_engine(OTHER_MODEL, tmp_path, ignore) as newer:
        with acquire_engine(MODEL, tmp_path, ignore):
            pass
        with acquire_engine(MODEL, tmp_path, ignore) as handle:
            write_record(tmp_path, a_record(digest=OTHER_MODEL.digest))
        assert is_up(newer)
        assert not is_up(handle)
        assert recorded(tmp_path).digest == OTHER_MODEL.digest


def test_crashed_engine_comes_back_with_the_same_port_and_key(tmp_path: Path) -> None:
    with acquire_engine(MODEL, tmp_path, ignore) as handle:
        before = handle.base_url()
        crashed = recorded(tmp_path).pid
        tree = tree_of(crashed)
        tree[1].kill()
        wait_until(lambda: (now := read_record(tmp_path)) is not None and now.pid != crashed)
        assert_all_gone(tree)
        assert is_up(handle)
        assert handle.base_url() == before


def test_killed_wrapper_is_replaced_too(tmp_path: Path) -> None:
    with acquire_engine(MODEL, tmp_path, ignore) as handle:
        crashed = recorded(tmp_path).pid
        tree = tree_of(crashed)
        tree[0].kill()
        wait_until(lambda: (now := read_record(tmp_path)) is not None and now.pid != crashed)
        assert_all_gone(tree)
        assert is_up(handle)


def test_engine_that_keeps_crashing_is_given_up(tmp_path: Path) -> None:
    options = EngineOptions(max_restarts=1)
    with acquire_engine(MODEL, tmp_path, ignore, options):
        first = recorded(tmp_path).pid
        tree_of(first)[1].kill()
        wait_until(lambda: (now := read_record(tmp_path)) is not None and now.pid != first)
        tree_of(recorded(tmp_path).pid)[1].kill()
        wait_until(lambda: read_record(tmp_path) is None)


def test_another_user_waits_for_the_restart_of_a_crashed_engine(tmp_path: Path) -> None:
    with acquire_engine(MODEL, tmp_path, ignore) as owner:
        tree_of(recorded(tmp_path).pid)[1].kill()
        with acquire_engine(MODEL, tmp_path, ignore) as user:
            assert not user.owned
            assert is_up(user)
        assert user.base_url() == owner.base_url()


def test_failed_start_names_the_cause_and_the_log_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at_start(monkeypatch, "raise MemoryError('tried to allocate')")
    with (
        pytest.raises(ConfigurationError, match=r"not enough free memory.*engine\.log"),
        acquire_engine(MODEL, tmp_path, ignore),
    ):
        pytest.fail("the engine cannot have started")
    assert read_record(tmp_path) is None


def test_start_that_takes_too_long_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_at_start(monkeypatch, "import signal; signal.pause()")
    options = EngineOptions(start_timeout=0.5)
    with (
        pytest.raises(ConfigurationError, match="not ready in time"),
        acquire_engine(MODEL, tmp_path, ignore, options),
    ):
        pytest.fail("the engine cannot have started")


def test_chosen_port_in_use_is_an_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        options = EngineOptions(port=port)
        with (
            pytest.raises(ConfigurationError, match=f"Port {port} is in use"),
            acquire_engine(MODEL, tmp_path, ignore, options),
        ):
            pytest.fail("the engine cannot have started")


def test_progress_is_reported_up_to_the_end(tmp_path: Path) -> None:
    seen: list[float | None] = []
    with acquire_engine(MODEL, tmp_path, lambda _what, share: seen.append(share)):
        assert seen[-1] == 1.0


def test_data_home_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ConfigurationError, match="ASSISTANT_HOME"),
        acquire_engine(MODEL, tmp_path / "file", ignore),
    ):
        pytest.fail("the engine cannot have started")
