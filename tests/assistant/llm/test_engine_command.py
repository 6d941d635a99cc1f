from pathlib import Path

import pytest

from assistant.errors import ConfigurationError
from assistant.llm import engine_command as module
from assistant.llm.engine_command import engine_command, engine_environment, usable_cores
from assistant.llm.model_store import ModelFolder

LOCAL = ModelFolder("/models/small", "abc", "small", local=True)
HUB = ModelFolder("owner/name", "def", "owner/name", local=False)


def value_after(command: list[str], option: str) -> str:
    return command[command.index(option) + 1]


def test_engine_listens_on_loopback_only() -> None:
    command = engine_command(LOCAL, 4321, eager=True)
    assert value_after(command, "--host") == "127.0.0.1"
    assert value_after(command, "--port") == "4321"


def test_model_is_served_under_its_name() -> None:
    command = engine_command(LOCAL, 4321, eager=True)
    assert value_after(command, "--model") == "/models/small"
    assert value_after(command, "--served-model-name") == "small"


def test_requests_are_not_logged() -> None:
    command = engine_command(LOCAL, 4321, eager=True)
    assert {"--no-enable-log-requests", "--disable-uvicorn-access-log"} <= set(command)


def test_compiling_is_what_the_setting_says() -> None:
    assert "--enforce-eager" in engine_command(LOCAL, 1, eager=True)
    assert "--enforce-eager" not in engine_command(LOCAL, 1, eager=False)


def test_key_travels_in_the_environment_only() -> None:
    environment = engine_environment(LOCAL, Path("/home"), "secret", {})
    assert environment["VLLM_API_KEY"] == "secret"
    assert "secret" not in " ".join(engine_command(LOCAL, 1, eager=True))


def test_nothing_is_reported_to_anyone() -> None:
    environment = engine_environment(HUB, Path("/home"), "secret", {})
    assert environment["VLLM_NO_USAGE_STATS"] == environment["DO_NOT_TRACK"] == "1"


def test_hub_is_reached_for_a_hub_model_only() -> None:
    assert engine_environment(LOCAL, Path("/home"), "k", {})["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in engine_environment(HUB, Path("/home"), "k", {})


def test_what_the_user_set_is_kept() -> None:
    inherited = {"OMP_NUM_THREADS": "7", "VLLM_CPU_KVCACHE_SPACE": "9", "PATH": "/bin"}
    environment = engine_environment(LOCAL, Path("/home"), "k", inherited)
    assert inherited.items() <= environment.items()


def test_accelerator_build_gets_no_cpu_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "is_cpu_build", lambda: False)
    environment = engine_environment(LOCAL, Path("/home"), "k", {})
    assert not any("CPU" in name or "OMP" in name for name in environment)
    assert "uni" not in engine_command(LOCAL, 1, eager=False)


def test_absent_vllm_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError, match="make setup"):
        engine_command(LOCAL, 1, eager=True)


@pytest.mark.parametrize(("text", "cores"), [("max 100000", 4), ("250000 100000", 2), ("5 9", 1)])
def test_threads_are_what_a_container_may_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, cores: int
) -> None:
    monkeypatch.setattr("psutil.cpu_count", lambda **_options: 4)
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 1, 2, 3})
    (tmp_path / "cpu.max").write_text(f"{text}\n")
    assert usable_cores(tmp_path / "cpu.max") == cores


def test_threads_are_not_limited_where_there_is_no_quota(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psutil.cpu_count", lambda **_options: 4)
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 1})
    assert usable_cores(tmp_path / "absent") == 2
