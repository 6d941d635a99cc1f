"""A PostgreSQL server of the machine's own installation, started for one test run."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text

ACCOUNT = "postgres"


@dataclass(frozen=True)
class PostgresServer:
    """A running server on 127.0.0.1 that trusts everyone on this machine."""

    port: int

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{ACCOUNT}@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """Make an empty database and yield its URL; it is dropped in the end."""
        name = f"t{uuid4().hex}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield self.url(name)
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def binaries() -> Path | None:
    """Find the newest installed server's folder of programs."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: p.parts[-3])
    found = shutil.which("initdb") or (str(debian[-1]) if debian else None)
    return None if found is None else Path(found).resolve().parent


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Start a server in a folder of its own; durability is off, as its data ends with the run."""
    programs = binaries()
    if programs is None:
        raise RuntimeError("no PostgreSQL server; apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        port = _free_port()
        # The server refuses to run as root.
        runner = ["runuser", "-u", ACCOUNT, "--"] if os.geteuid() == 0 else []
        if runner:
            shutil.chown(folder, ACCOUNT)
        data = f"{folder}/data"
        options = f"-p {port} -k {folder} -h 127.0.0.1 -F -c max_connections=150"
        _run(
            [*runner, f"{programs}/initdb", "-D", data, "-U", ACCOUNT, "-A", "trust", "-E", "UTF8"]
        )
        pg_ctl = [*runner, f"{programs}/pg_ctl", "-D", data, "-l", f"{folder}/log"]
        _run([*pg_ctl, "-w", "-t", "120", "-o", options, "start"])
        try:
            yield PostgresServer(port)
        finally:
            _run([*pg_ctl, "-m", "immediate", "stop"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")
