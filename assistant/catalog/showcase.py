"""What a demonstration offers to begin with: shoppers to be, and first messages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Persona:
    """A shopper to sign in as, by id; `description` says only what its purchases show."""

    id: str
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class Showcase:
    """What a store's page offers to begin with.

    `examples` are messages for anyone, `personal` further ones for who is signed in, `guest` for
    who is not.
    """

    personas: tuple[Persona, ...] = ()
    examples: tuple[str, ...] = ("Recommend something", "How do returns work?")
    personal: tuple[str, ...] = (
        "What do I usually buy?",
        "Show my last orders",
    )
    guest: tuple[str, ...] = ("What is on promotion this week?",)


PLAIN = Showcase()
"""What a store offers that the program knows nothing of."""
