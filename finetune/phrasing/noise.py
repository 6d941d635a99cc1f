"""What people's hands do to a sentence: typos, casing, lost punctuation, fillers, emojis."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from finetune.phrasing.fillers import Piece

Pieces = tuple[Piece, ...]

_NEIGHBOURS = {
    "q": "wa",
    "w": "qes",
    "e": "wrd",
    "r": "etf",
    "t": "ryg",
    "y": "tuh",
    "u": "yij",
    "i": "uok",
    "o": "ipl",
    "p": "ol",
    "a": "qsz",
    "s": "awdx",
    "d": "sefc",
    "f": "drgv",
    "g": "fthb",
    "h": "gyjn",
    "j": "hukm",
    "k": "jil",
    "l": "kop",
    "z": "asx",
    "x": "zsdc",
    "c": "xdfv",
    "v": "cfgb",
    "b": "vghn",
    "n": "bhjm",
    "m": "njk",
}
_OPENERS = (
    "hi, ",
    "hey ",
    "hello, ",
    "ok ",
    "ok, ",
    "so ",
    "um ",
    "uhm, ",
    "and ",
    "also ",
    "oh and ",
    "btw ",
    "then ",
    "well ",
    "quick question: ",
    "excuse me, ",
    "hi there, ",
    "please ",
    "yo ",
    "alright, ",
    "sorry, ",
    "good morning, ",
    "and then ",
    "oh, ",
)
_CLOSERS = (
    " please",
    " pls",
    " thanks",
    " thx",
    ", thank you",
    " lol",
    " asap",
    " :)",
    " 🙏",
    " 😊",
    "!!",
    " ...",
    " if you can",
    " for me",
    " now",
    " 😅",
    ", cheers",
    " mate",
    " ok?",
    " haha",
)
_CHATTY = {
    "you": "u",
    "are": "r",
    "your": "ur",
    "please": "plz",
    "want to": "wanna",
    "going to": "gonna",
    "what is": "whats",
    "because": "cuz",
    "with": "w/",
    "to": "2",
    "for": "4",
    "and": "n",
    "thanks": "thx",
    "something": "smth",
    "have": "hav",
    "okay": "k",
}


@dataclass(frozen=True, slots=True)
class Noise:
    """How often each kind of noise strikes an example; `clean` examples are spared all of it."""

    clean: float = 0.4
    typo: float = 0.25
    chatty: float = 0.1
    opener: float = 0.15
    closer: float = 0.1
    no_punctuation: float = 0.5
    no_apostrophe: float = 0.4
    sentence_case: float = 0.3
    shouted: float = 0.03


def disturb(pieces: Pieces, rng: Random, noise: Noise, *, dress: bool) -> Pieces:
    """Return the pieces with noise; `dress` allows fillers before and after the sentence."""
    if rng.random() < noise.clean:
        return _maybe(pieces, rng, noise.sentence_case, _sentence_case)
    pieces = _maybe(pieces, rng, noise.no_punctuation, _bare)
    pieces = _maybe(pieces, rng, noise.no_apostrophe, _without_apostrophes)
    pieces = _maybe(pieces, rng, noise.chatty, lambda found: _chatty(found, rng))
    if dress:
        opener, closer = Piece(rng.choice(_OPENERS)), Piece(rng.choice(_CLOSERS))
        pieces = _maybe(pieces, rng, noise.opener, lambda found: (opener, *found))
        pieces = _maybe(pieces, rng, noise.closer, lambda found: (*found, closer))
    pieces = _maybe(pieces, rng, noise.typo, lambda found: _typos(found, rng))
    pieces = _maybe(pieces, rng, noise.sentence_case, _sentence_case)
    return _maybe(pieces, rng, noise.shouted, _shouted)


def _maybe(
    pieces: Pieces, rng: Random, chance: float, change: Callable[[Pieces], Pieces]
) -> Pieces:
    return change(pieces) if rng.random() < chance else pieces


def _bare(pieces: Pieces) -> Pieces:
    """Drop the punctuation that ends the sentence, unless it is all there is."""
    *rest, last = pieces
    kept = last.text.rstrip("?!. ")
    return (*rest, replace(last, text=kept)) if kept or rest else pieces


def _without_apostrophes(pieces: Pieces) -> Pieces:
    return tuple(replace(piece, text=piece.text.replace("'", "")) for piece in pieces)


def _shouted(pieces: Pieces) -> Pieces:
    return tuple(replace(piece, text=piece.text.upper()) for piece in pieces)


def _sentence_case(pieces: Pieces) -> Pieces:
    """Write the way phones correct: a capital first, and "I"."""
    at = next((index for index, piece in enumerate(pieces) if piece.text.strip()), 0)
    cased = [replace(piece, text=_capital_i(piece.text)) for piece in pieces]
    head = cased[at].text
    cased[at] = replace(cased[at], text=head[:1].upper() + head[1:])
    return tuple(cased)


def _capital_i(text: str) -> str:
    words = text.split(" ")
    return " ".join("I" + word[1:] if word.split("'")[0] == "i" else word for word in words)


def _chatty(pieces: Pieces, rng: Random) -> Pieces:
    """Shorten some words the way chats do; slot values keep their spelling."""

    def shorten(text: str) -> str:
        return " ".join(
            _CHATTY[word] if word in _CHATTY and rng.random() < 0.7 else word
            for word in text.split(" ")
        )

    return tuple(
        piece if piece.tag or piece.exact else replace(piece, text=shorten(piece.text))
        for piece in pieces
    )


def _typos(pieces: Pieces, rng: Random) -> Pieces:
    """Mistype one or two letters anywhere but in numbers and codes."""
    changed = list(pieces)
    for _ in range(rng.choice((1, 1, 1, 2))):
        open_to = [i for i, piece in enumerate(changed) if len(piece.text) > 4 and not piece.exact]
        if open_to:
            at = rng.choice(open_to)
            changed[at] = replace(changed[at], text=_mistyped(changed[at].text, rng))
    return tuple(changed)


def _mistyped(text: str, rng: Random) -> str:
    letters = [i for i, char in enumerate(text) if char.isalpha() and i > 0]
    if not letters:
        return text
    at = rng.choice(letters)
    kind = rng.choice(("drop", "double", "swap", "near"))
    if kind == "drop":
        return text[:at] + text[at + 1 :]
    if kind == "double":
        return text[:at] + text[at] + text[at:]
    if kind == "swap" and text[at - 1].isalpha():
        return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
    near = rng.choice(_NEIGHBOURS.get(text[at].lower(), text[at]))
    return text[:at] + near + text[at + 1 :]
