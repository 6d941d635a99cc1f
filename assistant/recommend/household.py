"""A household in words: what it buys, as the learned prompt `history` reads it.

Names stand for all sizes and labels together ("Milk"); a prompt and an answer hold them in lower
case, an answer as a JSON list with a blank before each name, which makes a name the same tokens
as inside the prompt.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.recommend.recency import FADE

HABITS = 9
LAST = 5
OFFERS = 6
_SAID = re.compile(r'"\s*([^"]*?)\s*"')


@dataclass(frozen=True, slots=True)
class HouseholdState:
    """What is known of a household at a moment.

    `recency` scores every name it ever bought, `last` counts its last basket, `days` ago;
    `offers` are reduced names that it never bought, the most sold first.
    """

    days: int
    last: Mapping[str, int]
    recency: Mapping[str, float]
    offers: tuple[str, ...]


def name_recency(baskets: Sequence[Iterable[str]]) -> dict[str, float]:
    """Score the names of baskets, oldest first: 0.95 per basket ago, summed."""
    scores: dict[str, float] = {}
    for ago, basket in enumerate(reversed(baskets)):
        for name in basket:
            scores[name] = scores.get(name, 0.0) + FADE**ago
    return scores


def household_values(state: HouseholdState) -> dict[str, str]:
    """Return what the text prompt takes: short lists, habits first, then what else was last."""
    habits = sorted(state.recency, key=lambda name: (-state.recency[name], name))[:HABITS]
    last = sorted(state.last, key=lambda name: (name in habits, -state.last[name], name))[:LAST]
    counted = (f"{state.last[n]} {n}" if state.last[n] > 1 else n for n in last)
    return {
        "habits": "; ".join(habits).lower(),
        "days": str(state.days),
        "last": "; ".join(counted).lower(),
        "offers": "; ".join(state.offers[:OFFERS]).lower() or "nothing new",
    }


def answer_text(names: Iterable[str]) -> str:
    """Write names as the model does."""
    return json.dumps(spoken(names), separators=(",", ":"), ensure_ascii=False)


def spoken(names: Iterable[str]) -> list[str]:
    """Return names as they stand in an answer."""
    return [f" {name.lower()}" for name in names]


def said_names(answer: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known names in an answer, each once; one that was cut off is read as far."""
    by_spelling = {name.lower(): name for name in known}
    said = (by_spelling.get(match[1]) for match in _SAID.finditer(answer))
    return tuple(dict.fromkeys(name for name in said if name is not None))
