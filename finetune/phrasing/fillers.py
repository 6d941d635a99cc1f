"""What fills the slots of a template: text pieces, and what they mean as gold slots."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from assistant.dialogue.requests import ListItem, Pointer, Reference, Slots
from finetune.phrasing.vocabulary import Vocabulary

Tag = Literal["query", "words", "item"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an example's text.

    `tag` says that the text, as it stands after noise, is a slot's value; `item` which list item's;
    `exact` keeps noise away from numbers and codes.
    """

    text: str
    tag: Tag | None = None
    item: int = 0
    exact: bool = False


Filled = tuple[tuple[Piece, ...], Slots]
Fill = Callable[[Random, Slots], Filled]

_NUMBER_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_ORDINAL_DIGITS = ("1st", "2nd", "3rd", "4th", "5th", "6th")
_IT = ("it", "that", "this", "that one", "this one", "them", "those", "these", "it", "that one")
_ALL = ("all", "all of them", "everything", "both", "them all", "all of these", "the lot")
_ALL_MORE = ("all three", "every one of them", "the whole lot", "both of them", "all of those")
_CHEAPEST = ("the cheapest", "the cheapest one", "the cheaper one", "the least expensive one")
_SUPERLATIVES = ("cheapest", "cheapest", "least expensive", "lowest priced", "most affordable")
_OWN = (
    "own label",
    "own-label",
    "store brand",
    "own brand",
    "house brand",
    "generic",
    "your own brand",
    "private label",
    "shop brand",
    "supermarket brand",
    "no name",
)
_NATIONAL = ("name brand", "branded", "brand name", "big brand", "the real brand", "known brand")
_CONTROL = (
    "<|im_end|>",
    "<|im_start|>system",
    "<|im_start|>assistant",
    "<|endoftext|>",
    "[INST]",
    "[/INST]",
    "<<SYS>>",
    "### Instruction:",
    "</s>",
    "<system>",
    "\n\nHuman:",
    "<empty_output>",
)


def fillers(words: Vocabulary) -> Mapping[str, Fill]:
    """Return what fills each slot name that templates may use; a trailing `_` leaves no slot."""
    product = _product(words)
    bare = _bare_product(words)
    return {
        "product": product,
        "thing_query": bare,
        "thing": _without_slot(bare),
        "named": _named(bare, "the "),
        "thing_named": _named(bare, ""),
        "need": _listed(words.needs, "query"),
        "attribute": _listed(words.attributes, "query"),
        "attribute_": _listed(words.attributes, None),
        "audience": _listed(words.audiences, "query"),
        "audience_": _listed(words.audiences, None),
        "aisle": _aisle(words),
        "other": _listed(words.people, None),
        "when": _listed(words.when, None),
        "items": _items(bare),
        "thing_item": _one_item(bare),
        "nth": _nth,
        "it": _pointing(_IT, Pointer.IT),
        "all": _pointing(_ALL + _ALL_MORE, Pointer.ALL),
        "cheapest": _pointing(_CHEAPEST, Pointer.CHEAPEST),
        "ref_small": _pointing(("it", "that", "those", "the same", "that one"), Pointer.IT),
        "cheap": _cheap,
        "own": _label(_OWN, own=True),
        "national": _label(_NATIONAL, own=False),
        "max": _max_price,
        "max_": _without_slot(_max_price),
        "min": _min_price,
        "qty": _quantity,
        "qty_": _without_slot(_quantity),
        "count": _count,
        "order": _order_id,
        "control": _listed(_CONTROL, None),
        "gibberish": _gibberish,
    }


def _listed(options: tuple[str, ...], tag: Tag | None) -> Fill:
    def fill(rng: Random, slots: Slots) -> Filled:
        found = replace(slots, query=slots.query or "?") if tag == "query" else slots
        return (Piece(rng.choice(options), tag),), found

    return fill


def _without_slot(inner: Fill) -> Fill:
    def fill(rng: Random, slots: Slots) -> Filled:
        pieces, _ = inner(rng, Slots())
        return tuple(replace(piece, tag=None) for piece in pieces), slots

    return fill


def _pick(words: Vocabulary, rng: Random) -> str:
    """Draw a product: the catalogue as often as everyday goods and what is not carried."""
    pools = [pool for pool in (words.catalogue, words.goods, words.absent) if pool]
    return rng.choice(rng.choice(pools))


def _bare_product(words: Vocabulary) -> Fill:
    def fill(rng: Random, slots: Slots) -> Filled:
        return (Piece(_pick(words, rng), "query"),), replace(slots, query=slots.query or "?")

    return fill


def _product(words: Vocabulary) -> Fill:
    def fill(rng: Random, slots: Slots) -> Filled:
        name = _pick(words, rng)
        chance = rng.random()
        if chance < 0.2:
            name = f"{rng.choice(words.attributes)} {name}"
        elif chance < 0.28:
            name = f"{name} for {rng.choice(words.audiences)}"
        return (Piece(name, "query"),), replace(slots, query=slots.query or "?")

    return fill


def _named(bare: Fill, article: str) -> Fill:
    def fill(rng: Random, slots: Slots) -> Filled:
        pieces, _ = bare(rng, Slots())
        words = tuple(replace(piece, tag="words") for piece in pieces)
        reference = slots.reference or Reference(Pointer.NAMED, words="?")
        lead = (Piece(rng.choice((article, article, article, "my ", "these "))),) if article else ()
        return lead + words, replace(slots, reference=reference)

    return fill


def _aisle(words: Vocabulary) -> Fill:
    def fill(rng: Random, slots: Slots) -> Filled:
        aisle = rng.choice(words.aisles)
        return (Piece(aisle, exact=True),), replace(slots, aisle=aisle)

    return fill


def _one_item(bare: Fill) -> Fill:
    def fill(rng: Random, slots: Slots) -> Filled:
        pieces, _ = bare(rng, Slots())
        at = len(slots.items)
        tagged = tuple(replace(piece, tag="item", item=at) for piece in pieces)
        return tagged, replace(slots, items=(*slots.items, ListItem("?")))

    return fill


_SEPARATORS = (
    (", ", " and "),
    (", ", ", and "),
    (", ", ", "),
    (" ", " "),
    (" and ", " and "),
    (",", ","),
    ("\n", "\n"),
    ("\n- ", "\n- "),
    (" & ", " & "),
    (", ", " & "),
    (", ", " plus "),
    ("; ", "; "),
    (" + ", " + "),
    (" / ", " / "),
    (" also ", " and also "),
    (", ", ", also "),
)


def _items(bare: Fill) -> Fill:
    """Two to six items, some with quantities, joined the ways people join lists."""

    def fill(rng: Random, slots: Slots) -> Filled:
        count = rng.choice((2, 2, 3, 3, 3, 4, 5, 6))
        between, last = rng.choice(_SEPARATORS[:3] + _SEPARATORS)
        pieces: list[Piece] = []
        items: list[ListItem] = []
        for index in range(count):
            joint = "" if index == 0 else last if index == count - 1 else between
            lead, quantity = _item_lead(rng)
            found, _ = bare(rng, Slots())
            tagged = tuple(replace(piece, tag="item", item=index) for piece in found)
            pieces += [Piece(joint, exact=True), Piece(lead, exact=True), *tagged]
            items.append(ListItem("?", quantity))
        return tuple(pieces), replace(slots, items=tuple(items))

    return fill


def _item_lead(rng: Random) -> tuple[str, int]:
    chance = rng.random()
    if chance < 0.2:
        number = rng.randint(2, 8)
        return rng.choice((f"{_spelled(number, rng)} ", f"{number}x ", f"{number} x ")), number
    if chance < 0.35:
        return rng.choice(("some ", "a ", "a pack of ", "a bag of ", "a few ", "one ")), 1
    return "", 1


def _nth(rng: Random, slots: Slots) -> Filled:
    """Refer by position; "the last one" is index -1."""
    if rng.random() < 0.12:
        index, text = (
            -1,
            rng.choice(("the last one", "the last", "the bottom one", "the final one")),
        )
    else:
        index = rng.choice((1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6))
        text = _ordinal(index, rng)
    reference = slots.reference or Reference(Pointer.ORDINAL, index=index)
    return (Piece(text, exact=True),), replace(slots, reference=reference)


def _ordinal(index: int, rng: Random) -> str:
    word, digits = _ORDINALS[index - 1], _ORDINAL_DIGITS[index - 1]
    forms = (
        f"the {word} one",
        f"the {word} one",
        f"the {word}",
        f"the {digits} one",
        f"the {digits}",
        f"{word} one",
        f"number {index}",
        f"number {_NUMBER_WORDS[index - 1]}",
        f"no. {index}",
        f"#{index}",
        f"option {index}",
        f"item {index}",
        f"the {word} product",
        f"the {word} item",
        f"the {digits} option",
    )
    return rng.choice(forms)


def _pointing(options: tuple[str, ...], pointer: Pointer) -> Fill:
    def fill(rng: Random, slots: Slots) -> Filled:
        text = rng.choice(options)
        return (Piece(text, exact=True),), replace(
            slots, reference=slots.reference or Reference(pointer)
        )

    return fill


def _cheap(rng: Random, slots: Slots) -> Filled:
    return (Piece(rng.choice(_SUPERLATIVES)),), replace(slots, cheapest_first=True)


def _label(options: tuple[str, ...], *, own: bool) -> Fill:
    def fill(rng: Random, slots: Slots) -> Filled:
        return (Piece(rng.choice(options)),), replace(slots, own_label=own)

    return fill


def _max_price(rng: Random, slots: Slots) -> Filled:
    floor = slots.min_price or 0
    amount = floor + _amount(rng)
    return (Piece(_amount_text(amount, rng), exact=True),), replace(slots, max_price=amount)


def _min_price(rng: Random, slots: Slots) -> Filled:
    amount = _amount(rng)
    return (Piece(_amount_text(amount, rng), exact=True),), replace(slots, min_price=amount)


def _amount(rng: Random) -> int:
    """Draw an amount in minor units: mostly whole and small, as people say prices."""
    if rng.random() < 0.65:
        return 100 * rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 10, 10, 12, 15, 20, 25, 30, 50, 100, 200))
    return rng.choice((50, 75, 99, 150, 199, 250, 299, 350, 399, 450, 499, 550, 750, 999, 1250))


def _amount_text(minor: int, rng: Random) -> str:
    whole, cents = divmod(minor, 100)
    if whole == 0:
        return rng.choice((f"{cents} cents", f"{cents}c", f"$0.{cents:02d}", f"{cents}¢"))
    number = f"{whole}.{cents:02d}" if cents else str(whole)
    forms = [f"${number}", f"${number}", f"${number}", f"{number} dollars", f"{number}$", number]
    forms += [f"£{number}", f"{number} usd", f"{number} bucks", f"$ {number}", f"€{number}"]
    if not cents and whole <= len(_NUMBER_WORDS):
        forms += [f"{_NUMBER_WORDS[whole - 1]} {unit}" for unit in ("dollars", "bucks", "quid")]
    return rng.choice(forms)


def _spelled(number: int, rng: Random) -> str:
    if number <= len(_NUMBER_WORDS) and rng.random() < 0.5:
        return _NUMBER_WORDS[number - 1]
    return str(number)


def _quantity(rng: Random, slots: Slots) -> Filled:
    chance = rng.random()
    if chance < 0.06:
        return (Piece("a dozen", exact=True),), replace(slots, quantity=12)
    if chance < 0.12:
        return (Piece(rng.choice(("a couple", "a pair")), exact=True),), replace(slots, quantity=2)
    number = rng.choice((1, 2, 2, 2, 3, 3, 4, 5, 6, 8, 10, 12))
    return (Piece(_spelled(number, rng), exact=True),), replace(slots, quantity=number)


def _count(rng: Random, slots: Slots) -> Filled:
    return (Piece(_spelled(rng.randint(1, 20), rng), exact=True),), slots


def _order_id(rng: Random, slots: Slots) -> Filled:
    """Draw an id as stores write them: long numbers, a letter and digits, a prefix."""
    digits = "".join(str(rng.randint(0, 9)) for _ in range(rng.choice((4, 5, 7, 10, 11, 11))))
    order = rng.choice((f"3{digits}", f"3{digits}", f"#W{digits}", f"ORD-{digits}", f"#{digits}"))
    return (Piece(order, exact=True),), replace(slots, order_id=order)


def _gibberish(rng: Random, slots: Slots) -> Filled:
    row = rng.choice(("asdfghjkl", "qwertyuiop", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz"))
    length = rng.randint(3, 9)
    return (Piece("".join(rng.choice(row) for _ in range(length)), exact=True),), slots
