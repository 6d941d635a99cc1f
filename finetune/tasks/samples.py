"""What every tuning task makes: messages, the answer to learn, and what scoring needs besides."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.llm.chat import Message
from assistant.prompting import Prompt


@dataclass(frozen=True, slots=True)
class Sample:
    """One example; `reference` is the task's own, for its scores."""

    messages: tuple[Message, ...]
    answer: str
    reference: object = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """A task's examples by part; `digest` is the SHA-256 of all that a model may see of them."""

    train: tuple[Sample, ...]
    validation: tuple[Sample, ...]
    test: tuple[Sample, ...]
    digest: str


def dataset(
    train: Iterable[Sample], validation: Iterable[Sample], test: Iterable[Sample]
) -> Dataset:
    """Put the parts together under their digest."""
    parts = (tuple(train), tuple(validation), tuple(test))
    rows = (
        json.dumps([[(m.role, m.content) for m in sample.messages], sample.answer])
        for part in parts
        for sample in part
    )
    digest = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return Dataset(*parts, digest)


def asked(prompt: Prompt, values: dict[str, object]) -> tuple[Message, ...]:
    """Render a prompt as messages."""
    return tuple(Message(role, text) for role, text in prompt.render(**values))
