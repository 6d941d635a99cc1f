"""A few characterful households of the data, for trying the shop out as one of them."""

from assistant.catalog.showcase import Persona, Showcase

PERSONAS = (
    Persona(
        "900",
        "Little and often",
        "607 orders in a year, half of them of one or two products; gourmet dog food and drinking"
        " water most often.",
    ),
    Persona(
        "907",
        "The weekly baker",
        "48 orders in a year; a quarter of what it buys is for baking, layer cake mix 41 times.",
    ),
    Persona(
        "733",
        "Life with cats",
        "Two in five of the things it buys are for pets: canned cat food 146 times, cat treats 69"
        " times.",
    ),
    Persona(
        "1839",
        "A baby in the house",
        "38 % of what it buys is for a baby: beginner baby food 146 times, junior baby food 81"
        " times.",
    ),
    Persona(
        "2070",
        "The night owl",
        "395 orders in a year, two thirds of them placed between 9 in the evening and 5 in the"
        " morning.",
    ),
    Persona(
        "574",
        "The coupon clipper",
        "Used coupons on 52 of its 72 shopping trips in a year and took $369.66 off with them.",
    ),
)

SHOWCASE = Showcase(
    personas=PERSONAS,
    examples=("I need milk, eggs and bread", "Find me a snack under $3"),
    personal=("What do I usually buy?", "Any deals for me this week?"),
)
