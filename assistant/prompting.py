"""Prompts as versioned text: load, render with neutralised values, hash."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import frontmatter
from jinja2 import Environment, StrictUndefined, UndefinedError

from assistant.errors import PromptError

PROMPTS = Path(__file__).parent.parent / "prompts"
MAX_VALUE_CHARS = 4000
_CONTROL_TOKEN = re.compile(r"<\s*\|[^<>]{0,60}\|\s*>|</?s>|\[/?INST\]|<<\/?SYS>>", re.IGNORECASE)
Role = Literal["system", "user", "assistant"]
_ROLES: Mapping[str, Role] = MappingProxyType(
    {"system": "system", "user": "user", "assistant": "assistant"}
)
_SECTION = re.compile(r"^=== (system|user|assistant)\s*$", re.MULTILINE)
_RESERVED_TOKEN = re.compile(
    r"<(repo_name|reponame|file_sep|filename|gh_stars|issue_start|issue_comment|issue_closed|"
    r"jupyter_start|jupyter_text|jupyter_code|jupyter_output|jupyter_script|empty_output)>",
    re.IGNORECASE,
)


def neutralise(text: str, limit: int = MAX_VALUE_CHARS) -> str:
    """Make outside text plain data for a model: no control tokens, no invisible characters.

    Tag characters, zero-width and bidirectional marks go (OWASP LLM01), compatibility forms are
    folded first so that full-width brackets cannot slip through, and the length is capped.
    """
    folded = unicodedata.normalize("NFKC", text)[:limit]
    visible = "".join(c for c in folded if c in "\n\t" or unicodedata.category(c)[0] != "C")
    while (clean := _RESERVED_TOKEN.sub(" ", _CONTROL_TOKEN.sub(" ", visible))) != visible:
        visible = clean
    return visible.replace("<|", "< |").replace("|>", "| >")


def has_control_tokens(text: str) -> bool:
    """Tell whether outside text holds what a tokenizer would take for a control token."""
    folded = unicodedata.normalize("NFKC", text)
    return bool(_CONTROL_TOKEN.search(folded) or _RESERVED_TOKEN.search(folded))


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt template; `version` is the content hash that reports name."""

    name: str
    version: str
    purpose: str
    variables: frozenset[str]
    sections: tuple[tuple[Role, str], ...]

    def render(self, **values: object) -> tuple[tuple[Role, str], ...]:
        """Fill the template, every value neutralised, and cut it at its `=== role` lines.

        Raises PromptError for a variable that is missing or not in the front matter.
        """
        if frozenset(values) != self.variables:
            raise PromptError(
                f"prompt {self.name} takes {sorted(self.variables)}, got {sorted(values)}; "
                "make the front matter and the call agree"
            )
        environment = Environment(
            undefined=StrictUndefined, finalize=_plain, trim_blocks=True, lstrip_blocks=True
        )
        try:
            return tuple(
                (role, environment.from_string(text).render(**values).strip())
                for role, text in self.sections
            )
        except UndefinedError as error:
            raise PromptError(f"prompt {self.name}: {error}; add it to the call") from error


def _plain(value: object) -> object:
    return neutralise(value) if isinstance(value, str) else value


def load_prompt(name: str, folder: Path = PROMPTS) -> Prompt:
    """Read `<name>.md.j2`; raises PromptError when it is absent or its front matter is broken."""
    return read_prompt(folder / f"{name}.md.j2")


def read_prompt(path: Path) -> Prompt:
    """Read one prompt file; its name is the file's name without `.md.j2`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PromptError(f"no prompt at {path}; restore it from the repository") from error
    post = frontmatter.loads(text)
    try:
        purpose, variables = str(post.metadata["purpose"]), post.metadata["variables"]
    except KeyError as error:
        raise PromptError(f"{path.name} lacks {error} in its front matter; add it") from error
    if not isinstance(variables, list):
        raise PromptError(f"{path.name}: `variables` must be a list; write it as [a, b]")
    return Prompt(
        name=path.name.removesuffix(".md.j2"),
        version=hashlib.sha256(text.encode()).hexdigest()[:12],
        purpose=purpose,
        variables=frozenset(str(name) for name in variables),
        sections=_sections(path.name, post.content),
    )


def _sections(name: str, content: str) -> tuple[tuple[Role, str], ...]:
    """Cut a template before it is filled, so that no value can begin a section of its own."""
    parts = _SECTION.split(content)
    if parts[0].strip() or len(parts) < 3:
        raise PromptError(f"{name} must begin with a `=== system` or `=== user` line; add it")
    return tuple((_ROLES[role], text) for role, text in zip(parts[1::2], parts[2::2], strict=True))
