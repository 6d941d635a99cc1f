"""The invented store, for the cases that run on it."""

from tests.assistant.dialogue.orders.conftest import invented_home, invented_store

__all__ = ["invented_home", "invented_store"]
