"""How good replies are, by stated rules that a reader can check without knowing who wrote them.

An answer gets one point for each rule that it keeps:

1. it names every offered product with its price;
2. it offers none of them twice;
3. it has at most forty words;
4. every sentence of it survives the grounding check;
5. where a reason is known it tells one: a purchase of the shopper's, a promotion, a companion;
6. it speaks to the shopper: a "you", "your", "I", "we" or "let's";
7. it does not read as a list: no colon with three or more items behind it, no "and N more".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.dialogue.grounding import Facts, GroundingCheck
from assistant.dialogue.sentences import split_sentences
from finetune.tasks.history_scores import Interval, interval
from finetune.tasks.shapes import told

MOST_WORDS = 40
_SENTENCES = 2
_SPEAKS = re.compile(r"\b(?:you|your|i|we|let's|me|us)\b", re.IGNORECASE)
_COUNTED = re.compile(r"\band \d+ more\b|\bI found \d+ product")
_PRICE = re.compile(r"[$£€]\d")
_LIST = 3
_TELLING = re.compile(
    r"\bbought\b.*\b(?:once|times?|twice|on|today|yesterday)\b|\bevery\b|\bmailer\b|\bdisplay\b|"
    r"\bwas \$|\boften bought with [A-Z]|\bmost bought\b|\bpopular with\b|\bnew to you\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Blind:
    """Two sets of answers compared by points: shares of wins, ties and losses, and the margin."""

    wins: float
    ties: float
    losses: float
    margin: Interval


def kept_rules(text: str, facts: Facts) -> Mapping[str, bool]:
    """Tell which rules an answer keeps."""
    check = GroundingCheck(facts)
    offered = [tuple(offer.rsplit(" at ", 1)) for offer in facts.offers]
    said = text.lower()
    return {
        "names all": all(t.lower() in said and price in text for t, price in offered),
        "no repeat": all(_offered_times(text, *offer) <= 1 for offer in offered),
        "short": len(text.split()) <= MOST_WORDS,
        "grounded": bool(text) and all(check.check(s).kept for s in split_sentences(text)),
        "reason": not _has_reason(facts) or bool(_TELLING.search(text)),
        "speaks": bool(_SPEAKS.search(text)),
        "no list": not _reads_as_list(text),
    }


def visible(text: str, facts: Facts, plain: str) -> str:
    """Return what a shopper would see: the sentences that hold, else the plain rendering."""
    check = GroundingCheck(facts)
    kept = [s for s in split_sentences(text)[:_SENTENCES] if check.check(s).kept]
    return " ".join(dict.fromkeys(kept)) or plain


def surviving(texts: Sequence[str], facts: Sequence[Facts]) -> float:
    """Return the share of generated sentences, the first two of each text, that hold."""
    verdicts = [
        GroundingCheck(known).check(sentence).kept
        for text, known in zip(texts, facts, strict=True)
        for sentence in split_sentences(text)[:_SENTENCES]
    ]
    return sum(verdicts) / len(verdicts) if verdicts else 0.0


def compared(ours: Sequence[str], plain: Sequence[str], facts: Sequence[Facts]) -> Blind:
    """Compare two answers to each question by how many rules they keep."""
    margins = np.array(
        [
            sum(kept_rules(a, known).values()) - sum(kept_rules(b, known).values())
            for a, b, known in zip(ours, plain, facts, strict=True)
        ],
        np.float64,
    )
    return Blind(
        float((margins > 0).mean()),
        float((margins == 0).mean()),
        float((margins < 0).mean()),
        interval(margins),
    )


def _offered_times(text: str, title: str, price: str) -> int:
    return len(re.findall(rf"{re.escape(title)}\W+(?:at|for)\W+{re.escape(price)}", text, re.I))


def _reads_as_list(text: str) -> bool:
    behind = text.partition(":")[2]
    return bool(_COUNTED.search(text)) or len(_PRICE.findall(behind)) >= _LIST


def _has_reason(facts: Facts) -> bool:
    return any(told("", reason) for reason in facts.reasons)
