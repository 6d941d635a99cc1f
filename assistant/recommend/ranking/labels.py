"""What each objective asks for, of which pairs."""

import numpy as np

from assistant.recommend.ranking.columns import Flags, Floats, Longs
from assistant.recommend.ranking.lists import Lists
from assistant.recommend.ranking.pairs import COLUMNS

_OWN_LABEL = COLUMNS.index("own_label")


def labels_of(lists: Lists, rows: Longs | slice) -> tuple[Floats, Flags]:
    """Return what each objective asks for, and of which rows it asks, [rows, objectives] each.

    Discovery is asked of products of categories that are new to the shopper, own label of own
    labels; elsewhere both are impossible.
    """
    bought = lists.bought[rows]
    own = lists.columns[rows, _OWN_LABEL] > 0.5
    new = lists.new_category[rows]
    every = np.ones(len(bought), np.bool_)
    labels = np.column_stack([bought, bought, bought & new, bought & own, lists.discounted[rows]])
    return labels.astype(np.float32), np.column_stack([every, every, new, own, every])
