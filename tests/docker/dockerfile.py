"""A strict reader of the part of the Dockerfile language that this project uses."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

INSTRUCTIONS = frozenset(
    "ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK RUN USER VOLUME WORKDIR".split()
)
_FLAG = re.compile(r"--[a-z-]+=\S+$")


class DockerfileError(ValueError):
    """A line that is no part of the language, or of the part that is used here."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction; `flags` without their dashes, `value` with its lines joined."""

    name: str
    flags: tuple[str, ...]
    value: str

    @property
    def form(self) -> tuple[str, ...]:
        """The words of an exec form: `["a", "b"]`."""
        words = json.loads(self.value)
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise DockerfileError(f"{self.name} is no list of words: {self.value}")
        return tuple(words)


@dataclass(frozen=True, slots=True)
class Stage:
    """What one FROM begins; `name` is "" for an unnamed stage."""

    base: str
    name: str
    instructions: tuple[Instruction, ...]

    def all(self, name: str) -> tuple[Instruction, ...]:
        """The instructions of one kind, in order."""
        return tuple(each for each in self.instructions if each.name == name)

    def last(self, name: str) -> Instruction:
        """The instruction of a kind that counts; raises DockerfileError where there is none."""
        found = self.all(name)
        if not found:
            raise DockerfileError(f"there is no {name}")
        return found[-1]


def read_dockerfile(path: Path) -> tuple[Stage, ...]:
    """Read the stages of a Dockerfile; raises DockerfileError for what is not understood."""
    stages: list[tuple[str, str, list[Instruction]]] = []
    for instruction in map(_instruction, _logical_lines(path.read_text(encoding="utf-8"))):
        if instruction.name == "FROM":
            read = re.fullmatch(r"(\S+)(?: AS ([a-z][a-z0-9-]*))?", instruction.value)
            if read is None:
                raise DockerfileError(f"FROM {instruction.value}")
            stages.append((read[1], read[2] or "", []))
        elif not stages:
            raise DockerfileError(f"{instruction.name} before the first FROM")
        else:
            stages[-1][2].append(instruction)
    return tuple(Stage(base, name, tuple(inside)) for base, name, inside in stages)


def _logical_lines(text: str) -> Iterator[str]:
    whole = ""
    for line in text.splitlines():
        if line != line.rstrip():
            raise DockerfileError(f"a blank at the end of {line!r}")
        if line.lstrip().startswith("#") or not (line or whole):
            continue
        if not line:
            raise DockerfileError(f"an empty line within {whole!r}")
        whole += line.removesuffix("\\")
        if not line.endswith("\\"):
            yield whole
            whole = ""
    if whole:
        raise DockerfileError(f"the file ends within {whole!r}")


def _instruction(line: str) -> Instruction:
    name, _, rest = line.partition(" ")
    if name not in INSTRUCTIONS:
        raise DockerfileError(f"unknown instruction {name!r}")
    flags: list[str] = []
    words = rest.split()
    while words and words[0].startswith("--"):
        if not _FLAG.match(words[0]):
            raise DockerfileError(f"{words[0]} is no flag")
        flags.append(words.pop(0).removeprefix("--"))
        rest = rest.lstrip().partition(" ")[2]
    if not rest.strip() or "<<" in rest:
        raise DockerfileError(f"{name} without a value, or with a here-document")
    return Instruction(name, tuple(flags), rest.strip())
