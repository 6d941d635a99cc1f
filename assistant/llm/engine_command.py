"""The command line and environment that start vLLM for one model."""

import contextlib
import importlib.util
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil

from assistant.errors import ConfigurationError
from assistant.llm.learned import LearnedPrompts
from assistant.llm.model_store import ModelFolder

PACKAGES = Path(__file__).resolve().parents[2]
LOG_LIMIT_BYTES = 5_000_000
STOP_GRACE_SECONDS = 5.0

# Without free whitespace a small model cannot spend its tokens on blanks between JSON fields.
STRUCTURED_OUTPUTS = '{"backend": "xgrammar", "disable_any_whitespace": true}'


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How to run the engine: eager starts sooner, compiled answers faster; None: any free port.

    `extra` are further options of vLLM's own, which win over ours.
    """

    eager: bool = True
    extra: tuple[str, ...] = ()
    port: int | None = None
    start_timeout: float = 600.0
    max_restarts: int = 5


def is_cpu_build() -> bool:
    """Whether the installed vLLM computes on the CPU.

    Raises ConfigurationError where none is installed.
    """
    if importlib.util.find_spec("vllm") is None:
        raise ConfigurationError(
            "vLLM is not installed: run `make setup`, "
            "or set ASSISTANT_ENGINE_URL to a running engine."
        )
    try:
        return "cpu" in metadata.version("vllm")
    except metadata.PackageNotFoundError:
        return True


def engine_command(
    model: ModelFolder, port: int, *, eager: bool, learned: LearnedPrompts | None = None
) -> list[str]:
    """Return the arguments that serve `model` on the loopback `port`; the key is not among them."""
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    command += ["--model", model.path, "--served-model-name", model.served_name]
    command += ["--max-model-len", "4096", "--max-num-seqs", "16", "--enable-prefix-caching"]
    command += ["--structured-outputs-config", STRUCTURED_OUTPUTS]
    command += ["--no-enable-log-requests", "--disable-uvicorn-access-log"]
    command += ["--disable-fastapi-docs"]
    command += learned.options() if learned is not None else []
    if eager:
        command.append("--enforce-eager")
    if is_cpu_build():
        # One process less to import and to wait for at every step than with a worker of its own.
        command += ["--distributed-executor-backend", "uni"]
    return command


def engine_environment(
    model: ModelFolder, home: Path, api_key: str, inherited: Mapping[str, str]
) -> dict[str, str]:
    """Return the engine's environment: `inherited`, the key, and what keeps it private and fast."""
    environment = {"VLLM_CACHE_ROOT": str(home / "cache" / "vllm"), **inherited}
    # The engine's processes import the connector from where this package lies.
    paths = [str(PACKAGES), *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    environment |= {"VLLM_API_KEY": api_key, "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    if model.local:
        environment |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    if is_cpu_build():
        environment["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
        for name, value in _cpu_defaults().items():
            environment.setdefault(name, value)
    return environment


def _cpu_defaults() -> dict[str, str]:
    # One core stays with the application: where it has to take the time from threads that wait for
    # each other at every layer, an answer was seen to take ten times as long.
    return {"VLLM_CPU_KVCACHE_SPACE": "2", "OMP_NUM_THREADS": str(max(1, usable_cores() - 1))}


def usable_cores(quota_file: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Return how many physical cores this process may fill, a container's quota considered."""
    cores = psutil.cpu_count(logical=False) or 1
    if sys.platform == "linux":
        cores = min(cores, len(os.sched_getaffinity(0)))
    with contextlib.suppress(FileNotFoundError):
        quota, _, period = quota_file.read_text().partition(" ")
        if quota != "max":
            cores = min(cores, int(quota) // int(period))
    return max(1, cores)
