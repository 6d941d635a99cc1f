"""The protocol of a task: examples split into three, and how well outputs answer them."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from assistant.llm.chat import Message
from assistant.prompting import Prompt

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Sample:
    """One example: what the model reads and the answer to learn.

    `group` names what a split keeps together (a template, a household); `facts` is JSON of the
    task's own with what scoring needs beside the answer.
    """

    messages: tuple[Message, ...]
    answer: str
    group: str
    facts: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A task's samples; no group is in two parts."""

    train: tuple[Sample, ...]
    validation: tuple[Sample, ...]
    test: tuple[Sample, ...]

    @property
    def digest(self) -> str:
        """The SHA-256 of all samples: the identity of the data."""
        found = hashlib.sha256()
        for part in (self.train, self.validation, self.test):
            for sample in part:
                found.update(as_json(sample).encode())
            found.update(b"\n")
        return found.hexdigest()


class Runner(Protocol):
    """A model ready to answer: the frozen one under a prefix, or one with other changes.

    `prefix` is [layers, 2, n, kv heads, head size], None where the model itself was changed.
    """

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    prefix: "torch.Tensor | None"

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens after the learned positions."""
        ...

    def answers(self, prompts: Sequence[Sequence[Message]], max_tokens: int) -> list[str]:
        """Answer greedily, in batches; in the order of the prompts."""
        ...


class Task(Protocol):
    """A task; `measure` names the metric by which methods compare, the higher the better.

    `opening` is the text in which learned prompts start, unless a configuration says otherwise.
    """

    name: str
    prompt: Prompt
    measure: str
    opening: str

    def prepare(self, home: Path) -> Dataset:
        """Make the samples; the same recipe and data home make the same ones."""
        ...

    def evaluate(self, runner: Runner, samples: Sequence[Sample]) -> Mapping[str, float]:
        """Let a model answer the samples and score what it says."""
        ...


def as_json(sample: Sample) -> str:
    """Return a sample as one line of JSON."""
    record = {
        "messages": [{"role": m.role, "content": m.content} for m in sample.messages],
        "answer": sample.answer,
        "group": sample.group,
        "facts": sample.facts,
    }
    return json.dumps(record, ensure_ascii=False)


def rendered(prompt: Prompt, values: Mapping[str, object]) -> tuple[Message, ...]:
    """Fill a text prompt; every value is neutralised as in the chat."""
    return tuple(Message(role, text) for role, text in prompt.render(**values))


def write_samples(samples: Iterable[Sample], path: Path) -> Path:
    """Write samples as JSON lines, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text("".join(as_json(s) + "\n" for s in samples), encoding="utf-8")
    return partial.replace(path)


def read_samples(path: Path) -> tuple[Sample, ...]:
    """Read samples that `write_samples` wrote."""
    return tuple(map(_from_json, path.read_text(encoding="utf-8").splitlines()))


def _from_json(line: str) -> Sample:
    record = json.loads(line)
    messages = tuple(Message(m["role"], m["content"]) for m in record["messages"])
    return Sample(messages, record["answer"], record["group"], record["facts"])
