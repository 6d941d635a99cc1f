"""What a recommendation is for, and what it may be scored by."""

from enum import StrEnum


class Scenario(StrEnum):
    """The moment a recommendation is made for."""

    REPLENISH = "replenish"
    BROWSE = "browse"
    CART = "cart"
    PROMOTION = "promotion"
    SEARCH = "search"


class Objective(StrEnum):
    """What a ranking head predicts: a probability each, `revenue` in expected minor units."""

    PURCHASE = "purchase"
    REVENUE = "revenue"
    DISCOVERY = "discovery"
    PRIVATE_LABEL = "private_label"
    DISCOUNT = "discount"
