"""The default store: the Complete Journey grocery of the installed data set."""

from assistant.catalog.completejourney.loader import Progress, load

__all__ = ["Progress", "load"]
