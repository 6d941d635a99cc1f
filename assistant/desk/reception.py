"""How a conversation reaches the shop's people."""

from assistant.desk.agents import Agents
from assistant.desk.handoffs import HandoffBook, Standing


class Reception:
    """Takes conversations in for the agents of one store."""

    def __init__(self, handoffs: HandoffBook, agents: Agents) -> None:
        self._handoffs = handoffs
        self._agents = agents

    def standing(self, conversation_id: str) -> Standing:
        """Tell where a conversation stands with the shop's people."""
        return self._handoffs.standing(conversation_id)

    def call(self, conversation_id: str, shopper_id: str | None, reason: str) -> int | None:
        """Queue a conversation; return its place, from 1, or None with nobody on duty."""
        handoff = self._handoffs.request(conversation_id, shopper_id, reason)
        return self._handoffs.place(handoff) if self._agents.on_duty() else None
