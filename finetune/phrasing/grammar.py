"""The template language: `(a|b)` chooses, `[a]` may be absent, `{name}` is a group or a slot.

A line `6 * TEMPLATE` makes its template six times as frequent as the others of its intent.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from assistant.dialogue.requests import Intent
from assistant.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Ref:
    """A slot or a word group by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several sequences, equally likely."""

    options: tuple["Node", ...]


Node = tuple["str | Ref | Choice", ...]
Groups = Mapping[str, Node]

_WEIGHTED = re.compile(r"(\d+) \* ")


@dataclass(frozen=True, slots=True)
class Template:
    """One line of an intent's template file; `id` is its place there, `weight` its frequency."""

    id: str
    intent: Intent
    node: Node
    weight: int = 1


@dataclass(slots=True)
class _Reader:
    """A cursor over one line."""

    line: str
    at: int = 0

    def peek(self) -> str:
        return self.line[self.at : self.at + 1]

    def take(self) -> str:
        self.at += 1
        return self.line[self.at - 1]

    def expect(self, char: str) -> None:
        if self.peek() != char:
            raise ConfigurationError(f"expected {char!r} at column {self.at + 1} of: {self.line}")
        self.at += 1


def parse(line: str) -> Node:
    """Parse one template; a backslash takes the next character literally.

    Raises ConfigurationError where brackets do not match.
    """
    reader = _Reader(line)
    node = _choice(reader)
    if reader.peek():
        raise ConfigurationError(f"unmatched {reader.peek()!r} in: {line}")
    return node.options[0] if len(node.options) == 1 else (node,)


def _choice(reader: _Reader) -> Choice:
    options = [_sequence(reader)]
    while reader.peek() == "|":
        reader.take()
        options.append(_sequence(reader))
    return Choice(tuple(options))


def _sequence(reader: _Reader) -> Node:
    parts: list[str | Ref | Choice] = []
    text: list[str] = []
    while (char := reader.peek()) and char not in "|)]}":
        reader.take()
        if char in "([{":
            parts += ["".join(text)] if text else []
            text = []
            parts.append(_bracketed(reader, char))
        else:
            text.append(reader.take() if char == "\\" else char)
    return (*parts, "".join(text)) if text else tuple(parts)


def _bracketed(reader: _Reader, opening: str) -> Ref | Choice:
    if opening == "{":
        name = reader.line[reader.at : reader.line.find("}", reader.at)]
        reader.at += len(name)
        reader.expect("}")
        return Ref(name)
    inner = _choice(reader)
    reader.expect(")" if opening == "(" else "]")
    return inner if opening == "(" else Choice((*inner.options, ()))


def read_lines(name: str) -> list[str]:
    """Return the entries of a word file that comes with this package, comments left out."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]


@cache
def load_groups() -> Groups:
    """Return the word groups of `words.txt`."""
    pairs = (line.split("=", 1) for line in read_lines("words.txt"))
    return {name.strip(): _group(options) for name, options in pairs}


def _group(options: str) -> Node:
    node = parse(options)
    only = node[0]
    if len(node) != 1 or not isinstance(only, Choice):
        return node
    return (Choice(tuple(_stripped(option) for option in only.options)),)


def _stripped(option: Node) -> Node:
    """Drop the blanks around the bars of a group's line."""
    parts = list(option)
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    return tuple(part for part in parts if part != "")


@cache
def load_templates() -> tuple[Template, ...]:
    """Return every template of every intent, in the order of the intents."""
    return tuple(
        _template(intent, number, line)
        for intent in Intent
        for number, line in enumerate(read_lines(f"templates/{intent}.txt"), start=1)
    )


def _template(intent: Intent, number: int, line: str) -> Template:
    weighted = _WEIGHTED.match(line)
    body = line[weighted.end() :] if weighted else line
    return Template(f"{intent}/{number}", intent, parse(body), int(weighted[1]) if weighted else 1)


def grammar_digest() -> str:
    """Return the SHA-256 of every template and word group: what a classifier was taught."""
    names = ["words.txt", *(f"templates/{intent}.txt" for intent in Intent)]
    lines = (line for name in names for line in (name, *read_lines(name)))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def spread(node: Node, groups: Groups) -> int:
    """Return how many different sequences of text and slots a node can become."""
    found = 1
    for part in node:
        if isinstance(part, Choice):
            found *= sum(spread(option, groups) for option in part.options)
        elif isinstance(part, Ref) and part.name in groups:
            found *= spread(groups[part.name], groups)
    return found


def sequences(node: Node, groups: Groups) -> Iterator[Node]:
    """Yield every sequence of text and slots that a node can become."""
    if not node:
        yield ()
        return
    first, rest = node[0], node[1:]
    for head in _part_sequences(first, groups):
        for tail in sequences(rest, groups):
            yield (*head, *tail)


def _part_sequences(part: str | Ref | Choice, groups: Groups) -> Iterator[Node]:
    if isinstance(part, Choice):
        for option in part.options:
            yield from sequences(option, groups)
    elif isinstance(part, Ref) and part.name in groups:
        yield from sequences(groups[part.name], groups)
    else:
        yield (part,)


def literals(node: Node) -> Iterator[str]:
    """Yield every piece of literal text of a node."""
    for part in node:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Choice):
            for option in part.options:
                yield from literals(option)
