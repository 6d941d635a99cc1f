"""Reads what a message wants done with orders: rules only, so that nothing is made up.

What only asks about the rules ("can I cancel an order?"), denies ("don't cancel it") or is about
something else ("cancel my newsletter") is no wish.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.dialogue.orders.addresses import find_address
from assistant.dialogue.orders.payments import NAMES_A_METHOD
from assistant.dialogue.orders.wishes import Aim, OrderWish
from assistant.dialogue.rules import read_order_id

_I = re.IGNORECASE
_VERBS = (
    "cancel|call\\s+off|return|send|ship|deliver|redirect|forward|change|swap|switch|exchange|replace|"
    "trade|refund|pay|put|charge|place|check\\s*out|update|make|bring|give|use|order\\s+(?:it|every)|buy"
)
_ASKS = "show|tell|find|add|remove|recommend|what|when|where|how|list|search"
_CUT = re.compile(
    r"(?<=[a-zA-Z)\]'\"\d])[.!?]+(?=\s|$)|[;\n]+|"
    rf"\s*,?\s+(?:and|but|then|also|plus)(?:\s+(?:then|also|please|maybe))*\s+(?=(?:i|i'd|(?:can|could)\s+(?:you|i|we)|please|{_VERBS}|{_ASKS})\b)|"
    rf",\s+(?=(?:i\s+(?!mean)|i'd|i'm|it's|it\s+was|(?:can|could)\s+(?:you|i|we)|please|{_VERBS}|{_ASKS})\b)",
    _I,
)
_OPENING = re.compile(
    r"^[\W_]*(?:(?:hi|hey|hello|ok(?:ay)?|so|well|um+|please|pls|plz|and|also|then|but|oh|actually|now|yes|yeah|no|"
    r"sorry|thanks|just|kindly|instead|hmm+|wait|right)\b[,.!]*\s*)+",
    _I,
)
_CARRIER = re.compile(
    r"^(?:(?:can|could|would|will)\s+(?:you|u|i|we)|may\s+i|is\s+it\s+possible\s+(?:to|for\s+me\s+to)|"
    r"(?:i|we)\s*(?:'d|would|do)?\s*(?:also\s+|really\s+|just\s+)?(?:want|wish|need|have|like|love|prefer)(?:\s+you)?\s+to|"
    r"i'?d\s+(?:also\s+|really\s+)?(?:like|love|prefer|rather)(?:\s+(?:you\s+)?to)?|i\s+wanna|i\s+(?:want|need|would\s+like)|"
    r"let'?s|let\s+me|help\s+me(?:\s+to)?|i(?:'m|\s+am)\s+(?:trying|going|looking|hoping|wanting)\s+to|"
    r"i\s+think\s+i(?:'d|\s+would)?(?:\s+like\s+to)?|go\s+ahead\s+and|please|pls|just|also|kindly|maybe|to)\b\s*",
    _I,
)
_QUESTION = re.compile(
    r"^(?:how|what|what's|whats|when|why|where|which|who|do|does|did|is|are|was|were|has|have|should|am)\b",
    _I,
)
_ASKS_LEAVE = re.compile(r"^\W*(?:can|could|may|is\s+it\s+possible|am\s+i\s+able|do\s+you)\b", _I)
_ANY_ORDER = re.compile(
    r"\b(?:cancel|return|exchange|change|swap|refund|place|(?:send|bring|take|give)\s+back|pay\s+for)\s+(?:(?:an?|any|some)\b(?!\s+few)|"
    r"(?:orders|items|things|something|anything|stuff|products|purchases)\b|for\s+)",
    _I,
)
_MY_ORDER = re.compile(r"\b(?:my|this|that|the)\s+(?:\w+\s+)?order\b", _I)
# "the mug in my order" is the mug: where it lies is read apart.
_IN_ORDER = re.compile(
    r"\s*\b(?:in|on|from|of|within)\s+(?:(?:my|the|this|that)\s+)?(?:\w+\s+)?order\b(?:\s+(?:number\s+)?#?W?\d+)?",
    _I,
)
_DENIES = re.compile(
    r"^(?:do\s*n[o']?t|don'?t|dont|do\s+not|never|i\s+(?:did\s*n[o']?t|didn'?t|did\s+not|do\s*n[o']?t|don'?t|do\s+not)"
    r"(?:\s+want(?:\s+(?:you\s+)?to)?)?|no\s+need\s+to|please\s+don'?t)\s+(?:to\s+)?"
    r"(?:cancel|return|send|exchange|change|swap|refund|ship|place|order)\b",
    _I,
)
_NOT_ORDERS = re.compile(
    r"\b(?:newsletters?|subscriptions?|account|membership|e-?mails?|notifications?|alerts?|appointment|plan|"
    r"meeting|reservation|password|username|phone\s+number|credit\s+card\s+application|reminders?|texts?|"
    r"marketing|mailing\s+list|booking|flight|insurance|slot|message|policy)\b",
    _I,
)
# Whose order it is comes from the sign-in; what names somebody else is left to be refused.
_SOMEBODY_ELSES = re.compile(
    r"\b(?:shopper|household|customer|user|account)\s*(?:number|no\.?|id|#)?\s*\d+|"
    r"\b(?:(?:some(?:one|body)|any(?:one|body))(?:\s+else)?|(?:another|other)\s+(?:customer|shopper|user|person)|"
    r"everyone|everybody)(?:'s|s'|\s+else's)?\b",
    _I,
)
_ORDER_WORD = re.compile(
    r"\border(?:s|ed)?\b|\bbought\b|\bpurchased?\b|\bdelivery\b|\bshipment\b|\bparcel\b|\bpackage\b",
    _I,
)
_CART_WORD = re.compile(r"\b(?:cart|basket|trolley)\b", _I)
_NEWEST = re.compile(
    r"\b(?:last|latest|newest|most\s+recent|recent|just\s+(?:ordered|placed|bought|made))\b", _I
)
_OTHER_ORDER = re.compile(r"\b(?:the\s+)?other\s+(?:one|order)\b", _I)
_IT = re.compile(
    r"\b(?:it|this\s+order|that\s+order|the\s+same\s+order|this\s+one|that\s+one|them)\b|\b(?:this|that)\s*$",
    _I,
)
_PLACE = re.compile(
    r"\b(?:the\s+)?(first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th)\s+(?:one|order)\b", _I
)
_PLACES = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4,
           "fifth": 5, "5th": 5}  # fmt: skip
_WHOLE = re.compile(
    r"\b(?:everything|all(?:\s+of\s+(?:it|them))?|the\s+(?:whole|entire|full)\s+\w+|both)\b", _I
)
_REASON = re.compile(
    r"\b(?:by\s+(?:mistake|accident)|accidentally|mistake|no\s+longer\s+(?:need|want)\w*|(?:do\s*n[o']?t|don'?t|do\s+not)\s+(?:need|want)\b"
    r"|changed\s+my\s+mind|too\s+(?:expensive|late|slow|big|small|large|tight|long|short)|found\s+(?:it\s+)?(?:cheaper|another|a\s+better)"
    r"|twice|doesn'?t\s+fit|does\s+not\s+fit|wrong\s+\w+|broken|damaged|not\s+what\s+i)\b",
    _I,
)
_ACCOUNT_ADDRESS = re.compile(
    r"\b(?:default|account|profile|home|my\s+own|billing)\b[^,;]*\baddress\b|\baddress\b[^,;]*\b(?:on|in|of|for)\s+(?:my|the)\s+"
    r"(?:account|profile)\b|\bi(?:'ve|\s+have)?\s+moved\b|^(?:my\s+)?(?:new\s+)?address\s+is(?:\s+now)?\b",
    _I,
)

_ORDERING = re.compile(
    r"^(?:(?:to\s+)?(?:check\s*out|checkout)\b|(?:place|submit|finish|complete|make)\s+(?:my|an|the|this|that)?\s*(?:new\s+)?orders?\b"
    r"(?!\s*#?\d)|(?:buy|order|purchase)\s+(?:it|this|that|them|these|those|all|everything|now|what(?:'?s|\s+is|\s+i\s+have)?\s+in)\b|"
    r"(?:buy|order|purchase|pay\s+for)\s+(?:everything\s+in\s+)?(?:my|the)\s+(?:whole\s+)?(?:cart|basket|trolley)\b|pay(?:\s+now)?\s*$|"
    r"pay\s+(?:for\s+(?:it|this|that|them|these|everything|all)|(?:with|by|using)\b))",
    _I,
)
_CANCELS = re.compile(r"^(?:cancel|call\s+off|void)\b", _I)
_RETURNS = re.compile(
    r"^(?:return|refund|send\b(?:(?!\bto\s+(?:my|the)\s+\w+\s*$).)*\bback\b|bring\b.*\bback\b|give\b.*\bback\b|"
    r"(?:get|have)\s+(?:a\s+refund|my\s+money\s+back)\s+(?:for|on)|(?:a\s+)?(?:refund|return|my\s+money\s+back)\s+(?:for|on|of)\b)",
    _I,
)
_EXCHANGES = re.compile(r"^(?:exchange|trade)\b", _I)
_SENDS = re.compile(
    r"^(?:send|ship|deliver|redirect|forward|reroute|post|mail|have|get)\b(?P<what>.*?)(?:\s+(?:sent|shipped|delivered))?\s+"
    r"(?:over\s+)?(?:to|at)\s+(?P<where>.*)$",
    _I,
)
_ADDRESSES = re.compile(
    r"^(?:(?:change|update|correct|fix|edit|set|swap|switch|replace|make|use)\b.*\b(?:address|delivery|shipping|destination)\b|"
    r"(?:a\s+|the\s+)?(?:different|another|new|other)\s+(?:delivery\s+|shipping\s+)?address\b|my\s+(?:\w+\s+)?address\b|"
    r"(?:my\s+|the\s+)?.*\border\b.*\bshould\s+(?:go|be\s+(?:sent|delivered|shipped))\s+to\b|i(?:'ve|\s+have)?\s+moved\b)",
    _I,
)
_PAYS = re.compile(
    r"^(?:(?:pay|charge|bill|put|move)\b.*\b(?:with|on|onto|to|using|by|from|over)\b|(?:change|switch|update|swap)\b.*\b(?:payment|paid|paying|pay|card\b(?!s))"
    r"|use\b.*\b(?:for|on|to\s+pay)\b|(?:a\s+|another\s+|a\s+different\s+)(?:payment|way\s+to\s+pay))",
    _I,
)
_OPTIONS = re.compile(
    r"^(?:change|swap|switch|replace|make|turn|have|get|take|upgrade|downgrade)\b(?P<what>.*?)\s+(?:to|for|into|with|in|be|the\s+one)\s+(?P<into>.+)$|"
    r"^(?:change|swap|switch|replace)\b(?P<only>.+)$",
    _I,
)
_MAKES = re.compile(
    r"^make\s+(?P<what>(?:the|my)\s+.+?)\s+(?:the\s+one\s+|be\s+|into\s+)?(?P<into>(?:in|with|a|an|the|size)?\s*\S+(?:\s+\S+){0,3})$",
    _I,
)
_BE = re.compile(r"^(?:can|could)\s+(?P<what>(?:the|my)\s+.+?)\s+be\s+(?P<into>.+)$", _I)
_ANOTHER = re.compile(
    r"^(?P<into>(?:a\s+|an\s+|the\s+)?(?:another|different|other|bigger|smaller|larger)\s+(?:colou?r|size|option|version|one|kind|"
    r"capacity|length|pattern|finish|\w+))\s+(?:for|of|on)\s+(?P<what>.+)$",
    _I,
)
_INSTEAD = re.compile(
    r"^(?P<what>(?:the|my)\s+.+?)\s+(?:in|as|to\s+be|with|but\s+in)\s+(?P<into>.+)$", _I
)
_SAID_INSTEAD = re.compile(r"\b(?:instead|rather)\b", _I)
_NOT_THAT = re.compile(r"\b(?:instead\s+of|rather\s+than)\b.*$|\binstead\b|\brather\b", _I)
_SPLIT_EXCHANGE = re.compile(r"\s+(?:for|to|into|with|in)\s+", _I)
_BALANCE = re.compile(
    r"\bgift\s*-?\s*(?:card|voucher)s?\b.*\b(?:balance|left|remaining|worth|value|hold)\b|\b(?:balance|how\s+much|what'?s\s+left|what\s+is\s+left|"
    r"how\s+many\s+dollars)\b.*\bgift\s*-?\s*(?:card|voucher)s?\b",
    _I,
)
_REFUND_WHEN = re.compile(
    r"^(?:when|how\s+long|where)\b.*\b(?:my\s+refund|my\s+money|refund\s+for\s+(?:my|the|order)|refunded)\b|"
    r"\bhave(?:n'?t|\s+not)?\s+(?:i\s+)?(?:received|got(?:ten)?)\s+my\s+refund\b|^(?:what|which)\b.*\brefunds?\s+(?:for|of|on)\s+(?:my|the|order)\b|"
    r"^(?:what'?s|what\s+is)\s+(?:happening|up)\s+with\s+my\s+refund\b",
    _I,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """The wishes of a message in order, and what it asks besides.

    `unsure` says that the wish names neither order nor purchase, so that it may be about the cart;
    `denied` that the message tells not to do something.
    """

    wishes: tuple[OrderWish, ...]
    rest: str
    unsure: bool = False
    denied: bool = False


def read_wishes(text: str) -> Heard:
    """Read the wishes about orders in a message."""
    if _SOMEBODY_ELSES.search(text):
        return Heard((), text)
    address, masked = find_address(text)
    wishes: list[OrderWish] = []
    rest: list[str] = []
    lead = ""
    denied = False
    for clause in _clauses(masked):
        core = _core(clause)
        if _DENIES.match(core) or _DENIES.match(clause):
            denied = True
            continue
        wish = _wish(clause, core, address if "ADDRESS" in clause else "")
        if wish is not None:
            _take_in(wishes, _with_lead(wish, lead) if not wishes else wish)
        elif wishes and (added := _supplement(clause, wishes[-1], address)) is not None:
            wishes[-1] = added
        elif not wishes and _is_reason(clause):
            lead = clause
        else:
            rest.append(clause.replace("ADDRESS", address))
    if not wishes and not denied:
        return Heard((), text)
    unsure = bool(wishes) and all(_might_be_the_cart(wish) for wish in wishes)
    return Heard(tuple(wishes), ". ".join(rest), unsure, denied)


def _clauses(text: str) -> Iterator[str]:
    for piece in _CUT.split(text):
        if piece and piece.strip(" ,.!?;"):
            yield piece.strip(" ,;")


def _core(clause: str) -> str:
    """Return what a clause asks, without greeting and "I would like to"."""
    core = _OPENING.sub("", clause.strip())
    for _ in range(3):
        shorter = _OPENING.sub("", _CARRIER.sub("", core))
        if shorter == core:
            break
        core = shorter
    return core.strip(" ,.!?")


def _wish(clause: str, core: str, address: str) -> OrderWish | None:
    opened = _OPENING.sub("", clause.strip())
    if _BALANCE.search(opened):
        return OrderWish(aim="gift_card_balance", text=clause)
    if _REFUND_WHEN.search(opened):
        return _with_points(OrderWish(aim="refund_status", text=clause, what=core), core)
    being = _BE.match(opened.rstrip(" ?.!"))
    if (
        being is None
        and (_QUESTION.match(opened) or _QUESTION.match(core))
        and not _CARRIER.match(opened)
    ):
        return None
    if _ASKS_LEAVE.match(opened) and _ANY_ORDER.search(opened) and not _MY_ORDER.search(opened):
        return None
    if _NOT_ORDERS.search(core) and not _ACCOUNT_ADDRESS.search(core):
        return None
    wish = _changed(being["what"], being["into"]) if being else _read(core, address)
    return None if wish is None else _with_points(wish.model_copy(update={"text": clause}), core)


def _read(core: str, address: str) -> OrderWish | None:
    """Read a clause by the first pattern that fits it."""
    placing = _ORDERING.match(core)
    if placing and not (core.lower().startswith("pay") and _ORDER_WORD.search(core)):
        return _OrderParts(core, address).wish("place_order")
    if _CANCELS.match(core):
        return _cancel(core)
    if _RETURNS.match(core):
        return _OrderParts(core, address).wish("return_items", what=core)
    if _EXCHANGES.match(core):
        what, *into = _SPLIT_EXCHANGE.split(_IN_ORDER.sub("", _NOT_THAT.sub("", core)), maxsplit=1)
        return _OrderParts(core, "").wish("exchange_items", what=what, into="".join(into))
    if _ADDRESSES.match(core):
        return _address(core, address)
    if _PAYS.match(core) and (
        _ORDER_WORD.search(core)
        or NAMES_A_METHOD.search(core)
        or _IT.search(core)
        or "pay" in core.lower()
    ):
        return _OrderParts(core, "").wish("change_payment", what=core)
    sends = _SENDS.match(core)
    if sends and (address or not _CART_WORD.search(core)):
        return _sent(core, sends, address)
    return _other_option(core)


def _cancel(core: str) -> OrderWish | None:
    rest = _CANCELS.sub("", core).strip()
    if not rest or _CART_WORD.search(rest):
        return None
    return _OrderParts(core, "").wish("cancel_order", what=rest)


def _address(core: str, address: str) -> OrderWish:
    aim: Aim = "change_address"
    about_order = _ORDER_WORD.search(
        re.sub(r"\bdelivery\s+address\b|\bnew\s+orders\b", "", core, flags=_I)
    )
    if _ACCOUNT_ADDRESS.search(core) and not about_order:
        aim = "change_default_address"
    said = address
    if not said and aim == "change_address":
        to = re.search(r"\bto\s+(?!ship|send|deliver)(.+)$", core, _I)
        said = to[1] if to else ""
    what = re.sub(r"\bto\b(?!.*\bto\b).*$", "", core, flags=_I)
    return _OrderParts(core, "").wish(aim, what=what, address=said)


def _sent(core: str, sends: re.Match[str], address: str) -> OrderWish | None:
    where = address or sends["where"]
    if re.match(r"^(?:have|get)\b", core, _I) and not re.search(
        r"\b(?:sent|shipped|delivered)\b", core, _I
    ):
        return None
    if re.match(r"^\s*me\b", sends["what"], _I) or not sends["what"].strip():
        return None
    return _OrderParts(core, "").wish("change_address", what=sends["what"], address=where)


def _other_option(core: str) -> OrderWish | None:
    kept = _IN_ORDER.sub("", _NOT_THAT.sub("", core)).strip()
    for pattern in (_ANOTHER, _MAKES):
        match = pattern.match(kept)
        if match:
            return _changed(match["what"], match["into"])
    match = _OPTIONS.match(kept)
    if match and (
        not re.match(r"^(?:have|get|take|turn)\b", kept, _I)
        or _SAID_INSTEAD.search(core)
        or _ORDER_WORD.search(core)
    ):
        if _CART_WORD.search(core):
            return None
        return _changed(match["what"] or match["only"] or "", match["into"] or "")
    instead = _INSTEAD.match(kept)
    if instead and _SAID_INSTEAD.search(core):
        return _changed(instead["what"], instead["into"])
    return None


def _changed(what: str, into: str) -> OrderWish:
    return OrderWish(aim="change_items", text="", what=what, into=_NOT_THAT.sub("", into))


@dataclass(frozen=True, slots=True)
class _OrderParts:
    """Builds a wish from its clause: how it is paid, where it goes and why, as far as said."""

    core: str
    address: str

    def wish(self, aim: Aim, what: str = "", into: str = "", address: str = "") -> OrderWish:
        said = address or self.address
        if not said and aim == "place_order":
            to = re.search(r"\b(?:to|at)\s+(?:my|the)\s+(.+)$", self.core, _I)
            said = to[1] if to else ""
        return OrderWish(
            aim=aim,
            text="",
            what=what,
            into=into,
            address=said,
            payment=_payment(self.core),
            reason=_reason(self.core),
        )


def _payment(core: str) -> str:
    return core if NAMES_A_METHOD.search(core) else ""


def _reason(core: str) -> str:
    match = _REASON.search(core)
    return "" if match is None else core[:200]


def _is_reason(clause: str) -> bool:
    return _REASON.search(clause) is not None and _QUESTION.match(clause) is None


def _with_points(wish: OrderWish, core: str) -> OrderWish:
    """Note what points at the order: its number, "my last order", "it", "the second one"."""
    place = _PLACE.search(core)
    return wish.model_copy(
        update={
            "order_id": read_order_id(core),
            "newest": _NEWEST.search(core) is not None,
            "other": _OTHER_ORDER.search(core) is not None,
            "it": _IT.search(core) is not None,
            "place": _PLACES[place[1].lower()] if place else None,
            "whole": _WHOLE.search(core) is not None,
        }
    )


def _pointed(wish: OrderWish, before: list[OrderWish]) -> OrderWish:
    """Let "it" of a later wish mean the order that the wish before names."""
    if wish.it and before and wish.order_id is None and not wish.other:
        last = before[-1]
        named = {"order_id": last.order_id, "newest": last.newest}
        same = wish.aim in {"change_address", "change_payment", "cancel_order"}
        what = last.what if same and not wish.newest else wish.what
        return wish.model_copy(update={**named, "what": what})
    return wish


def _supplement(clause: str, wish: OrderWish, address: str) -> OrderWish | None:
    """Take "I ordered it by mistake" and "my gift card please" for a part of the wish before."""
    if (
        "ADDRESS" in clause
        and not wish.address
        and wish.aim in {"change_address", "change_default_address", "place_order"}
    ):
        return wish.model_copy(update={"address": address})
    if _is_reason(clause):
        return wish.model_copy(update={"reason": wish.reason or clause[:200]})
    if not wish.payment and NAMES_A_METHOD.search(clause) and not _QUESTION.match(clause):
        return wish.model_copy(update={"payment": clause})
    return None


def _with_lead(wish: OrderWish, lead: str) -> OrderWish:
    """Let "the socks don't fit, exchange them for L" name the socks and say why."""
    if not lead:
        return wish
    pointed = wish.order_id or not wish.it
    return wish.model_copy(
        update={
            "reason": wish.reason or lead[:200],
            "order_id": wish.order_id or read_order_id(lead),
            "what": wish.what if pointed else f"{lead}, {wish.what}",
        }
    )


def _take_in(wishes: list[OrderWish], wish: OrderWish) -> None:
    """Add a wish, or what it says to the order that is just being placed."""
    placing = bool(wishes) and wishes[-1].aim == "place_order" and not wish.order_id
    if placing and wish.aim == "change_address":
        wishes[-1] = wishes[-1].model_copy(update={"address": wish.address})
    elif placing and wish.aim == "change_payment":
        wishes[-1] = wishes[-1].model_copy(update={"payment": wish.payment})
    else:
        wishes.append(_pointed(wish, wishes))


def _might_be_the_cart(wish: OrderWish) -> bool:
    """Tell whether only the shopper's orders and cart can say which of them is meant."""
    if wish.aim not in {"change_items", "cancel_order", "change_address", "change_payment"}:
        return False
    pointed = wish.order_id or wish.newest or wish.other or wish.place
    return not pointed and not _ORDER_WORD.search(wish.text) and not wish.address
