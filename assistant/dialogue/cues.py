"""Clear signs in a segment's words that overrule the classifier."""

import re
from collections.abc import Collection

from assistant.dialogue.requests import Intent


def _cue(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_LOOKING = frozenset(
    {Intent.FIND, Intent.REFINE, Intent.UNCLEAR, Intent.OUT_OF_SCOPE, Intent.SHOPPING_LIST}
)
_ANY: frozenset[Intent] = frozenset(Intent) - {Intent.UNSAFE}
_CUES: tuple[tuple[re.Pattern[str], Collection[Intent], Intent], ...] = (
    (
        _cue(r"^\W*(?:hi+(?:ya)?|hey+|hello|yo|morning|good\s+(?:morning|evening|afternoon)|bye|"
             r"goodbye|see\s+ya|thanks?|thank\s+you|thx|ta|cheers)(?:\s+\w+){0,2}\W*$"),
        _ANY - {Intent.DECLINE},
        Intent.SMALL_TALK,
    ),
    (
        _cue(r"\b(?:tell|write|sing|make\s+up|compose)\b.*\b(?:joke|poem|story|song|essay|haiku)\b"),
        _ANY,
        Intent.OUT_OF_SCOPE,
    ),
    (
        _cue(r"\b(?:last\s+time|i\s+(?:last|ever)\s+(?:got|bought|had|ordered|purchased)|"
             r"(?:have|did)\s+i\s+ever\s+(?:buy|bought|get|had|ordered))\b"),
        _LOOKING | {Intent.CART_SHOW},
        Intent.LAST_BOUGHT,
    ),
    (
        _cue(r"\b(?:been\s+paying|i\s+paid|did\s+i\s+pay|set\s+me\s+back|i\s+spent|did\s+i\s+spend)\b"),
        _LOOKING | {Intent.CART_SHOW, Intent.ORDERS},
        Intent.PAID,
    ),
    (
        _cue(r"\b(?:can|could|may|do|does|how|what|what's|is|are|am)\b.*\b(?:bring\s+back|bring\s+\w+\s+back|"
             r"money\s+back|refund|refunds|returns|allerg\w*|peanuts?|nuts|deliver|delivery|opening|coupons?|"
             r"privacy|id\s+check)\b|\bhow\s+does\s+(?:that|it|this)\s+work|\bclick\s*(?:&|and)\s*collect\b"),
        frozenset({Intent.ORDER_CHANGE, Intent.DETAILS, Intent.CART_SHOW, Intent.UNCLEAR,
                   Intent.OUT_OF_SCOPE, Intent.SMALL_TALK}),
        Intent.POLICY,
    ),
    (
        _cue(r"\b(?:marked\s+down|on\s+(?:offer|sale|special)|special\s+offers?|reduced\s+this)\b"),
        frozenset({Intent.UNCLEAR, Intent.ORDER_STATUS, Intent.OUT_OF_SCOPE, Intent.DETAILS}),
        Intent.PROMOTIONS,
    ),
    (
        _cue(r"\b(?:we're|we\s+are|i'm|im|i\s+am|ran|run|running)\s+(?:all\s+)?(?:out\s+of|low\s+on)\b"),
        _ANY - {Intent.SHOPPING_LIST, Intent.CART_ADD},
        Intent.FIND,
    ),
)  # fmt: skip
_FILLER = _cue(
    r"^\W*(?:what(?:'ve|\s+have|\s+do)?\s+(?:you|ya|u)\s+(?:got|have)(?:\s+in)?|what(?:'s|s|\s+is)\s+there|"
    r"(?:can|could)\s+(?:you|u)\s+(?:check|help|look|see)(?:\s+(?:for\s+)?(?:me|it|that))?(?:\s+please)?|"
    r"any\s+(?:ideas?|suggestions?|tips)|where\s+is\s+it|let\s+me\s+know)\W*$"
)


def overruled(text: str, intent: Intent) -> Intent:
    """Return the intent that a clear sign asks for, else the one given."""
    for pattern, heard_as, meant in _CUES:
        if intent in heard_as and pattern.search(text):
            return meant
    return intent


def is_filler(text: str) -> bool:
    """Tell whether a segment only rounds off what stands before it: "what have you got"."""
    return _FILLER.match(text) is not None
