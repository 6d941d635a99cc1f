"""Decide when a model that has failed may be asked again."""

import time
from collections.abc import Callable
from enum import Enum


class Trust(Enum):
    """What the recent past says about the engine."""

    GOOD = "it answered a moment ago"
    UNKNOWN = "see whether it answers at all before asking"
    BAD = "it failed a moment ago; do not ask"


class Breaker:
    """Remembers the last outcomes; seconds come from `clock`.

    After a success the engine is trusted for `trust_seconds`. After a failure it is left alone for
    `pause_seconds`, after repeated ones for longer, up to `longest_pause`.
    """

    def __init__(
        self,
        *,
        trust_seconds: float = 5.0,
        pause_seconds: float = 0.5,
        longest_pause: float = 8.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._trust_seconds = trust_seconds
        self._pause_seconds = pause_seconds
        self._longest_pause = longest_pause
        self._clock = clock
        self._failures = 0
        self._changed = float("-inf")

    def trust(self) -> Trust:
        """Whether to ask, to try first, or to refuse."""
        elapsed = self._clock() - self._changed
        if self._failures:
            pause = min(self._pause_seconds * 2 ** (self._failures - 1), self._longest_pause)
            return Trust.BAD if elapsed < pause else Trust.UNKNOWN
        return Trust.GOOD if elapsed < self._trust_seconds else Trust.UNKNOWN

    def succeeded(self) -> None:
        """Note that a whole answer came."""
        self._failures = 0
        self._changed = self._clock()

    def failed(self) -> None:
        """Note that none did."""
        # Calls that were under way together fail together; that is one failure.
        if self.trust() is not Trust.BAD:
            self._failures += 1
            self._changed = self._clock()
