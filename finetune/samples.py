"""Training samples: what the model reads, and the answer that it is to learn."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assistant.llm.chat import Message


@dataclass(frozen=True, slots=True)
class Sample:
    """One conversation as the engine will see it, and the answer to it."""

    messages: tuple[Message, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Samples:
    """A task's samples, split so that nothing of the test can be memorised in training.

    `prompt` names the text prompt they were rendered with, as `name@version`; `digest` identifies
    all of them.
    """

    train: tuple[Sample, ...]
    validation: tuple[Sample, ...]
    test: tuple[Sample, ...]
    prompt: str
    digest: str


def samples(
    train: Iterable[Sample], validation: Iterable[Sample], test: Iterable[Sample], prompt: str
) -> Samples:
    """Put the splits together under their digest."""
    splits = (tuple(train), tuple(validation), tuple(test))
    found = hashlib.sha256()
    for split in splits:
        for sample in split:
            found.update(as_json(sample).encode() + b"\n")
        found.update(b"\n")
    return Samples(*splits, prompt, found.hexdigest())


def as_json(sample: Sample) -> str:
    """Return a sample as one line of JSON."""
    messages = [[message.role, message.content] for message in sample.messages]
    return json.dumps({"messages": messages, "answer": sample.answer}, ensure_ascii=False)


def write(found: Samples, folder: Path) -> Path:
    """Write the splits as JSON lines into a folder named by their digest; safe to repeat."""
    target = folder / found.digest[:12]
    target.mkdir(parents=True, exist_ok=True)
    splits = {"train": found.train, "validation": found.validation, "test": found.test}
    for name, split in splits.items():
        partial = target / f"{name}.partial"
        partial.write_text("".join(as_json(s) + "\n" for s in split), encoding="utf-8")
        partial.replace(target / f"{name}.jsonl")
    return target
