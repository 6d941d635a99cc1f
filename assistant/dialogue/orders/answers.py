"""Whether a message is a yes, a no, or the answer to what was asked about a wish."""

import re
from collections.abc import Sequence

from assistant.dialogue.actions.scope import Scope
from assistant.dialogue.orders.addresses import begins_address, read_address
from assistant.dialogue.orders.choosing import Shelf
from assistant.dialogue.orders.options import choose_option
from assistant.dialogue.orders.payments import means_other, named_methods
from assistant.dialogue.orders.wishes import OpenWish, OrderWish
from assistant.dialogue.orders.words import known_reason
from assistant.dialogue.rules import read_order_id
from assistant.errors import ToolError
from assistant.tools.order_desk import OrderDesk

_YES = re.compile(
    r"\W*(?:(?:yes|y|yeah|yep|yup|yea|ok|okay|sure|correct|right|confirm(?:ed)?|absolutely|definitely|of\s+course|"
    r"go\s+ahead|do\s+(?:it|that|so)|please(?:\s+do)?|that'?s\s+(?:right|correct|fine|it)|sounds\s+good|i\s+confirm|"
    r"i\s+agree|agreed|perfect|please\s+go\s+ahead|go\s+for\s+it|thanks|thank\s+you)[\s,.!]*){1,4}\W*",
    re.IGNORECASE,
)
_ONLY_POLITE = re.compile(
    r"\W*(?:(?:thanks|thank\s+you|please|right|perfect)[\s,.!]*)+", re.IGNORECASE
)
_NO = re.compile(
    r"\W*(?:actually\s*,?\s*)?(?:(?:no+|nope|nah|n|don'?t(?:\s+do\s+(?:it|that))?|do\s+not(?:\s+do\s+(?:it|that))?|stop|wait|"
    r"never\s*mind|nvm|forget\s+(?:it|that|about\s+it)|leave\s+it(?:\s+(?:as\s+it\s+is|alone|be))?|keep\s+(?:it|them|that|the\s+order|my\s+order)"
    r"|cancel(?:\s+(?:it|that))?|not\s+now|not\s+yet|i(?:'ve|\s+have)?\s+changed\s+my\s+mind|hold\s+on|thanks?|thank\s+you|"
    r"please|sorry|no\s+need|better\s+not|rather\s+not|i'?d\s+rather\s+not|actually)[\s,.!]*){1,4}\W*",
    re.IGNORECASE,
)
ALL_OF_IT = re.compile(
    r"\bnever\s*mind|\bnvm\b|\bforget\b|\bstop\b|\bnone\b|\bnothing\b", re.IGNORECASE
)
_PLACES = {
    "first": 0, "1st": 0, "1": 0, "second": 1, "2nd": 1, "2": 1, "third": 2, "3rd": 2, "3": 2,
    "fourth": 3, "4th": 3, "4": 3, "fifth": 4, "5th": 4, "5": 4, "last": -1,
}  # fmt: skip
_PLACE = re.compile(
    r"^\W*(?:the\s+|number\s+|option\s+|#)?(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th|[1-5])(?:\s+(?:one|order|item|option))?"
    r"(?:\s+please)?\W*$",
    re.IGNORECASE,
)
_NEWEST = re.compile(r"\b(?:latest|newest|most\s+recent|last)\b", re.IGNORECASE)
_EVERYTHING = re.compile(
    r"\b(?:everything|all|both|the\s+(?:whole|entire)\s+order)\b", re.IGNORECASE
)
_BARE_NUMBER = re.compile(r"#?\s*(W?\d{4,14})\b", re.IGNORECASE)
_QUESTION = re.compile(
    r"\?\s*$|^\W*(?:how|what|when|why|where|which|who|do|does|did|is|are|can|could|show|find|add|tell|search|list|"
    r"recommend|remove|put|hi|hello|hey|help)\b",
    re.IGNORECASE,
)
_LONGEST_ANSWER = 12


def is_yes(text: str) -> bool:
    """Tell whether a message is exactly a yes, with nothing besides that could change it."""
    return _YES.fullmatch(text) is not None and _ONLY_POLITE.fullmatch(text) is None


def is_no(text: str) -> bool:
    """Tell whether a message only says no."""
    return _NO.fullmatch(text) is not None and _ONLY_POLITE.fullmatch(text) is None


def may_answer(text: str) -> bool:
    """Tell whether a message reads like an answer rather than like another matter."""
    return len(text.split()) <= _LONGEST_ANSWER and _QUESTION.search(text) is None


def filled(scope: Scope, desk: OrderDesk, waiting: OpenWish, text: str) -> OrderWish | None:
    """Return the wish with what a message answers; None where it answers nothing that was asked."""
    match waiting.lacks:
        case "order":
            return _with_order(scope, waiting, text)
        case "items":
            return _with_items(scope, waiting, text)
        case "option":
            return _with_option(scope, desk, waiting, text)
        case "payment":
            return _with_payment(scope, desk, waiting, text)
        case "address":
            return _with_address(scope, desk, waiting.wish, text)
        case "reason":
            return _with_reason(waiting, text)


def _with_order(scope: Scope, waiting: OpenWish, text: str) -> OrderWish | None:
    number = _BARE_NUMBER.search(text)
    order_id = read_order_id(text) or (number[1].upper() if number else None)
    order_id = order_id or _placed(text, waiting.offered)
    if order_id is None and _NEWEST.search(text) and waiting.offered:
        order_id = waiting.offered[0]
    if order_id is not None:
        return waiting.wish.model_copy(update={"order_id": order_id})
    shelf = Shelf(scope)
    orders = scope.toolkit.orders_named(scope.session, waiting.offered)
    scores = {order.id: shelf.score(text, order) for order in orders}
    top = max(scores.values(), default=(0, 0))
    best = [name for name, score in scores.items() if score == top and top[0]]
    if len(best) != 1:
        return None
    what = waiting.wish.what if shelf.naming(waiting.wish.what) else text
    return waiting.wish.model_copy(update={"order_id": best[0], "what": what})


def _with_items(scope: Scope, waiting: OpenWish, text: str) -> OrderWish | None:
    if _EVERYTHING.search(text):
        return waiting.wish.model_copy(update={"whole": True})
    placed = _placed(text, waiting.offered)
    if placed is not None:
        return waiting.wish.model_copy(update={"product_ids": (placed,)})
    (order,) = scope.toolkit.orders_named(scope.session, [waiting.wish.order_id or ""])
    lines = Shelf(scope).named(text, order.lines)
    if not lines:
        return None
    ids = tuple(line.product_id for line in lines)
    return waiting.wish.model_copy(update={"product_ids": ids})


def _with_option(scope: Scope, desk: OrderDesk, waiting: OpenWish, text: str) -> OrderWish | None:
    only = waiting.offered[0] if len(waiting.offered) == 1 and is_yes(text) else None
    settled = only or _placed(text, waiting.offered)
    if settled is not None:
        return waiting.wish.model_copy(update={"new_product_id": settled})
    (order,) = scope.toolkit.orders_named(scope.session, [waiting.wish.order_id or ""])
    line = next(one for one in order.lines if one.product_id in waiting.wish.product_ids)
    offers = desk.product_options(line.family_id or "")
    found = choose_option(line, offers, f"{waiting.wish.into} {text}", None)
    if found.chosen is None:
        found = choose_option(line, offers, text, None)
    if found.chosen is not None:
        return waiting.wish.model_copy(update={"new_product_id": found.chosen.product_id})
    return waiting.wish.model_copy(update={"into": text}) if found.sold_out else None


def _with_payment(scope: Scope, desk: OrderDesk, waiting: OpenWish, text: str) -> OrderWish | None:
    methods = [m for m in desk.profile(scope.session).payment_methods if m.id in waiting.offered]
    only = methods[0].id if len(methods) == 1 and is_yes(text) else None
    named = named_methods(text, methods)
    if only is None and len(named) == 1:
        only = named[0].id
    if only is None and means_other(text) and len(methods) == 1:
        only = methods[0].id
    only = only or _placed(text, waiting.offered)
    return None if only is None else waiting.wish.model_copy(update={"payment_method_id": only})


def _with_address(scope: Scope, desk: OrderDesk, wish: OrderWish, text: str) -> OrderWish | None:
    try:
        read = read_address(text, desk.profile(scope.session))
    except ToolError:
        return None
    if read is None and not begins_address(text):
        return None
    return wish.model_copy(update={"address": text})


def _with_reason(waiting: OpenWish, text: str) -> OrderWish | None:
    reason = known_reason(text, waiting.offered)
    if reason is None and (placed := _placed(text, waiting.offered)) is not None:
        reason = placed
    return None if reason is None else waiting.wish.model_copy(update={"reason": reason})


def _placed(text: str, offered: Sequence[str]) -> str | None:
    """Return what "the second one" means of what the question listed."""
    match = _PLACE.match(text)
    if match is None:
        return None
    place = _PLACES[match[1].lower()]
    return offered[place] if -len(offered) <= place < len(offered) else None
