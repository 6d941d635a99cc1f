"""Frozen evaluation cases: what a shopper types and what must hold after each turn."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from assistant.errors import BadInput
from assistant.evaluation.expectations import Expect, Part


class CartStart(Part):
    """A product that lies in the cart before the first turn."""

    product_id: str
    quantity: int = Field(1, ge=1, le=99)


class CaseTurn(Part):
    """One message and what must hold after the answer."""

    user: str
    expect: Expect


class Case(Part):
    """One conversation; `reserved` ones are never used or looked at while tuning.

    `shopper` null is a guest; `note` says why the expectation is what it is.
    """

    id: str = Field(pattern=r"^[a-z_]+-[0-9]{3}$")
    suite: str = Field(pattern="^[a-z_]+$")
    store: str
    shopper: str | None = None
    reserved: bool = False
    note: str = ""
    cart: tuple[CartStart, ...] = ()
    turns: Annotated[tuple[CaseTurn, ...], Field(min_length=1)]

    @property
    def digest(self) -> str:
        """A short hash of what the case asks and expects; notes and reservation do not count."""
        text = self.model_dump_json(exclude={"note", "reserved"}, exclude_unset=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def case_schema() -> dict[str, Any]:
    """Build the JSON schema of one line of a case file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Case.model_json_schema()}


def schema_text() -> str:
    """Write the schema as it is published beside the cases."""
    return json.dumps(case_schema(), indent=2, sort_keys=True) + "\n"


def read_cases(paths: Sequence[Path]) -> tuple[Case, ...]:
    """Read cases from `.jsonl` files and folders of them, in the order of their names.

    Raises BadInput, naming file and line, for what is no case, and for an id given twice.
    """
    cases = [case for path in _files(paths) for case in _read_file(path)]
    ids = [case.id for case in cases]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise BadInput(f"case ids must be unique; rename {', '.join(twice)}")
    if not cases:
        raise BadInput("there are no cases there; name .jsonl files or a folder of them")
    return tuple(cases)


def _files(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise BadInput(f"there is no {path}; name .jsonl files or a folder of them")
        files.extend(sorted(path.glob("*.jsonl")) if path.is_dir() else [path])
    return list(dict.fromkeys(files))


def _read_file(path: Path) -> list[Case]:
    cases = []
    # Not splitlines(): messages may hold line separators other than the line feed.
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            cases.append(Case.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise BadInput(
                f"{path.name} line {number}: {where or 'case'}: {first['msg']}"
            ) from error
    return cases
