"""A few of the invented customers, for trying the store out as one of them."""

from assistant.catalog.showcase import Persona, Showcase

PERSONAS = (
    Persona(
        "103",
        "The home office",
        "An invented customer: 27 orders in a year, Harbor coffee beans in 17 of them and ink"
        " bottles in 5; the newest is pending.",
    ),
    Persona(
        "104",
        "A garden and a cabin",
        "An invented customer with two addresses and two cards; of the last three orders one is"
        " pending, one shipped and one was cancelled.",
    ),
    Persona(
        "115",
        "Pictures from the trail",
        "An invented customer: 24 orders in a year, instant film in 10 of them.",
    ),
    Persona(
        "121",
        "Sends things back",
        "An invented customer: 26 orders in a year for $2,100.00, one of them returned, a return"
        " requested for another, and one pending.",
    ),
    Persona(
        "105",
        "By candlelight",
        "An invented customer: 21 orders in a year, fig and cedar candles in 6 of them; pays by"
        " PayPal or from a gift card with $25.00 on it.",
    ),
    Persona(
        "148",
        "A full dishwasher",
        "An invented customer: 27 orders in a year, dishwasher tablets in 11 of them.",
    ),
)

SHOWCASE = Showcase(
    personas=PERSONAS,
    examples=("A tent for two under $300", "I need queen sheets and a desk lamp"),
    personal=("Where is my last order?", "What do I usually buy?"),
    guest=("What is on promotion this week?", "How long do I have to return things?"),
)
