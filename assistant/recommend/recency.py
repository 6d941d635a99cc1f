"""Personal recency: what a shopper keeps buying, the newest baskets weighing most."""

from collections.abc import Sequence

from assistant.recommend.history import Purchase, baskets

FADE = 0.95


def personal_recency(purchases: Sequence[Purchase]) -> dict[str, float]:
    """Score the families of purchases, oldest first: 0.95 per basket ago, summed.

    A family counts once a basket; the newest basket weighs 1.
    """
    scores: dict[str, float] = {}
    for ago, basket in enumerate(reversed(baskets(purchases))):
        for family_id in {line.family_id for line in basket}:
            scores[family_id] = scores.get(family_id, 0.0) + FADE**ago
    return scores
