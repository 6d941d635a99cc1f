"""What a typed word most likely is among a catalogue's words: another form, a typo, a compound."""

import re
from collections.abc import Iterable, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.retrieval.words import stem

_DOUBLED = re.compile(r"(.)\1+")


class Speller:
    """Brings typed words to the stems of one catalogue.

    `known` maps each stem of the catalogue to how often it occurs, `pairs` are stems that stand
    side by side in it; `real` stems are not misspellings even where the catalogue lacks them.
    """

    def __init__(
        self,
        known: Mapping[str, int],
        pairs: frozenset[tuple[str, str]],
        real: frozenset[str],
    ) -> None:
        self._known = known
        self._pairs = pairs
        self._real = real
        self._alike = {word: _DOUBLED.sub(r"\1", word) for word in sorted(known)
                       if word.isalpha() and len(word) > 2}  # fmt: skip

    def parts(self, token: str) -> tuple[str, ...]:
        """Take compounds apart that the catalogue writes as two words: `catfood`."""
        if self._is_word(stem(token)) or not token.isalpha():
            return (token,)
        for at in range(2, len(token) - 1):
            if (stem(token[:at]), stem(token[at:])) in self._pairs:
                return (token[:at], token[at:])
        return (token,)

    def is_split(self, tokens: Iterable[str]) -> bool:
        """Whether two words are one in the catalogue: `tooth paste`."""
        pair = tuple(stem(token) for token in tokens)
        joined = stem("".join(tokens))
        return len(pair) == 2 and joined in self._known and pair not in self._pairs

    def stem(self, token: str, beside: Iterable[str]) -> str:
        """The token's stem, or the catalogue's stem it stands for; `beside` are its neighbours."""
        plain = stem(token)
        if plain in self._known or not token.isalpha():
            return plain
        longer = self._commonest(_longer(plain))
        if longer or plain in self._real:
            return longer or plain
        shorter = self._commonest(_shorter(plain))
        return shorter or self._corrected(plain, [stem(word) for word in beside])

    def _is_word(self, stemmed: str) -> bool:
        return stemmed in self._known or stemmed in self._real

    def _commonest(self, forms: frozenset[str]) -> str | None:
        return max(sorted(forms & self._known.keys()), key=self._known.__getitem__, default=None)

    def _corrected(self, plain: str, beside: list[str]) -> str:
        # Doubled letters are what people get wrong most, so they do not count.
        alike = _DOUBLED.sub(r"\1", plain)
        allowed = 0 if len(alike) < 5 else 1 if len(alike) < 10 else 2
        near = {word: key for word, key in self._alike.items()
                if key[0] == alike[0] and abs(len(key) - len(alike)) <= allowed}  # fmt: skip
        found = process.extract(alike, near, scorer=OSA.distance, score_cutoff=allowed, limit=8)

        def unlikely(match: tuple[str, float, str]) -> tuple[bool, float, int, str]:
            _, distance, word = match
            together = any({(word, other), (other, word)} & self._pairs for other in beside)
            return not together, distance, -self._known[word], word

        return min(found, key=unlikely)[2] if found else plain


def _longer(plain: str) -> frozenset[str]:
    """What may be made of a word: cleaner and cleaning of clean."""
    if len(plain) < 4:
        return frozenset()
    roots = {plain, plain.removesuffix("e"), plain + plain[-1]}
    return frozenset(root + suffix for root in roots for suffix in ("er", "ing", "ed"))


def _shorter(plain: str) -> frozenset[str]:
    """What a word may be made of: bake of baking."""
    roots = {plain.removesuffix(suffix) for suffix in ("ing", "ed")} - {plain}
    return frozenset(form for root in roots if len(root) > 3 for form in (root, root + "e"))
