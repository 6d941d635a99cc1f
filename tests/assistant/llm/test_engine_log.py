from pathlib import Path

import pytest

from assistant.llm.engine_log import TAIL_BYTES, failure_cause, read_tail, started_share


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        ("OSError: [Errno 98] Address already in use", "port is taken"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("RuntimeError: DefaultCPUAllocator: can't allocate memory", "free memory"),
        ("Available memory on node 0 (1.2/15 GiB) on kv cache is less than requested", "memory"),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate", "free memory"),
        ("huggingface_hub.errors.LocalEntryNotFoundError: not found", "could not be fetched"),
        ("Model architectures ['Odd'] are not supported for now", "does not support this model"),
        ("User-specified max_model_len (4096) is greater than the derived 2048", "too short"),
        ("ModuleNotFoundError: No module named 'vllm._C'", "make setup"),
    ],
)
def test_known_causes_are_named_with_a_remedy(log: str, cause: str) -> None:
    assert cause in failure_cause(f"INFO starting\n{log}\nINFO bye\n", 1)


def test_kill_without_a_word_is_blamed_on_memory() -> None:
    assert "want of memory" in failure_cause("INFO starting\n", -9)


def test_unknown_cause_quotes_the_last_error() -> None:
    log = "ValueError: first\nRuntimeError: Engine core initialization failed.\n"
    assert "RuntimeError: Engine core initialization failed." in failure_cause(log, 1)


def test_empty_log_leaves_the_status() -> None:
    assert failure_cause("", 3) == "it ended with status 3"


def test_share_grows_with_the_log() -> None:
    assert started_share("") < started_share("non-default args: {}")
    assert started_share("non-default args: {}\nKV cache size") > 0.8


def test_only_the_end_of_a_long_log_is_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * TAIL_BYTES + b"end")
    assert len(read_tail(tmp_path / "log")) == TAIL_BYTES
    assert read_tail(tmp_path / "log").endswith("end")
    assert read_tail(tmp_path / "absent") == ""
