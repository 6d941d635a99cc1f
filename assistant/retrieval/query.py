"""A query as its words: which must be answered, which may be, and other ways to say them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.retrieval.sizes import MEASURE as _MEASURE
from assistant.retrieval.speller import Speller
from assistant.retrieval.words import split, stem, stems, vocabulary


class Weight(StrEnum):
    """How much a word of a query binds the answer.

    An occasion binds it only where nothing else does: `breakfast`, but `bacon for breakfast`. An
    audience always does. Words of a Query are content, optional or ignored.
    """

    CONTENT = "content"
    OPTIONAL = "optional"
    OCCASION = "occasion"
    AUDIENCE = "audience"
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
    def binding(self) -> tuple[Word, ...]:
        """The content words, or where there are none the optional ones."""
        return self.content or self.counted

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

    def words(self, typed: str) -> list[Word]:
        """The words that take the place of what was typed."""
        return [Word(typed, word, stem(word), Weight.CONTENT) for word in self.means]


class QueryReader:
    """Reads queries against the words of one catalogue; for the arguments see Speller."""

    def __init__(
        self,
        known: Mapping[str, int],
        pairs: frozenset[tuple[str, str]],
        real_words: Iterable[str],
    ) -> None:
        self._filler = {row["word"]: Weight(row["kind"]) for row in vocabulary("filler")}
        self._synonyms = _synonyms()
        real = {stem(word) for word in real_words}
        real |= {stem(row["word"]) for row in vocabulary("known_words")}
        real |= {word for phrase in self._synonyms for word in phrase}
        self._speller = Speller(known, pairs, frozenset(real))

    def read(self, text: str) -> tuple[Query, ...]:
        """Read text as typed and, where synonyms apply, with those in place; `or` parts it.

        Of a text without any word that counts there is no reading.
        """
        readings: dict[Query, None] = {}
        for part in _alternatives(self._words(split(text))):
            readings |= dict.fromkeys(self._readings(part))
        return tuple(query for query in readings if query.counted)

    def _readings(self, words: tuple[Word, ...]) -> tuple[Query, ...]:
        said: list[Word] = []
        replaced: list[Word] = []
        exact = True
        at = 0
        while at < len(words):
            size, synonym = self._synonym_at(words, at)
            here = words[at : at + size]
            if synonym is None:
                said += here
                replaced += here
            else:
                exact = exact and synonym.exact
                # In a name even filler counts: "always pads".
                said += [replace(word, weight=Weight.CONTENT) for word in here]
                replaced += synonym.words(" ".join(word.typed for word in here))
            at += size
        queries = [_query(said, exact=True)]
        if replaced != said:
            queries.append(_query(replaced, exact=exact))
        return tuple(queries)

    def _words(self, tokens: tuple[str, ...]) -> tuple[Word, ...]:
        words: list[Word] = []
        at = 0
        while at < len(tokens):
            size = self._filler_phrase_at(tokens, at)
            pair = tokens[at : at + 2]
            if not size and self._speller.is_split(pair):
                words.append(self._word(" ".join(pair), "".join(pair), ()))
                size = 2
            elif not size:
                words += self._parts(tokens[at], tokens[max(at - 1, 0) : at] + pair[1:])
            at += size or 1
        return tuple(words)

    def _filler_phrase_at(self, tokens: tuple[str, ...], at: int) -> int:
        """How many tokens a filler phrase takes here: `running out of`."""
        return next(
            (size for size in (3, 2)
             if at + size <= len(tokens) and " ".join(tokens[at : at + size]) in self._filler),
            0,
        )  # fmt: skip

    def _parts(self, token: str, beside: tuple[str, ...]) -> list[Word]:
        if token in self._filler:
            return [Word(token, token, stem(token), self._filler[token])]
        return [self._word(token, part, beside) for part in self._speller.parts(token)]

    def _word(self, typed: str, part: str, beside: tuple[str, ...]) -> Word:
        if _MEASURE.fullmatch(part):
            return Word(typed, part, stem(part), Weight.OPTIONAL)
        found = self._speller.stem(part, beside)
        text = part if stem(part) == found else found
        return Word(typed, text, found, self._filler.get(stem(part), Weight.CONTENT))

    def _synonym_at(self, words: tuple[Word, ...], at: int) -> tuple[int, Synonym | None]:
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


def _query(words: Iterable[Word], *, exact: bool) -> Query:
    settled = _settled(tuple(words))
    text = " ".join(word.text for word in settled if word.weight is not Weight.IGNORED)
    return Query(text, settled, exact)


def _settled(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Decide what occasions, audiences and purposes weigh: content or optional."""
    words = tuple(_purposes(words))
    bound = any(word.weight is Weight.CONTENT for word in words)
    occasion = Weight.OPTIONAL if bound else Weight.CONTENT
    return tuple(replace(word, weight=occasion) if word.weight is Weight.OCCASION else word
                 for word in words)  # fmt: skip


def _purposes(words: Iterable[Word]) -> Iterator[Word]:
    """Loosen what follows `for` or `to`, not whom it is for: `jam for toast`, `pads for cats`."""
    bound = loose = named = False
    for word in words:
        loose = loose or (bound and word.typed in ("for", "to"))
        bound = bound or word.weight in (Weight.CONTENT, Weight.OCCASION)
        # "for dogs" says whom it is for, "for hot dogs" does not.
        audience = word.weight is Weight.AUDIENCE and not named
        named = word.weight is Weight.CONTENT
        if audience or (word.weight is Weight.AUDIENCE and not loose):
            yield replace(word, weight=Weight.CONTENT)
        elif loose and word.weight is not Weight.IGNORED:
            yield replace(word, weight=Weight.OPTIONAL)
        else:
            yield word


def _synonyms() -> dict[tuple[str, ...], Synonym]:
    return {
        stems(row["phrase"]): Synonym(split(row["means"]), row["relation"] == "same")
        for row in vocabulary("synonyms")
    }
