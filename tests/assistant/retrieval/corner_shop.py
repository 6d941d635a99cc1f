"""A corner shop of some sixty families, written by hand."""

from assistant.catalog.products import Family, Product, Restriction

OWN = "own"

# name | size | cents | lines sold | own label | aisle | keywords, apart by commas
SHELVES = """
Milk | 1 gal | 279 | 900 | own | Milk & cream | white milk, dairy milk
Milk | 1 gal | 299 | 350 | | Milk & cream | white milk, dairy milk
Milk | 1/2 gal | 199 | 400 | own | Milk & cream | white milk, dairy milk
Milk | 1/2 gal | 389 | 300 | | Milk & cream | white milk, dairy milk
Milk | 1 qt | 129 | 250 | own | Milk & cream | white milk, dairy milk
Milk | 1 pt | 89 | 200 | | Milk & cream | white milk, dairy milk
Chocolate milk | 1 qt | 149 | 120 | | Milk & cream | flavored milk
Chocolate milk | 1 pt | 99 | 90 | own | Milk & cream | flavored milk
Buttermilk | 1 qt | 159 | 60 | own | Milk & cream |
Soy & rice milk | 1/2 gal | 299 | 70 | | Milk & cream | soymilk, plant milk
Sour cream | 16 oz | 189 | 80 | own | Milk & cream |
Milk chocolate bars | 3 oz | 99 | 500 | | Sweets & chocolate | candy bar
Boxed chocolates | 12 oz | 599 | 20 | | Sweets & chocolate | chocolates
Candy | 8 oz | 199 | 150 | | Sweets & chocolate | sweets
Potato chips | 9 oz | 299 | 700 | | Snacks | crisps
Potato chips | 9 oz | 199 | 300 | own | Snacks | crisps
Pretzels | 16 oz | 249 | 200 | | Snacks |
Popcorn | 6 oz | 149 | 90 | | Snacks |
Snack mix | 8 oz | 229 | 110 | | Snacks |
Large eggs | 1 dozen | 129 | 600 | own | Eggs, butter & yogurt |
Butter | 1 lb | 349 | 300 | own | Eggs, butter & yogurt |
Yogurt | 6 oz | 79 | 800 | | Eggs, butter & yogurt |
White bread | 20 oz | 129 | 800 | own | Bread & bakery | sandwich bread
Rye bread | 16 oz | 219 | 100 | | Bread & bakery |
Hot dog buns | 8 count | 139 | 120 | | Bread & bakery |
Donuts | 6 count | 299 | 90 | | Bread & bakery | doughnuts
Premium meat hot dogs | 1 lb | 329 | 250 | | Meat & poultry | frankfurters
Ground beef | 1 lb | 399 | 450 | | Meat & poultry | hamburger meat
Boneless chicken breasts | 2 lb | 699 | 200 | | Meat & poultry |
Peanut butter | 18 oz | 259 | 210 | | Canned & jarred food |
Canned tuna | 5 oz | 89 | 330 | | Canned & jarred food | tuna fish
Condensed soup | 10 oz | 109 | 500 | | Canned & jarred food |
Dry spaghetti | 1 lb | 119 | 300 | own | Pasta, rice & grains | pasta
Dry rice | 2 lb | 189 | 150 | own | Pasta, rice & grains | rice
Pasta sauce | 26 oz | 239 | 260 | | Sauces & condiments | spaghetti sauce
Ketchup | 24 oz | 199 | 180 | | Sauces & condiments |
Steak & Worcestershire sauce | 10 oz | 349 | 90 | | Sauces & condiments | steak sauce
Taco shells | 12 count | 179 | 80 | | Bread & bakery | mexican shells
Olive oil | 17 oz | 799 | 60 | | Baking & spices | cooking oil
Vegetable oil | 48 oz | 349 | 90 | own | Baking & spices | cooking oil
Sugar | 4 lb | 239 | 200 | own | Baking & spices |
Soft drinks, can multipack | 12 oz | 419 | 900 | | Soft drinks | soda, pop
Soft drinks, large bottle | 2 L | 150 | 950 | | Soft drinks | soda, pop
Orange juice | 1/2 gal | 299 | 300 | | Juice |
Ground coffee | 12 oz | 499 | 150 | | Coffee & tea |
Bananas | | 59 | 990 | | Fruit |
Avocados | | 99 | 120 | | Fruit | avocado
Yellow onions | 3 lb | 199 | 140 | | Vegetables |
Hothouse tomatoes, loose | | 249 | 160 | | Vegetables | greenhouse tomatoes
Frozen pizza | 20 oz | 499 | 280 | | Frozen food |
Scoopable cat litter | 14 lb | 629 | 90 | | Pets | cat litter
Dry cat food | 3 lb | 499 | 80 | | Pets | cat food
Dry dog food | 17 lb | 1499 | 70 | | Pets | dog food
Dog treats | 12 oz | 199 | 60 | | Pets |
Dishwashing liquid | 16 oz | 113 | 110 | | Cleaning & laundry | washing up liquid, dish soap
Liquid laundry detergent | 50 oz | 499 | 130 | | Cleaning & laundry | washing liquid
Toilet paper | 12 count | 599 | 400 | own | Paper & kitchen disposables | bath tissue
Paper towels | 2 count | 229 | 300 | | Paper & kitchen disposables | kitchen roll
Shampoo | 12 oz | 299 | 90 | | Hair care |
Beer | 12 oz | 849 | 600 | | Beer, wine & spirits | ale
Standard wine | 750 ml | 999 | 300 | | Beer, wine & spirits | wine
Adult pain relievers | 24 count | 449 | 130 | | Medicine |
Condoms | 12 count | 899 | 20 | | Body & oral care |
Cigarettes | | 799 | 400 | | Tobacco |
"""
RESTRICTED = {
    "Beer": Restriction.ALCOHOL,
    "Standard wine": Restriction.ALCOHOL,
    "Adult pain relievers": Restriction.MEDICINE,
    "Condoms": Restriction.INTIMATE,
    "Cigarettes": Restriction.TOBACCO,
}


def corner_shop() -> tuple[Family, ...]:
    """All its families."""
    return tuple(_family(line) for line in SHELVES.strip().splitlines())


def _family(line: str) -> Family:
    name, size, price, sold, own, aisle, keywords = (part.strip() for part in line.split("|"))
    family_id = "-".join(f"{name} {size} {own}".lower().replace("/", "-").split())
    restriction = RESTRICTED.get(name)
    product = Product(
        f"p-{family_id}", family_id, name, size, own == OWN, aisle,
        int(price), int(price), "USD", False, restriction,
    )  # fmt: skip
    words = tuple(word.strip() for word in keywords.split(",") if word.strip())
    return Family(
        family_id, name, size, own == OWN, aisle, "Grocery", words, restriction, product, int(sold)
    )
