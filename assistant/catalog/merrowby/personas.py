"""A few of the invented customers, for trying the store out as one of them."""

from assistant.catalog.showcase import Persona, Showcase

PERSONAS: tuple[Persona, ...] = ()

SHOWCASE = Showcase(
    personas=PERSONAS,
    examples=("A tent for two under $300", "Show me gifts for a coffee lover"),
    personal=("Where is my last order?", "What do I usually buy?"),
)
