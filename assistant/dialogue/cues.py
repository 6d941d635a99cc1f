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
        _cue(r"\b(?:\d+|one|two|three|a|some)\s+(?:[a-z]+\s+){0,2}(?:fewer|less)\b(?!\s+(?:than|expensive|sugar|fat|salt))"),
        frozenset({Intent.CART_ADD, Intent.CART_SET, Intent.REFINE, Intent.UNCLEAR, Intent.FIND}),
        Intent.CART_REMOVE,
    ),
    (
        _cue(r"^\W*(?:so\s+|hi,?\s+|hey,?\s+)?(?:do|does|will|would)\s+(?:you|u|ya|the\s+shop|this\s+shop)(?:\s+(?:guys|folks|lot))?\s+"
             r"(?:even\s+|also\s+|happen\s+to\s+)?(?:sell|stock|carry)\b(?!\s+(?:my|our)\s+data)"),
        frozenset({Intent.POLICY, Intent.OUT_OF_SCOPE, Intent.UNCLEAR, Intent.CART_ADD,
                   Intent.DETAILS, Intent.SMALL_TALK, Intent.CART_SHOW}),
        Intent.FIND,
    ),
    (
        _cue(r"\b(?:arrived|came|turned\s+up|got\s+here|was\s+delivered)\s+(?:\w+\s+)?(?:off|bad|broken|"
             r"damaged|spoil\w*|rotten|mou?ldy|melted|leaking|crushed|wrong|expired|out\s+of\s+date)\b"),
        _ANY - {Intent.HUMAN, Intent.ORDER_CHANGE},
        Intent.POLICY,
    ),
    (
        _cue(r"\b(?:my|the)\s+(?:very\s+)?(?:last|latest|newest|most\s+recent|previous)\s+"
             r"(?:order|basket|shop|shopping\s+trip|receipt)\b"),
        frozenset({Intent.ORDERS, Intent.CART_SHOW, Intent.DETAILS, Intent.UNCLEAR, Intent.FIND,
                   Intent.PAID}),
        Intent.ORDER_STATUS,
    ),
    (
        _cue(r"\b(?:set|change|lower|make|drop|reduce|put)\b.*\bprices?\b.*\bto\s+[$£€]?\s*(?:\d|zero|nothing)"),
        _ANY,
        Intent.UNSAFE,
    ),
    (
        _cue(r"^\W*(?:and|what\s+about|how\s+about|or)\s+(?:the\s+)?(?:first|second|third|fourth|fifth|sixth|"
             r"last|1st|2nd|3rd|\dth)(?:\s+one)?\W*$"),
        frozenset({Intent.CART_ADD, Intent.FIND, Intent.REFINE, Intent.UNCLEAR}),
        Intent.DETAILS,
    ),
    (
        _cue(r"\b(?:do|did|have)\s+i\s+(?:usually|normally|ever|often|always)\s+(?:buy|get|have|bought|had)\s+"
             r"(?:that|this|it|the\s+\w+\s+one)\b"),
        frozenset({Intent.USUAL, Intent.RECOMMEND, Intent.DETAILS}),
        Intent.LAST_BOUGHT,
    ),
    (
        _cue(r"^\W*(?:please\s+)?(?:add|put|take|get|i\s+want|i'?ll\s+(?:take|have))\b.*\b(?:except|apart\s+from|"
             r"other\s+than)\b"),
        frozenset({Intent.CART_REMOVE}),
        Intent.CART_ADD,
    ),
    (
        _cue(r"\b(?:shopper|household|customer|user|account)\s*(?:number|no\.?|id|#)?\s*\d+\b"),
        _ANY,
        Intent.UNSAFE,
    ),
    (
        _cue(r"\bwhat\s+(?:do|would|can|should)\s+(?:you|u|we|i)\s+(?:recommend|suggest|try)\b|"
             r"\b(?:any|your)\s+(?:recommendations?|suggestions?)\b"),
        frozenset({Intent.CART_ADD, Intent.CART_SET, Intent.DETAILS}),
        Intent.RECOMMEND,
    ),
    (
        _cue(r"^\W*(?:(?:let'?s|lets|can\s+we|please)\s+)?(?:start|begin)\s+(?:over|again|afresh|from\s+scratch)\b"),
        frozenset({Intent.CART_CLEAR, Intent.CART_REMOVE}),
        Intent.DECLINE,
    ),
    (
        _cue(r"^\W*(?:please\s+|ok\s+|can\s+(?:i|you)\s+|i\s+(?:want|would\s+like)\s+to\s+|i'?d\s+like\s+to\s+|let'?s\s+)?"
             r"(?:(?:buy|order|purchase)\s+(?:it|this|that|them|these|everything|now)|"
             r"(?:place|submit|send|finish|complete)\s+(?:my\s+|an\s+|the\s+|this\s+)?order|pay(?:\s+now)?|check\s*out)\b"),
        frozenset({Intent.CART_ADD, Intent.POLICY, Intent.ORDER_STATUS, Intent.ORDERS,
                   Intent.ORDER_CHANGE, Intent.UNCLEAR, Intent.OUT_OF_SCOPE}),
        Intent.CART_SHOW,
    ),
    (
        _cue(r"^\W*(?:please\s+|(?:can|could)\s+(?:you|u)\s+|and\s+)?add\s+(?!.*\blist\b)"),
        frozenset({Intent.SHOPPING_LIST, Intent.FIND}),
        Intent.CART_ADD,
    ),
    (
        _cue(r"\bi\s+mea?nt?\b"),
        frozenset({Intent.CART_ADD, Intent.CART_SET, Intent.CART_REMOVE, Intent.UNCLEAR,
                   Intent.DECLINE, Intent.DETAILS, Intent.SMALL_TALK, Intent.OUT_OF_SCOPE}),
        Intent.FIND,
    ),
    (
        _cue(r"\b(?:tell|write|sing|make\s+up|compose)\b.*\b(?:joke|poem|story|song|essay|haiku)\b"),
        _ANY,
        Intent.OUT_OF_SCOPE,
    ),
    (
        _cue(r"\b(?:last\s+time|i\s+(?:last|ever)\s+(?:got|bought|had|ordered|purchased)|"
             r"(?:have|did)\s+i\s+ever\s+(?:buy|bought|get|had|ordered))\b"),
        _LOOKING | {Intent.CART_SHOW, Intent.ORDERS},
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
_REMOVES = _cue(
    r"\b(?:remov\w*|tak\w+|took|drop\w*|delet\w*|out|off|without|don'?t|no|not|rid|scrap|lose|ditch|cancel|less|"
    r"fewer|minus|forget|skip|leave|back|away|instead|bin|chuck|nix|cut|reduce|subtract|pull|strike|"
    r"undo|exclude|kick|discard|lower|clear|empty|swap|replace|changed?|omit|except)\b"
)
_FILLER = _cue(
    r"^\W*(?:what(?:'ve|\s+have|\s+do)?\s+(?:you|ya|u)\s+(?:got|have)(?:\s+in)?|what(?:'s|s|\s+is)\s+there|"
    r"(?:can|could)\s+(?:you|u)\s+(?:check|help|look|see)(?:\s+(?:for\s+)?(?:me|it|that))?(?:\s+please)?|"
    r"any\s+(?:ideas?|suggestions?|tips)|what\s+(?:do|should|would)\s+(?:i|we)\s+(?:need|get|buy)|where\s+is\s+it|let\s+me\s+know)\W*$"
)


def clear_sign(text: str, intent: Intent) -> Intent | None:
    """Return the intent that a clear sign asks for, in place of `intent` or bearing it out."""
    for pattern, heard_as, meant in _CUES:
        if (intent in heard_as or intent is meant) and pattern.search(text):
            return meant
    if intent is Intent.CART_REMOVE and not _REMOVES.search(text):
        return Intent.FIND
    return None


def is_filler(text: str) -> bool:
    """Tell whether a segment only rounds off what stands before it: "what have you got"."""
    return _FILLER.match(text) is not None
