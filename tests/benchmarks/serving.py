"""What learned prompts cost: output tokens a second and seconds to the first token.

    python -m tests.benchmarks.serving

Serves the bundled model from a data home of its own, so nothing is published. Every round measures
all variants in turn, and a share compares two loads of one round; the table gives the middle of the
rounds and their range. Takes about six minutes on two cores.
"""

import contextlib
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from assistant.errors import ConfigurationError
from assistant.llm.adapters import Adapter, AdapterRegistry
from assistant.llm.engine import EngineOptions, acquire_engine
from assistant.llm.engine_command import usable_cores
from assistant.llm.model_store import ModelFolder, prepare_model
from assistant.settings import DEFAULT_MODEL, Settings
from finetune.training import load_base
from tests.assistant.llm.prefixes import publish
from tests.benchmarks.serving_clients import (
    TOKENS,
    Body,
    EngineClient,
    Measured,
    PeftClient,
    chat_body,
    embeds_body,
)
from tests.benchmarks.serving_prompts import (
    ChatMessages,
    Learned,
    Questions,
    bare,
    instructed,
    learned_instructions,
    peft_model,
)
from tests.benchmarks.table import Row, write_table

ROUNDS = 4
REQUESTS = {1: 3, 4: 8, 16: 32}
"""Requests of one load, by how many are under way at a time."""
BARE, ONE, FOUR = "vLLM, bare model", "vLLM, one adapter", "vLLM, four adapters mixed"
TEXT, EMBEDS = "vLLM, the instruction as text", "vLLM, the instruction as prompt_embeds"
PEFT_ONE, PEFT_BATCH = "transformers + PEFT, one by one", "transformers + PEFT, one batch of 16"

Load = tuple[str, int]
"""A variant and how many requests are under way."""
Loads = Mapping[Load, Callable[[], Measured]]
Rounds = list[dict[Load, Measured]]


@dataclass(frozen=True, slots=True)
class Bench:
    """The model in both forms, the learned prompts, and questions that never repeat."""

    base: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    learned: Learned
    adapters: Sequence[Adapter]
    questions: Questions

    def loads(self, client: EngineClient) -> Loads:
        """Return what is measured on the engine, as calls."""

        def ask(body: Callable[[int], Body], concurrent: int) -> Measured:
            bodies = [body(number) for number in range(REQUESTS[concurrent])]
            return client.measure("/chat/completions", bodies, concurrent)

        bodies = {BARE: self._bare, ONE: self._one, FOUR: self._four, TEXT: self._text}
        return {
            (name, concurrent): partial(ask, body, concurrent)
            for name, body in bodies.items()
            for concurrent in REQUESTS
        }

    def embeds_loads(self, client: EngineClient) -> Loads:
        """Return what is measured on an engine that takes embeddings, as calls."""

        def ask(concurrent: int) -> Measured:
            bodies = [self._embeds() for _ in range(REQUESTS[concurrent])]
            return client.measure("/completions", bodies, concurrent)

        return {(EMBEDS, concurrent): partial(ask, concurrent) for concurrent in REQUESTS}

    def peft_loads(self) -> Loads:
        """Return what is measured in this process, as calls."""
        client = PeftClient(peft_model(self.base, self.learned.prefixes[0]), self.tokenizer)

        def prompts(number: int) -> list[ChatMessages]:
            return [bare(self.questions.next()) for _ in range(number)]

        return {
            (PEFT_ONE, 1): lambda: client.one_by_one(prompts(REQUESTS[1])),
            (PEFT_BATCH, 16): lambda: client.static_batch(prompts(16)),
        }

    def _bare(self, _number: int) -> Body:
        return chat_body(bare(self.questions.next()))

    def _one(self, _number: int) -> Body:
        return self._under(self.adapters[0])

    def _four(self, number: int) -> Body:
        return self._under(self.adapters[number % len(self.adapters)])

    def _text(self, _number: int) -> Body:
        return chat_body(instructed(self.questions.next(), self.learned, self.tokenizer))

    def _under(self, adapter: Adapter) -> Body:
        card = adapter.card
        return chat_body(bare(self.questions.next()), card.digest, card.virtual_tokens)

    def _embeds(self) -> Body:
        ids = self.tokenizer.apply_chat_template(
            bare(self.questions.next()), add_generation_prompt=True, return_dict=False
        )
        every = torch.tensor([*self.learned.openings[0], *ids])
        with torch.no_grad():
            return embeds_body(self.base.get_input_embeddings()(every))


@contextlib.contextmanager
def serving(model: ModelFolder, home: Path, *extra: str) -> Iterator[EngineClient]:
    """Start an engine in a data home of the benchmark's own."""
    options = EngineOptions(extra=extra)
    with acquire_engine(model, home, lambda _what, _share: None, options) as engine:
        yield EngineClient(engine)


def warm_up(loads: Loads) -> None:
    """Let everything happen once that happens only the first time."""
    measure({load: loads[load] for load in loads if load[1] == 1}, 1)


def measure(loads: Loads, rounds: int) -> Rounds:
    """Measure all loads in turn, so many times; every second round goes backwards."""
    found: Rounds = []
    for number in range(rounds):
        order = list(loads) if number % 2 == 0 else list(loads)[::-1]
        found.append({load: loads[load]() for load in order})
    return found


def rows(rounds: Rounds) -> list[Row]:
    """Return a row for each load, in the order of the first round."""
    return [_row(load, rounds) for load in rounds[0]]


def _row(load: Load, rounds: Rounds) -> Row:
    speeds = [measured[load].tokens_per_second for measured in rounds]
    first = [seconds for measured in rounds for seconds in measured[load].first_token]
    compared, aim = _comparison(load, rounds)
    name, concurrent = load
    return (
        name,
        str(concurrent),
        f"{statistics.median(speeds):.0f} ({min(speeds):.0f}-{max(speeds):.0f})",
        f"{statistics.median(first):.2f}",
        compared,
        aim,
    )


def _comparison(load: Load, rounds: Rounds) -> tuple[str, str]:
    """Return what a row is compared with and the aim, both "-" where it is not compared."""
    name, concurrent = load
    if name in (ONE, FOUR, EMBEDS):
        aim = "-" if name == EMBEDS else "0.97"
        return f"{_ratio(rounds, load, (BARE, concurrent))} of the bare model", aim
    if name == TEXT:
        return f"one adapter: {_ratio(rounds, (ONE, concurrent), load)} times as fast", "1"
    if name in (PEFT_ONE, PEFT_BATCH):
        aim = "10" if name == PEFT_ONE else "2"
        return f"one adapter at 16: {_ratio(rounds, (ONE, 16), load)} times as fast", aim
    return "-", "-"


def _ratio(rounds: Rounds, upper: Load, lower: Load) -> str:
    """Return how the rounds' own ratios lie: the middle one and the range."""
    ratios = [
        measured[upper].tokens_per_second / measured[lower].tokens_per_second for measured in rounds
    ]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"


def _measured(home: Path) -> tuple[list[Row], int]:
    """Return the table's rows and the instructions' length in tokens."""
    model = prepare_model(DEFAULT_MODEL, Settings().home, lambda _what, _share: None)
    base, tokenizer = load_base(model)
    tokenizer.padding_side = "left"
    learned = learned_instructions(base.eval(), tokenizer)
    registry = AdapterRegistry(home, home / "nothing-shipped")
    adapters = [
        publish(registry, f"bench-{number}", prefix, model)
        for number, prefix in enumerate(learned.prefixes)
    ]
    bench = Bench(base, tokenizer, learned, adapters, Questions())
    with serving(model, home) as client:
        loads = {**bench.loads(client), **bench.peft_loads()}
        warm_up(loads)
        table = rows(measure(loads, ROUNDS))
    try:
        with serving(model, home, "--enable-prompt-embeds") as client:
            both = bench.loads(client)
            loads = {load: both[load] for load in both if load[0] == BARE}
            loads |= bench.embeds_loads(client)
            warm_up(loads)
            found = rows(measure(loads, ROUNDS))
        table += [row for row in found if row[0] == EMBEDS]
    except ConfigurationError as error:
        table.append((EMBEDS, "-", "-", "-", str(error), "-"))
    return table, learned.tokens


def main() -> None:
    """Measure, print and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        table, tokens = _measured(Path(folder))
    write_table(
        "serving",
        f"Learned prompts of {tokens} tokens, answers of {TOKENS}; threads: engine "
        f"{max(1, usable_cores() - 1)}, transformers {torch.get_num_threads()}",
        ("variant", "at once", "output tokens/s", "first token, s", "compared", "aim"),
        table,
        "python -m tests.benchmarks.serving",
    )


if __name__ == "__main__":
    main()
