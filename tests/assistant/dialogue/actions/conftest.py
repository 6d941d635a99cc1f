"""The invented store, for actions on its orders."""

from tests.assistant.dialogue.orders.conftest import chat_of, invented_home, invented_store

__all__ = ["chat_of", "invented_home", "invented_store"]
