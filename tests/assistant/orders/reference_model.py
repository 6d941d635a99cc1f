"""A simple model of the order shop: what each action may do, by product counts and sums of money.

Written apart from the code under test: it knows neither lines nor ledger entries, only how many of
what an order holds, what each payment method has paid for it, and what is on the shelf.
"""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field

from tests.assistant.orders.order_shop import ANN, BOB, CLOCK, ORDERS, PRODUCTS

OWNERS = {"ann": ANN, "bob": BOB}
REASONS = ("no longer needed", "ordered by mistake")


@dataclass
class ModelOrder:
    """One order; `paid` is net by method, first payer first, in `payments` entries."""

    owner: str
    status: str
    holds: Counter[str]
    paid: dict[str, int]
    payments: int = 1
    old: bool = False
    changed: bool = False

    @property
    def worth(self) -> int:
        return sum(PRODUCTS[product][2] * n for product, n in self.holds.items())


@dataclass
class ModelShop:
    """The whole shop; every action returns the shop as it would be, or None where refused."""

    orders: dict[str, ModelOrder]
    gift: int = 5000
    stock: dict[str, int] = field(
        default_factory=lambda: {p: row[3] for p, row in PRODUCTS.items() if row[3] is not None}
    )
    carts: dict[str, Counter[str]] = field(
        default_factory=lambda: {name: Counter() for name in OWNERS}
    )

    @classmethod
    def fresh(cls) -> "ModelShop":
        return cls(
            {
                past.id: ModelOrder(
                    past.customer_id,
                    past.status,
                    Counter({line.product_id: line.quantity for line in past.lines}),
                    {past.ledger[0].payment_method_id: past.ledger[0].amount},
                    old=(CLOCK - past.placed_at).days > 30,
                )
                for past in ORDERS
            }
        )

    def cancel(self, who: str, order_id: str, reason: str) -> "ModelShop | None":
        shop, order = self._copy(who, order_id, "pending")
        if order is None or reason not in REASONS:
            return None
        left = sum(order.paid.values())
        for method, net in order.paid.items():
            back = max(0, min(net, left))
            left -= back
            shop._pay(order, method, -back)
        shop._shelve(order.holds, 1)
        order.status = "cancelled"
        return shop

    def change(
        self, who: str, order_id: str, pairs: list[tuple[str, str]], method: str
    ) -> "ModelShop | None":
        shop, order = self._copy(who, order_id, "pending")
        if order is None or order.changed or not self._swappable(order, pairs, method):
            return None
        old, new = Counter(o for o, _ in pairs), Counter(n for _, n in pairs)
        order.holds = order.holds - old + new
        shop._pay(order, method, _worth(new) - _worth(old))
        order.payments += 1
        shop._shelve(old, 1)
        shop._shelve(new, -1)
        order.changed = True
        return shop

    def exchange(
        self, who: str, order_id: str, pairs: list[tuple[str, str]], method: str
    ) -> "ModelShop | None":
        shop, order = self._copy(who, order_id, "delivered")
        if order is None or order.old or not self._swappable(order, pairs, method):
            return None
        shop._shelve(Counter(n for _, n in pairs), -1)
        order.status = "exchange requested"
        return shop

    def give_back(
        self, who: str, order_id: str, products: list[str], method: str
    ) -> "ModelShop | None":
        shop, order = self._copy(who, order_id, "delivered")
        if order is None or order.old or not products or "fish" in products:
            return None
        routes = {next(iter(order.paid)), "ann-gift"} & _methods(order.owner)
        if Counter(products) - order.holds or method not in routes:
            return None
        order.status = "return requested"
        return shop

    def pay_by(self, who: str, order_id: str, method: str) -> "ModelShop | None":
        shop, order = self._copy(who, order_id, "pending")
        if order is None or order.payments != 1 or method not in _methods(order.owner):
            return None
        [(first, amount)] = order.paid.items()
        if method == first or (method == "ann-gift" and self.gift < amount):
            return None
        shop._pay(order, method, amount)
        shop._pay(order, first, -amount)
        order.payments += 2
        return shop

    def place(self, who: str, order_id: str, method: str) -> "ModelShop | None":
        shop = deepcopy(self)
        holds = shop.carts[who]
        if not holds or method not in _methods(who) or not self._in_stock(holds):
            return None
        if method == "ann-gift" and self.gift < _worth(holds):
            return None
        order = ModelOrder(who, "pending", holds, {})
        shop._pay(order, method, _worth(holds))
        shop._shelve(holds, -1)
        shop.orders[order_id], shop.carts[who] = order, Counter()
        return shop

    def _copy(self, who: str, order_id: str, status: str) -> "tuple[ModelShop, ModelOrder | None]":
        shop = deepcopy(self)
        order = shop.orders.get(order_id)
        fits = order is not None and order.owner == who and order.status == status
        return shop, order if fits else None

    def _swappable(self, order: ModelOrder, pairs: list[tuple[str, str]], method: str) -> bool:
        old, new = Counter(o for o, _ in pairs), Counter(n for _, n in pairs)
        families = all(PRODUCTS[o][0] == PRODUCTS[n][0] and o != n for o, n in pairs)
        held = not old - order.holds
        covered = method != "ann-gift" or self.gift >= _worth(new) - _worth(old)
        known = method in _methods(order.owner)
        return bool(pairs) and families and held and covered and known and self._in_stock(new)

    def _in_stock(self, wanted: Counter[str]) -> bool:
        return all(self.stock.get(product, n) >= n for product, n in wanted.items())

    def _pay(self, order: ModelOrder, method: str, amount: int) -> None:
        order.paid[method] = order.paid.get(method, 0) + amount
        if method == "ann-gift":
            self.gift -= amount

    def _shelve(self, products: Counter[str], sign: int) -> None:
        for product, n in products.items():
            if product in self.stock:
                self.stock[product] += sign * n


def _worth(products: Counter[str]) -> int:
    return sum(PRODUCTS[product][2] * n for product, n in products.items())


def _methods(owner: str) -> set[str]:
    return {method.id for method in OWNERS[owner].payment_methods}
