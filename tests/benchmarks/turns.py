"""How long a shopper waits: start, first card or text, whole turn, search.

    python -m tests.benchmarks.turns

Needs a prepared store. Prints one table and writes it to docs/benchmarks/turns.md.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant import wiring
from assistant.dialogue.assistant import Assistant
from assistant.dialogue.conversations import Conversation
from assistant.dialogue.events import DoneEvent, ToolEvent
from assistant.retrieval.results import Filters
from assistant.settings import Settings
from tests.benchmarks.table import Row, write_table

SHOPPER = "900"
MESSAGES = (
    "Find me a snack under $3",
    "I need milk, eggs and bread",
    "add all",
    "what do I usually buy?",
    "when did I last buy coffee?",
    "what did I pay for cheese",
    "anything on offer this week for me",
    "surprise me",
    "recommend something",
    "what goes with my cart?",
    "do you have oat milk?",
    "show me cheap dog food",
    "and for cats?",
    "cheaper",
    "show my orders",
    "what is your return policy",
    "hi there",
    "paper towels from the store brand",
    "something sweet for the kids under 2 bucks",
    "what's in my cart?",
    "empty my cart",
)
QUERIES = (
    "milk", "eggs", "white bread", "snack", "dog food", "oat milk", "choclate", "paper towels",
    "something for breakfast", "stuff for tacos", "orange juice", "shampoo", "frozen pizza",
    "coffee", "apples", "toilet paper", "yogurt", "chicken breast", "cat litter", "ice cream",
)  # fmt: skip
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one turn: to the first card or text, and to the end."""

    first: float
    whole: float


async def _turn(assistant: Assistant, conversation: Conversation, text: str) -> Timing:
    started = time.perf_counter()
    first = None
    async for event in assistant.reply(conversation, text):
        if first is None and not isinstance(event, ToolEvent | DoneEvent):
            first = time.perf_counter() - started
    whole = time.perf_counter() - started
    return Timing(first or whole, whole)


async def _turns(store: wiring.OpenStore, assistant: Assistant) -> list[Timing]:
    timings = []
    for _ in range(ROUNDS):
        conversation = store.log.open(None, SHOPPER)
        timings += [await _turn(assistant, conversation, text) for text in MESSAGES]
    return timings


def _searches(store: wiring.OpenStore) -> list[float]:
    timings = []
    for query in QUERIES * ROUNDS:
        started = time.perf_counter()
        store.index.search(query, Filters(), 10)
        timings.append(time.perf_counter() - started)
    return timings


def _row(what: str, seconds: Sequence[float], aim: str) -> Row:
    p50, p95 = np.percentile(seconds, [50, 95])
    return (what, f"{p50:.3f}", f"{p95:.3f}", str(len(seconds)), aim)


def main() -> None:
    """Measure, print and write the table."""
    settings = Settings()
    started = time.perf_counter()
    store = wiring.open_store(settings, settings.store)
    store.index.search("milk", Filters(), 10)
    opened = time.perf_counter() - started
    started = time.perf_counter()
    with wiring.open_model(settings, lambda _what, _share: None) as model:
        engine = time.perf_counter() - started
        assistant = store.assistant(model)
        asyncio.run(_turn(assistant, store.log.open(None, SHOPPER), "show me milk"))
        timings = asyncio.run(_turns(store, assistant))
    rows = [
        _row("open the store", [opened], "-"),
        _row("start the engine", [engine], "-"),
        _row("first card or text of a turn", [timing.first for timing in timings], "p95 1.5"),
        _row("whole turn", [timing.whole for timing in timings], "p95 6"),
        _row("search", _searches(store), "-"),
    ]
    write_table(
        "turns",
        "Waiting times, seconds",
        ("step", "p50", "p95", "n", "aim"),
        rows,
        "python -m tests.benchmarks.turns",
    )


if __name__ == "__main__":
    main()
