"""The words that name a product: what is left of a segment without its carrier phrases."""

import re
from collections.abc import Iterable

from assistant.dialogue.requests import ListItem
from assistant.dialogue.rules import read_quantity

_LEAD = frozenset(
    """a about add again all also an and any anything are around as at basket bought buy
    buying can care carry cart check contain cost costs could deal deals did do does
    down drop else ever find for from gimme give go got grab have hello hey hi how hows
    i i'd i'll i'm id im in include into is it items just last least let like list
    locate look looking many me might more most much my need needed never new of off
    offer ok okay on one or order out over paid pay please pls plz possible price prices
    product products purchase purchased put recently recommend remove replace search see
    sell selling set should show some something spend spent stock stuff suggest take
    tell thanks that that's thats the their them there there's theres these thing things
    this those throw time to today total up us usual usually want wanna wanted was we
    were what what's whats when where where's wheres which who will with wondering would
    you you're your yes yeah yo yep purchases u ur gonna hunt hunting after kinda sort
    kind whatever delete adding available possibly perhaps maybe so well um uh really
    quick quickly now then help fetch pick bring change make update amount quantity only
    first exactly ago long could've keep keeps kept get getting gets picking searching
    display browse shop shopping store sir hoping date recent place pop bump each lately
    normally decent nice couple bag bags pack packs carton cartons box boxes bottle
    bottles packet packets loaf loaves hoping wanting thinking actually swap receipt
    sale sales special specials offers discount discounts coupon coupons promo promos
    promotion promotions no nope nah sorry meant mean often
    frequently cant can't cannot remember recall
    good best wanting makes
    bake baking cook cooking prepare preparing love fancy craving kinds types sorts
    proper nothing above below under chuck toss
    stick scrap lower raise increase reduce rid dozen dont don't not changed mind back
    both rather lose ditch leave skip ask asking we're ran run running low""".split()
)
_TAIL = frozenset(
    """please pls plz thanks thank you ty cheers today now tonight tomorrow here there
    again anymore in to for of on at from with by into onto my the a your our me us it
    and or if so do does did have has had got i we they cart basket trolley bag order
    stock store shop sale offer list aisle available possible time last week month year
    ever yet before recently currently usually too also instead sell carry sold selling
    need want buy get cost costs price priced is are was were be been please? out back
    off up down ok okay mate dude man lol asap though right lately previously can could
    would will should yall y'all guys folks u ur one ones go gone away receipt purchase
    purchased purchases recent set under over below above each paying bought paid
    something thing that come comes more fewer less bags packs pack zero actually
    anything stuff anywhere section department dept thats that's but only nothing love
    mind wanted rather these days what this kind kinds type types sort sorts flavour flavor flavours
    flavors version versions variety""".split()
)
_WORD = re.compile(r"[a-zA-Z0-9%][a-zA-Z0-9%&'’\-/]*(?:\.\d+)?")
_SEPARATOR = re.compile(
    r"\s*(?:,\s*and\s+|,|;|\n|\+|&(?!\s*[\w]+'s\b)|\band\b(?!\s+\w+'s\b)|\bplus\b|\bthen\b)\s*",
    re.IGNORECASE,
)
_JOINED = (
    "half and half", "mac and cheese", "macaroni and cheese", "salt and vinegar", "salt and pepper",
    "peanut butter and jelly", "sweet and sour", "oil and vinegar", "pork and beans",
    "cookies and cream", "surf and turf", "franks and beans", "bread and butter pickles",
    "head and shoulders", "biscuits and gravy", "chips and dip", "ham and cheese", "beans and rice",
    "rice and beans", "fruit and nut", "shampoo and conditioner",
)  # fmt: skip
_PART = re.compile(r"\s*(?:[,;:()]|\s-\s|\b(?:because|cause|cuz|cos|since|if)\b)\s*", re.I)
_HABIT = re.compile(
    r"\b(?:that\s+|which\s+)?(?:i|we)\s+(?:always|usually|normally|often|typically)\s+"
    r"(?:buy|get|have|take|drink|eat|use|order)\b|\bmy\s+usual\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:so\s+|and\s+|but\s+)?(?:i\s+|we\s+|i'd\s+|i\s+really\s+)?(?:need|want|could\s+do\s+with|looking\s+for|am\s+looking|"
    r"do\s+you|have\s+you|got\s+any|any|can\s+(?:i|you|we)|could\s+(?:i|you|we)|find|show|get|would\s+like|like)\b",
    re.IGNORECASE,
)
_PURPOSE = re.compile(r"\bfor\s+(?=(?:the|a|an|my|our|his|her|their|after|when|tonight)\b)", re.I)
_NAME_STARTS = ("low fat", "low sodium", "low carb", "low cal", "low sugar", "best before",
    "cooking oil", "cooking spray", "baking", "bake mix", "cook book", "good day", "first aid",
     "new york", "new potato", "all purpose", "all natural", "after shave",
    "after sun", "after dinner", "over the counter", "shop towel", "check book")  # fmt: skip
_NAME_END = re.compile(
    r"(?:tea|bin|trash|garbage|rubbish|refuse|sandwich|freezer|storage|gift|lunch|paper|grocery|vacuum|"
    r"ziploc|zip|kitchen|treat|sleeping|yard|leaf|oven|produce|snack|variety|ice|cold)\s+(?:bags?|packs?)$",
    re.IGNORECASE,
)
_BARE = 2
_STOPWORDS = frozenset("a an and the of for to in on with or my some any at i me is it".split())


def strip_carrier(text: str) -> str:
    """Return the words between the carrier phrases at both ends, possibly none.

    "do you have any oat milk in stock?" leaves "oat milk".
    """
    words = [match[0] for match in _WORD.finditer(text.replace("’", "'"))]
    while words and words[0].lower() in _LEAD and not _starts_name(words):
        words.pop(0)
    while words and words[-1].lower() in _TAIL and not _ends_name(words):
        words.pop()
    return " ".join(words)


def _ends_name(words: list[str]) -> bool:
    return len(words) > 1 and _NAME_END.match(" ".join(words[-2:])) is not None


def product_phrase(text: str) -> str | None:
    """Return the phrase that can only be a product's name; None where that is unsure.

    The first part that is more than carrier counts, without the purpose behind it: "laundry
    detergent, a decent one" and "a trampoline for the back garden", but "stuff for tacos".
    """
    phrases = ((part, _aim(part)) for part in _PART.split(_HABIT.sub(" ", text)))
    named = [(part, phrase) for part, phrase in phrases if phrase]
    if not named:
        return None
    first = named[0][1]
    if is_plain(first):
        return first
    # What a story before it hides, a later part may ask outright: "..., could do with a cake".
    asked = [phrase for part, phrase in named[1:] if _ASKS.match(part) and is_plain(phrase)]
    last = named[-1][1]
    return asked[0] if asked else (last if len(last.split()) <= _BARE and last != first else None)


def _aim(part: str) -> str:
    aim, *purpose = _PURPOSE.split(part, maxsplit=1)
    return strip_carrier(aim) or (strip_carrier(purpose[0]) if purpose else "")


def _starts_name(words: list[str]) -> bool:
    return " ".join(words[:2]).lower().startswith(_NAME_STARTS)


def split_items(text: str, joined: Iterable[str] = ()) -> tuple[ListItem, ...]:
    """Split a shopping list into items with quantities; phrases in `joined` stay whole.

    "2 milks, eggs and mac and cheese" gives milks (2), eggs, mac and cheese.
    """
    masked = text
    for phrase in (*_JOINED, *joined):
        masked = re.sub(
            rf"\b{re.escape(phrase)}\b",
            lambda match: re.sub(r"(?i)\band\b", "_and_", match[0]).replace("&", "_amp_"),
            masked,
            flags=re.IGNORECASE,
        )
    items = (_item(piece) for piece in _SEPARATOR.split(masked))
    return tuple(item for item in items if item is not None)


def _item(piece: str) -> ListItem | None:
    quantity, rest = read_quantity(piece.replace("_and_", "and").replace("_amp_", "&"))
    query = strip_carrier(rest)
    return ListItem(query, max(1, quantity or 1)) if query else None


def is_plain(phrase: str) -> bool:
    """Tell whether a phrase can be only a product's name: short, and no clause inside it."""
    words = phrase.lower().split()
    return 0 < len(words) <= 4 and not any(word in _CLAUSE for word in words)


_CLAUSE = frozenset(
    """because since that which who i my we me if when need want going gonna have has is are was
    but so cause cuz bc please thanks really hate think thinking something anything
    stuff things there they them he she her his making make having""".split()
)


def candidate_spans(text: str, longest: int = 4) -> tuple[str, ...]:
    """Return the phrases of a segment that a product's name could be, in order, without repeats.

    They neither begin nor end with a function word; the model may choose among nothing else.
    """
    words = [match[0] for match in _WORD.finditer(text)]
    spans: dict[str, None] = {}
    for start in range(len(words)):
        for end in range(start + 1, min(start + longest, len(words)) + 1):
            edges = {words[start].lower(), words[end - 1].lower()}
            if not edges & _STOPWORDS:
                spans[" ".join(words[start:end])] = None
    return tuple(spans)
