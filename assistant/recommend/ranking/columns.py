"""Types and small steps that all columns share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


def codes(labels: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    """Number labels by their alphabetical order; return the numbers and the distinct labels."""
    distinct, numbers = np.unique(np.array(labels, np.str_), return_inverse=True)
    return numbers.astype(np.int32).ravel(), tuple(distinct.tolist())


def pair_keys(first: NDArray[np.integer], second: NDArray[np.integer], width: int) -> Longs:
    """Number pairs; `width` is above every `second`."""
    keys: Longs = first.astype(np.int64) * width + second
    return keys


def find(keys: Longs, wanted: Longs) -> Longs:
    """Return where each wanted key stands in ascending `keys`, -1 where it does not."""
    if not len(keys):
        return np.full(len(wanted), -1, np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, at, -1)
