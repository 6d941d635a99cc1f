"""Words of messages and of titles, brought to one form so that they can be compared."""

import re
from collections.abc import Callable, Iterable, Sequence

from assistant.catalog.products import Option
from assistant.retrieval.words import split, stem

_GLUED = re.compile(r"(?<=\d)(?=[a-zA-Z])")
_SPLIT_PHRASES = re.compile(
    r"\s*(?:,|;|&|\+|\band\b|\bplus\b|\bas\s+well\s+as\b)\s*", re.IGNORECASE
)
_SIZES = {"small": "s", "medium": "m", "large": "l", "xlarge": "xl", "grey": "gray"}
_UNITS = frozenset("x in inch ft oz lb with and of the a us size color for".split())
# Words of talk about orders; they name no product even where a title holds them.
_TALK = frozenset(
    """a an the my your our this that these those it them one i me we you is are was be been am do
    does did have has had want need like get got can could would will please thanks order ordered
    item thing product stuff something anything everything all whole cancel return exchange change
    swap switch replace trade send sent ship shipped deliver delivered delivery redirect pay paid
    payment charge charged put use using make made set place check checkout buy bought purchase
    cart basket address account default new old other another different last latest newest recent
    first second third just now today yesterday pending back refund money card gift visa mastercard
    paypal credit debit by mistake accident accidentally because no not longer any more anymore
    instead rather from to for with in on of at and or but so size color colour option version kind
    too also then up out off over go ahead sorry don dont didn't doesn't don't which wrong ready
    take took give gave keep kept want wanted needed home work""".split()
)


def words(text: str) -> tuple[str, ...]:
    """Return the stems of a text's words, numbers apart from their units: "256GB" gives two."""
    return tuple(_SIZES.get(word, stem(word)) for word in split(_GLUED.sub(" ", text)))


def phrases(text: str) -> tuple[str, ...]:
    """Cut "the vase and the spray" into what each names."""
    return tuple(part for part in _SPLIT_PHRASES.split(text) if part)


def naming_words(text: str, recorded: Callable[[str], bool]) -> frozenset[str]:
    """Return the words that may name a product of the shop: recorded ones, not talk of orders."""
    said = (word for word in split(text) if word not in _TALK and stem(word) not in _TALK)
    return frozenset(stem(word) for word in said if recorded(word) and not word.isdigit())


def wanted_option(
    current: Sequence[Option], offered: Sequence[Option], said: frozenset[str]
) -> int | None:
    """Score how well an offer is what was said; None where it differs in something not said."""
    now = {option.name: option.value for option in current}
    score, differs = 0, False
    for option in offered:
        hits = len((frozenset(words(option.value)) - _UNITS) & said)
        if now.get(option.name) != option.value:
            if not hits:
                return None
            differs = True
        score += hits
    return score if differs else None


def best(scored: Iterable[tuple[str, int | None]]) -> tuple[str, ...]:
    """Return the names with the highest score, None left out."""
    found = [(name, score) for name, score in scored if score is not None]
    top = max((score for _, score in found), default=0)
    return tuple(name for name, score in found if score == top)


def known_reason(said: str, reasons: Sequence[str]) -> str | None:
    """Return the reason of the policy that a text gives, None where it gives none of them.

    "I don't need it" and "no longer needed" are the same reason, "accidentally" is by mistake.
    """
    heard = _roots(said)
    return next((reason for reason in reasons if heard & _roots(reason)), None)


def _roots(text: str) -> frozenset[str]:
    roots = (word[:4] for word in split(text) if word not in _NO_REASON)
    return frozenset("mist" if root == "acci" else root for root in roots)


_NO_REASON = frozenset(
    """i it the a an my order orders ordered by no not longer more any because was were is am been
    this that dont don't want wanted to and one of""".split()
)
