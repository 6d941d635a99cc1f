"""`agent`: the accounts of the people at the desk."""

import sys

import typer

from assistant.catalog.database import Database
from assistant.desk.agents import LEAST_PASSWORD_CHARS, Agents, new_password
from assistant.settings import Settings


def add(settings: Settings, name: str) -> None:
    """Make an account; the password is typed twice, or made and printed where none is."""
    password = _typed() if sys.stdin.isatty() else ""
    made = password or new_password()
    _agents(settings).add(name, made)
    if password:
        sys.stderr.write(f"{name} can sign in at /desk.\n")
    else:
        sys.stderr.write(f"{name} can sign in at /desk with this password, shown only now:\n")
        sys.stdout.write(f"{made}\n")


def remove(settings: Settings, name: str) -> None:
    """Remove an account and end its sessions."""
    _agents(settings).remove(name)
    sys.stderr.write(f"{name} can no longer sign in.\n")


def print_names(settings: Settings) -> None:
    """Print the accounts' names, one a line."""
    for name in _agents(settings).names():
        sys.stdout.write(f"{name}\n")


def _typed() -> str:
    question = f"Password ({LEAST_PASSWORD_CHARS} characters or more; empty makes one)"
    return str(
        typer.prompt(
            question, default="", hide_input=True, confirmation_prompt=True, show_default=False
        )
    )


def _agents(settings: Settings) -> Agents:
    database = Database(settings.resolved_database_url)
    database.create_all()
    return Agents(database)
