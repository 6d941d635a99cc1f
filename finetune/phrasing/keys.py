"""What is left of a sentence when its products, numbers and politeness are taken away."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from random import Random

from finetune.phrasing.generator import Generator
from finetune.phrasing.recipe import training_examples
from finetune.phrasing.vocabulary import default_vocabulary

THING, NUMBER, PRICE, ORDINAL = "<thing>", "<number>", "<price>", "<nth>"

_NUMBERS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen"
_AMOUNT = rf"(?:\d[\d.,]*|\b(?:{_NUMBERS})\b)"
_PRICE = re.compile(
    rf"[$£€]\s*\d[\d.,]*|{_AMOUNT}\s*(?:[$£€¢]|(?:dollars?|bucks?|usd|cents?|c|quid|euros?)\b)"
)
_ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\d+(?:st|nd|rd|th))\b"
)
_NUMBER = re.compile(rf"(?:#w?|ord-)?\d[\d.,]*|\b(?:{_NUMBERS})\b")
_TOKEN = re.compile(r"<\w+>|[^\W_]+(?:['-][^\W_]+)*")
_POLITE = frozenset({"please", "pls", "plz", "hi", "hey", "hello", "thanks", "thx", "ok", "okay"})
_LONGEST_PHRASE = 5
_WORDINGS = 500


def template_key(text: str) -> str:
    """Return the template of a sentence: two sentences of one template have equal keys.

    Lower case, with catalogue words, prices, ordinals and numbers replaced by placeholders and
    punctuation and politeness left out.
    """
    lowered = text.lower().replace("’", "'")
    for pattern, mark in ((_PRICE, PRICE), (_ORDINAL, ORDINAL), (_NUMBER, NUMBER)):
        lowered = pattern.sub(f" {mark} ", lowered)
    words = [word for word in _TOKEN.findall(lowered) if word not in _POLITE]
    return " ".join(_without_things(words))


@cache
def training_templates() -> frozenset[str]:
    """Return the keys of what the committed classifier is trained on, and of its templates.

    A template counts in all its wordings, whichever of them were drawn for training; of those
    with very many, a large sample.
    """
    generator, rng = Generator(default_vocabulary()), Random(0)
    wordings = (
        text
        for template in generator.templates
        for text in generator.sentences(template, _WORDINGS, rng)
    )
    trained = (text for made in training_examples() for text in (made.text, made.plain))
    return frozenset(template_key(text) for text in chain(trained, wordings))


def _without_things(words: Sequence[str]) -> Iterator[str]:
    """Replace the longest catalogue phrases; neighbouring ones leave one placeholder."""
    at, previous = 0, ""
    while at < len(words):
        length = _phrase_length(words, at)
        word = THING if length else words[at]
        if word != THING or previous != THING:
            yield word
        at, previous = at + max(length, 1), word


def _phrase_length(words: Sequence[str], at: int) -> int:
    """Return how many words from `at` on are a catalogue phrase, 0 if none."""
    phrases = _phrases()
    for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
        if _stem(" ".join(words[at : at + length])) in phrases:
            return length
    return 0


@cache
def _phrases() -> frozenset[str]:
    return frozenset(
        _stem(" ".join(_TOKEN.findall(phrase))) for phrase in default_vocabulary().all_phrases
    )


def _stem(phrase: str) -> str:
    """Make singular and plural alike; only equality of stems matters."""
    for plural, singular in (("ies", "y"), ("oes", "o"), ("ches", "ch"), ("shes", "sh")):
        if phrase.endswith(plural):
            return phrase.removesuffix(plural) + singular
    return phrase if phrase.endswith("ss") else phrase.removesuffix("s")
