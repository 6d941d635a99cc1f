"""Which units of which lines a request means; products are named once for each unit."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.errors import InvalidArguments
from assistant.orders.records import OrderRecord, RecordedLine


@dataclass(frozen=True, slots=True)
class Units:
    """Some units of one line; `total` is what they cost, `tag` what the request says of them."""

    line: RecordedLine
    quantity: int
    total: int
    tag: str = ""


def named_units(
    order: OrderRecord, product_ids: Sequence[str], tags: Sequence[str] = ()
) -> tuple[Units, ...]:
    """Find the named units, earliest lines first; units of one line and tag come together.

    `tags`, if given, go with the products. Raises InvalidArguments for more units than the order
    holds.
    """
    free = _free_units(order)
    found: Counter[tuple[int, str]] = Counter()
    for product_id, tag in zip(product_ids, tags or [""] * len(product_ids), strict=True):
        line = next(free.get(product_id, iter(())), None)
        if line is None:
            raise InvalidArguments(
                f"Order {order.id} does not hold that many of product {product_id!r};"
                " look at its lines and name only what is in it."
            )
        found[line.number, tag] += 1
    return tuple(_costed(order, found))


def all_units(order: OrderRecord) -> tuple[Units, ...]:
    """Return every unit of an order, line by line."""
    return tuple(Units(line, line.quantity, line.total) for line in order.lines)


def _free_units(order: OrderRecord) -> dict[str, Iterator[RecordedLine]]:
    units: dict[str, list[RecordedLine]] = {}
    for line in order.lines:
        units.setdefault(line.product_id, []).extend([line] * line.quantity)
    return {product_id: iter(lines) for product_id, lines in units.items()}


def _costed(order: OrderRecord, found: Counter[tuple[int, str]]) -> Iterator[Units]:
    """Share each line's total out so that the parts of a whole line add up to it."""
    by_number = {line.number: line for line in order.lines}
    taken: Counter[int] = Counter()
    for (number, tag), quantity in found.items():
        line, before = by_number[number], taken[number]
        taken[number] += quantity
        total = line.total * taken[number] // line.quantity - line.total * before // line.quantity
        yield Units(line, quantity, total, tag)
