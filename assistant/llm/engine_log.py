"""What the engine's log says about how far a start has come, or why it failed."""

import re
from pathlib import Path

TAIL_BYTES = 60_000

# The share of an eager start that has passed when a line first appears.
MILESTONES = (
    ("non-default args", 0.25),
    ("Resolved architecture", 0.45),
    ("Initializing a V1 LLM engine", 0.7),
    ("Starting to load model", 0.75),
    ("Loading weights took", 0.8),
    ("KV cache size", 0.9),
    ("Application startup complete", 1.0),
)

CAUSES = (
    (r"Address already in use", "its port is taken; stop the program that uses it"),
    (r"No space left on device", "the disk is full; free some space"),
    (
        r"MemoryError|bad_alloc|[Cc]annot allocate memory|out of memory|DefaultCPUAllocator"
        r"|(memory|Memory)[^\n]* is less than (desired|requested)|No available memory",
        "there is not enough free memory; close other programs or choose a smaller model",
    ),
    (
        r"OfflineModeIsEnabled|LocalEntryNotFoundError|Can't load the configuration"
        r"|RepositoryNotFoundError|couldn't connect to",
        "the model could not be fetched; check ASSISTANT_MODEL and the connection",
    ),
    (
        r"architectures [^\n]* not supported|does not recognize this architecture",
        "vLLM does not support this model; choose another with ASSISTANT_MODEL",
    ),
    (
        r"max_model_len[^\n]* is greater than",
        "the model's context is too short; choose another with ASSISTANT_MODEL",
    ),
    (
        r"No module named|ImportError|cannot open shared object",
        "the installed vLLM is broken; run `make setup` again",
    ),
)


def read_tail(log: Path) -> str:
    """Return the end of the log, empty where there is none."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - TAIL_BYTES))
            return stream.read().decode(errors="replace")
    except FileNotFoundError:
        return ""


def started_share(text: str) -> float:
    """Return the share of a start, 0 to 1, that the log shows as done."""
    return max((share for line, share in MILESTONES if line in text), default=0.05)


def failure_cause(text: str, exit_status: int | None) -> str:
    """Return why the engine ended, as the second half of a sentence that names the remedy."""
    for pattern, cause in CAUSES:
        if re.search(pattern, text):
            return cause
    if exit_status in (-9, 137):
        return "it was killed, most often for want of memory; close other programs"
    errors = re.findall(r"(\w*(?:Error|Exception): [^\n]{1,200})", text)
    return f"it said {errors[-1]!r}" if errors else f"it ended with status {exit_status}"
