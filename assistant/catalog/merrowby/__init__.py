"""The second demonstration store: everything in it is invented."""

from assistant.catalog.merrowby.loader import load

__all__ = ["load"]
