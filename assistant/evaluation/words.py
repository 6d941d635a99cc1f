"""Words in shelf titles: whole words, singular or plural, in any case."""

import re
from collections.abc import Sequence


def says(title: str, phrase: str) -> bool:
    """Tell whether a title holds a word or phrase: `says("Large eggs, 1 dozen", "egg")`."""
    stem = re.escape(phrase.casefold().removesuffix("s"))
    return re.search(rf"\b{stem}(?:s|es)?\b", title.casefold()) is not None


def says_any(title: str, phrases: Sequence[str]) -> bool:
    """Tell whether a title holds any of the phrases."""
    return any(says(title, phrase) for phrase in phrases)


def assigned(options: Sequence[frozenset[int]]) -> bool:
    """Tell whether each want can have a thing of its own; `options[i]` are the things it accepts.

    Augmenting paths (Kuhn's algorithm): the want that took a thing moves on if it can.
    """
    taken: dict[int, int] = {}

    def place(want: int, tried: set[int]) -> bool:
        for thing in sorted(options[want] - tried):
            tried.add(thing)
            if thing not in taken or place(taken[thing], tried):
                taken[thing] = want
                return True
        return False

    return all(place(want, set()) for want in range(len(options)))
