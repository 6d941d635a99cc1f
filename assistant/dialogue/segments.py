"""Cut a message into segments, each of which asks for one thing."""

import re

_SENTENCE_END = re.compile(r"(?<=[a-zA-Z)\]'\"])[.!?]+(?=\s|$)|(?<=\d)[.!?]+(?=\s|$)|[;\n]+|[!?]+")
_STARTERS = (
    "find|show|add|put|remove|take|delete|drop|recommend|suggest|surprise|tell|give|gimme|get me|"
    "what|what's|whats|when|where|where's|wheres|how|which|who|do|does|did|can you|can i|could you|"
    "could i|is|are|i'd|i'll|i need|i want|i also|empty|clear|check|cancel|return|compare|let me|"
    "talk|connect|any|have you|got any|set|change|make|look for|search|list|plan|please|order|"
    "forget|ignore|get rid|ditch|swap|replace|put|scrap|lose the"
)
_SWAP = re.compile(
    r"\b(?:swap|replace|exchange|switch|trade|change)\s+(?:out\s+)?(?!(?:it|that|this)\b)"
    r"(?![^.;]*\b(?:address|orders?|name|e-?mail|phone|number|password|date|time|delivery|account|"
    r"payment|card|prices?|subject|language)\b)([a-z][\w' -]{1,40}?)\s+"
    r"(?:for|with|to|into)\s+(?!\d|(?:one|two|three|four|five|six|seven|eight|nine|ten|a\s+dozen|half)\b)"
    r"([a-z][\w' -]{1,40})",
    re.IGNORECASE,
)
_CONNECTOR = re.compile(
    r"(?:(?<!everything)(?<!all),?\s+(?:and\s+then|then|also|plus|as\s+well\s+as|and\s+also|oh\s+and|but)\s+"
    rf"|,?\s+and\s+(?=(?:{_STARTERS})\b)|,\s+(?=(?:{_STARTERS})\b))(?=\S)",
    re.IGNORECASE,
)
_LEAST_LINES = 2
_LINE_WORDS = 4
_BLANK = re.compile(r"^[\s.,!?;:-]*$")


def split_segments(text: str, limit: int = 6) -> tuple[str, ...]:
    """Return the message's segments in order, at most `limit`; the rest stays with the last.

    "when did I last buy coffee, and show me snacks" gives two; "milk, eggs and bread" stays one;
    "swap the milk for cream" takes out and adds.
    """
    text = _SWAP.sub(r"take out \1; add \2", _lines_as_list(text))
    segments: list[str] = []
    start = 0
    for cut_from, cut_to in _cuts(text):
        piece = text[start:cut_from]
        if len(segments) < limit - 1 and not _BLANK.match(piece):
            segments.append(piece.strip(" ,"))
            start = cut_to
    rest = text[start:]
    if not _BLANK.match(rest):
        segments.append(rest.strip(" ,.!?;\n"))
    return tuple(segments)


def _lines_as_list(text: str) -> str:
    """Write short lines below each other, as on a shopping list, as one line with commas."""
    lines = [line.strip(" -*•\t") for line in text.splitlines() if line.strip(" -*•\t")]
    if len(lines) < _LEAST_LINES or any(len(line.split()) > _LINE_WORDS for line in lines[1:]):
        return text
    return ", ".join(lines)


def _cuts(text: str) -> list[tuple[int, int]]:
    found = [match.span() for match in _SENTENCE_END.finditer(text)]
    for match in _CONNECTOR.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in found):
            found.append(match.span())
    return sorted(found)
