"""Words as the index compares them: folded, spelt the American way and without plural endings."""

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files

_TOKEN = re.compile(r"\d+[.,]\d+%?|[a-z0-9]+(?:'[a-z]+)?%?")
_IRREGULAR = {
    "children": "child", "men": "man", "women": "woman", "feet": "foot", "teeth": "tooth",
    "mice": "mouse", "geese": "goose", "knives": "knife", "loaves": "loaf", "leaves": "leaf",
    "mens": "man", "womens": "woman", "halves": "half", "shelves": "shelf", "scarves": "scarf",
    "people": "person",
}  # fmt: skip


def fold(text: str) -> str:
    """Lower the case and drop accents: `fold("Crème") == "creme"`."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


def split(text: str) -> tuple[str, ...]:
    """Split text into words and numbers, possessives and punctuation dropped."""
    found = (token.replace(",", ".") for token in _TOKEN.findall(fold(text)))
    return tuple(token.removesuffix("'s").replace("'", "") for token in found)


@cache
def stem(word: str) -> str:
    """Bring singular and plural, British and American spelling to one form, not always a word."""
    word = spelling().get(word, word)
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if len(word) > 3 and word.endswith(("che", "she", "xe", "sse", "zze", "oe")):
        word = word[:-1]
    if len(word) > 4 and word.endswith("ie"):
        word = word[:-2] + "y"
    return word


def stems(text: str) -> tuple[str, ...]:
    """The stems of a text's words, in order."""
    return tuple(stem(word) for word in split(text))


@cache
def spelling() -> dict[str, str]:
    """American spelling by British or other accepted spelling."""
    return {row["word"]: row["american"] for row in vocabulary("spelling")}


def vocabulary(name: str) -> list[dict[str, str]]:
    """Read one of the package's word tables."""
    path = files("assistant.retrieval") / "vocabulary" / f"{name}.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
