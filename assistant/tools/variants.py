"""Which variant of a family stands for it: what fits the filters and the words of a query."""

from collections.abc import Sequence

from assistant.catalog.products import Family, Product
from assistant.retrieval.results import Filters
from assistant.retrieval.words import stems
from assistant.tools.results import PriceOrder

# Words of option values that set nothing apart by themselves.
_UNTOLD = frozenset(stems("in inch x and with ft lb oz of a the two"))


def fits(product: Product, filters: Filters) -> bool:
    """Tell whether a product keeps the price bounds, which vary within a family."""
    return (filters.max_price is None or product.price <= filters.max_price) and (
        filters.min_price is None or product.price >= filters.min_price
    )


def standing_for(
    family: Family,
    usual: Product,
    query: str,
    filters: Filters,
    order: PriceOrder | None = None,
) -> Product | None:
    """Return the product to show for a family; None where none of them fits.

    Of variants that say more of the query's words by their options (`queen`, `moss`), those in
    stock go first, then the cheapest or dearest where asked for, else the `usual` one.
    """
    offered = family.variants or _distinct(usual, family.best_seller)
    fitting = [product for product in offered if fits(product, filters)]
    asked = frozenset(stems(query)) - _UNTOLD
    direction = {"cheapest": 1, "dearest": -1}.get(order or "", 0) if family.variants else 0

    def rank(product: Product) -> tuple[int, bool, int, bool]:
        said = len(asked & _said(product))
        return -said, not product.available, direction * product.price, product.id != usual.id

    return min(fitting, key=rank, default=None)


def _distinct(*products: Product) -> Sequence[Product]:
    return tuple({product.id: product for product in products}.values())


def _said(product: Product) -> frozenset[str]:
    return frozenset(stem for option in product.options for stem in stems(option.value))
