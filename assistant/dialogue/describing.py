"""What a store's records tell of a product beyond its price, in sentences."""

from assistant.catalog.products import Family, Product
from assistant.dialogue.wording import joined

SILENT = "The records say nothing about ingredients, diets or reviews."


def described(product: Product, family: Family) -> tuple[str, ...]:
    """Tell a product's description, its family's options and whether it is sold out.

    A store that records nothing of the kind gets the sentence that says so.
    """
    if not product.description:
        return (SILENT,)
    told = [product.description, *_choices(family)]
    if not product.available:
        told.append(f"{product.title} is sold out.")
    return tuple(told)


def _choices(family: Family) -> list[str]:
    """Name each option's values; with their prices where one option alone decides."""
    if len(family.variants) < 2:
        return []
    names = dict.fromkeys(option.name for variant in family.variants for option in variant.options)
    if len(names) == 1:
        priced = [f"{v.options[0].value} at {v.price_text}" for v in family.variants]
        return [f"By {next(iter(names))}: {joined(priced)}."]
    return [f"By {name}: {joined(_values(family, name))}." for name in names]


def _values(family: Family, name: str) -> list[str]:
    values = [o.value for variant in family.variants for o in variant.options if o.name == name]
    return list(dict.fromkeys(values))
