"""Which order and which of its lines a wish means, from the shopper's own orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.dialogue.actions.scope import Scope
from assistant.dialogue.orders.rules import allows
from assistant.dialogue.orders.wishes import Aim, OrderTalk, OrderWish
from assistant.dialogue.orders.words import naming_words, phrases, words
from assistant.errors import NotFound
from assistant.orders.orders import Order, OrderLine

LOOKED_AT = 60
_ASKED_ABOUT = 5


@dataclass(frozen=True, slots=True)
class Chosen:
    """The order that a wish means and the lines that it names, none where it names no product."""

    order: Order
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True)
class Unsure:
    """Several orders that may be meant, newest first; `absent` are words that none of them has."""

    orders: tuple[Order, ...]
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Names products: the words that the shop's records know, and each line's own."""

    scope: Scope

    def naming(self, text: str) -> frozenset[str]:
        """Return the words of a text that may name a product."""
        return naming_words(text, self.scope.toolkit.is_recorded)

    def words_of(self, line: OrderLine) -> frozenset[str]:
        """Return the words of a product's name and of what else shoppers call it."""
        family = self.scope.toolkit.catalogue.families.get(line.family_id or "")
        if family is None:
            return frozenset(words(line.title))
        # Without its options: "change the lamp to black" is not about whatever else is black.
        return frozenset(words(" ".join((family.title, *family.keywords))))

    def named(self, text: str, lines: Sequence[OrderLine]) -> tuple[OrderLine, ...]:
        """Return the lines that a text names, for each of its phrases those with most words."""
        found: dict[str, OrderLine] = {}
        for phrase in phrases(text):
            for line in self._best(self.naming(phrase), lines):
                found.setdefault(line.product_id, line)
        return tuple(found.values())

    def score(self, text: str, order: Order) -> tuple[int, int]:
        """Count the phrases that name something in an order, and all their words that do."""
        hits = [max((len(said & self.words_of(line)) for line in order.lines), default=0)
                for phrase in phrases(text) if (said := self.naming(phrase))]  # fmt: skip
        return sum(1 for hit in hits if hit), sum(hits)

    def _best(self, said: frozenset[str], lines: Sequence[OrderLine]) -> Iterable[OrderLine]:
        hits = {line.product_id: len(said & self.words_of(line)) for line in lines}
        most = max(hits.values(), default=0)
        return [line for line in lines if most and hits[line.product_id] == most]


def choose_order(
    scope: Scope, wish: OrderWish, aims: Sequence[Aim], talk: OrderTalk, shown: Sequence[str]
) -> Chosen | Unsure:
    """Choose the order; `aims` are what may be done with it, the best first.

    `shown` are the orders on the page. Where no order allows the action the newest that is meant
    is chosen, so that the rule can be explained. Raises NotFound for a number that is none of the
    shopper's, and where there are no orders.
    """
    shelf = Shelf(scope)
    pointed = _pointed_at(wish, shown)
    if pointed is not None:
        (order,) = scope.toolkit.orders_named(scope.session, [pointed])
        return _chosen(shelf, wish, order)
    orders = scope.toolkit.list_orders(scope.session, limit=LOOKED_AT)
    if not orders:
        raise NotFound("You have no orders in this shop yet.")
    if wish.other:
        orders = tuple(o for o in orders if o.id not in talk.spoken_of) or orders
    naming = shelf.naming(wish.what)
    if wish.newest and not naming:
        return _chosen(shelf, wish, orders[0])
    meant = _holding(shelf, wish.what, orders) if naming else orders
    if not meant:
        return Unsure(orders[:_ASKED_ABOUT], " ".join(sorted(naming)))
    return _among(scope, shelf, wish, aims, meant)


def _among(
    scope: Scope, shelf: Shelf, wish: OrderWish, aims: Sequence[Aim], meant: Sequence[Order]
) -> Chosen | Unsure:
    policy = scope.policy
    clock = scope.store.clock
    for aim in aims:
        allowed = [order for order in meant if policy and allows(policy, aim, order, clock)]
        if len(allowed) == 1 or (allowed and wish.newest):
            return _chosen(shelf, wish, allowed[0])
        if allowed:
            return Unsure(tuple(allowed[:_ASKED_ABOUT]))
    return _chosen(shelf, wish, meant[0])


def _pointed_at(wish: OrderWish, shown: Sequence[str]) -> str | None:
    """Return the order that a wish names by number, by its place on the page, or as "it"."""
    if wish.order_id is not None:
        return wish.order_id
    if wish.place is not None and shown:
        place = wish.place - 1 if wish.place > 0 else len(shown) + wish.place
        return shown[place] if 0 <= place < len(shown) else None
    return shown[0] if wish.it and len(shown) == 1 else None


def _holding(shelf: Shelf, text: str, orders: Sequence[Order]) -> tuple[Order, ...]:
    """Return the orders that hold most of what a text names, newest first."""
    scores = {order.id: shelf.score(text, order) for order in orders}
    top = max(scores.values(), default=(0, 0))
    return tuple(order for order in orders if top[0] and scores[order.id] == top)


def _chosen(shelf: Shelf, wish: OrderWish, order: Order) -> Chosen:
    return Chosen(order, shelf.named(wish.what, order.lines))
