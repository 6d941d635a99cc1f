"""A query as its words: which must be answered, which may be, and other ways to say them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.retrieval.sizes import MEASURE as _MEASURE
from assistant.retrieval.words import split, stem, stems, vocabulary


class Weight(StrEnum):
    """How much a word of a query binds the answer.

    An occasion binds it only where nothing else does: `breakfast`, but `bacon for breakfast`.
    """

    CONTENT = "content"
    OPTIONAL = "optional"
    OCCASION = "occasion"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query.

    `typed` is what the shopper wrote, `text` the word it stands for, `stem` what is compared.
    """

    typed: str
    text: str
    stem: str
    weight: Weight


@dataclass(frozen=True, slots=True)
class Query:
    """One reading of what was typed.

    `text` is what is embedded; `exact` is False where a word was replaced by a wider one (`coke`
    by soft drinks): then it finds alternatives and does not answer what was asked.
    """

    text: str
    words: tuple[Word, ...]
    exact: bool

    @property
    def content(self) -> tuple[Word, ...]:
        """The words that the answer must account for."""
        return tuple(word for word in self.words if word.weight is Weight.CONTENT)

    @property
    def counted(self) -> tuple[Word, ...]:
        """The words that are not filler."""
        return tuple(word for word in self.words if word.weight is not Weight.IGNORED)

    @property
    def stems(self) -> frozenset[str]:
        """The stems of all words that count."""
        return frozenset(word.stem for word in self.counted)


@dataclass(frozen=True, slots=True)
class Synonym:
    """Words that mean the same as a phrase (`exact`), or the wider kind that it belongs to."""

    means: tuple[str, ...]
    exact: bool


class QueryReader:
    """Reads queries against the words of one catalogue.

    `known` maps each stem of the catalogue to how often it occurs, `pairs` are stems that stand
    side by side in it; `real_words` are not misspellings even where the catalogue lacks them.
    """

    def __init__(
        self,
        known: Mapping[str, int],
        pairs: frozenset[tuple[str, str]],
        real_words: Iterable[str],
    ) -> None:
        self._known = known
        self._pairs = pairs
        self._by_length = _by_length(known)
        self._filler = {row["word"]: Weight(row["kind"]) for row in vocabulary("filler")}
        self._synonyms = _synonyms()
        own_words = {word for phrase in self._synonyms for word in phrase}
        extra = {stem(row["word"]) for row in vocabulary("known_words")}
        self._real = {stem(word) for word in real_words} | own_words | extra

    def read(self, text: str) -> tuple[Query, ...]:
        """Read text as typed and, where synonyms apply, with those in place; `or` parts it."""
        readings: dict[Query, None] = {}
        for part in _alternatives(self._words(split(text))):
            readings |= dict.fromkeys(self._readings(_settled(part)))
        return tuple(readings)

    def _readings(self, words: tuple[Word, ...]) -> tuple[Query, ...]:
        said = Query(_text(words), words, exact=True)
        replaced, exact = self._with_synonyms(words)
        if replaced == words:
            return (said,)
        return (said, Query(_text(replaced), replaced, exact))

    def _words(self, tokens: tuple[str, ...]) -> tuple[Word, ...]:
        words: list[Word] = []
        at = 0
        while at < len(tokens):
            size = self._filler_phrase_at(tokens, at)
            joined = "".join(tokens[at : at + 2])
            if not size and self._is_split(tokens[at : at + 2]):
                words.append(self._word(" ".join(tokens[at : at + 2]), joined, ()))
                size = 2
            elif not size:
                beside = tokens[max(at - 1, 0) : at] + tokens[at + 1 : at + 2]
                words += [self._word(tokens[at], part, beside) for part in self._parts(tokens[at])]
            at += size or 1
        return tuple(words)

    def _filler_phrase_at(self, tokens: tuple[str, ...], at: int) -> int:
        """How many tokens a filler phrase takes here: `running out of`."""
        return next(
            (size for size in (3, 2)
             if at + size <= len(tokens) and " ".join(tokens[at : at + size]) in self._filler),
            0,
        )  # fmt: skip

    def _is_split(self, tokens: tuple[str, ...]) -> bool:
        """Whether two words are one in the catalogue: `tooth paste`."""
        pair = tuple(stem(token) for token in tokens)
        return len(pair) == 2 and stem("".join(tokens)) in self._known and pair not in self._pairs

    def _word(self, typed: str, part: str, beside: tuple[str, ...]) -> Word:
        corrected = self._corrected(part, beside)
        text = part if stem(part) == corrected else corrected
        return Word(typed, text, corrected, self._weight(part, corrected))

    def _weight(self, token: str, stemmed: str) -> Weight:
        if _MEASURE.fullmatch(token):
            return Weight.OPTIONAL
        return self._filler.get(token) or self._filler.get(stemmed, Weight.CONTENT)

    def _is_word(self, stemmed: str) -> bool:
        return stemmed in self._known or stemmed in self._real

    def _parts(self, token: str) -> tuple[str, ...]:
        """Take compounds apart that the catalogue writes as two words: `catfood`."""
        if token in self._filler or self._is_word(stem(token)) or not token.isalpha():
            return (token,)
        for at in range(2, len(token) - 1):
            if (stem(token[:at]), stem(token[at:])) in self._pairs:
                return (token[:at], token[at:])
        return (token,)

    def _corrected(self, token: str, beside: tuple[str, ...]) -> str:
        """The token's stem, or the catalogue's stem it most likely misspells."""
        plain = stem(token)
        if token in self._filler or plain in self._known or not token.isalpha():
            return plain
        derived = self._derived(plain)
        if derived or plain in self._real:
            return derived or plain
        if len(plain) < 5:
            return self._corrected_short(plain)
        allowed = 1 if len(plain) < 8 else 2
        near = [word for size in range(len(plain) - allowed, len(plain) + allowed + 1)
                for word in self._by_length.get(size, ()) if word[0] == plain[0]]  # fmt: skip
        found = process.extract(plain, near, scorer=OSA.distance, score_cutoff=allowed, limit=8)
        if not found:
            return plain
        stems_beside = [stem(word) for word in beside]

        def unlikely(match: tuple[str, float, int]) -> tuple[bool, float, int, str]:
            word, distance, _ = match
            together = any({(word, other), (other, word)} & self._pairs for other in stems_beside)
            return not together, distance, -self._known[word], word

        return min(found, key=unlikely)[0]

    def _derived(self, plain: str) -> str | None:
        """Another form of the word that the catalogue has: `clean` for `cleaners`."""
        if len(plain) < 4:
            return None
        roots = {plain, plain.removesuffix("e"), plain + plain[-1]}
        for suffix in ("ing", "ed", "er", "y"):
            root = plain.removesuffix(suffix)
            if root != plain and len(root) > 3:
                roots |= {root, root + "e"}
        forms = {root + suffix for root in roots for suffix in ("", "er", "ing", "ed")}
        return max(sorted(forms & self._known.keys()), key=self._known.__getitem__, default=None)

    def _corrected_short(self, plain: str) -> str:
        """Short words have too many neighbours: only doubled or swapped letters are mended."""
        options = {plain[:at] + plain[at] + plain[at:] for at in range(len(plain))}
        options |= {plain[:at] + plain[at + 1 :] for at in range(1, len(plain))
                    if plain[at] == plain[at - 1]}  # fmt: skip
        options |= {plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]
                    for at in range(1, len(plain) - 1)}  # fmt: skip
        known = sorted(word for word in options if self._known.get(word) and len(word) > 2)
        return known[0] if known else plain

    def _with_synonyms(self, words: tuple[Word, ...]) -> tuple[tuple[Word, ...], bool]:
        result: list[Word] = []
        exact = True
        at = 0
        while at < len(words):
            size, synonym = self._synonym_at(words, at)
            if synonym:
                typed = " ".join(word.typed for word in words[at : at + size])
                result += [Word(typed, word, stem(word), Weight.CONTENT) for word in synonym.means]
                exact = exact and synonym.exact
            else:
                result.append(words[at])
            at += size
        return tuple(result), exact

    def _synonym_at(self, words: tuple[Word, ...], at: int) -> tuple[int, "Synonym | None"]:
        for size in (3, 2, 1):
            key = tuple(word.stem for word in words[at : at + size])
            if len(key) == size and key in self._synonyms:
                return size, self._synonyms[key]
        return 1, None


def _alternatives(words: tuple[Word, ...]) -> list[tuple[Word, ...]]:
    """Part a query at `or`, where there is something to look for on each side."""
    parts: list[list[Word]] = [[]]
    for word in words:
        if word.typed == "or":
            parts.append([])
        else:
            parts[-1].append(word)
    said = [tuple(part) for part in parts
            if any(word.weight is not Weight.IGNORED for word in part)]  # fmt: skip
    return said or [words]


def _settled(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Decide what occasions weigh; where all is filler, take it at its word."""
    weights = {word.weight for word in words}
    occasion = Weight.OPTIONAL if Weight.CONTENT in weights else Weight.CONTENT
    words = tuple(replace(word, weight=occasion) if word.weight is Weight.OCCASION else word
                  for word in words)  # fmt: skip
    if weights <= {Weight.IGNORED}:
        return tuple(replace(word, weight=Weight.OPTIONAL) for word in words)
    return words


def _text(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words if word.weight is not Weight.IGNORED)


def _synonyms() -> dict[tuple[str, ...], Synonym]:
    return {
        stems(row["phrase"]): Synonym(split(row["means"]), row["relation"] == "same")
        for row in vocabulary("synonyms")
    }


def _by_length(known: Iterable[str]) -> dict[int, list[str]]:
    result: dict[int, list[str]] = {}
    for word in sorted(known):
        if word.isalpha() and len(word) > 2:
            result.setdefault(len(word), []).append(word)
    return result
