"""The drawing and the tint that stand for an aisle on a card."""

from types import MappingProxyType

FALLBACK_ICON = "basket"
FALLBACK_TINT = "home"

# Icons are the symbols of static/icons.svg, tints the classes of static/shop.css.
_LOOKS = MappingProxyType(
    {
        "Fruit": ("fruit", "fresh"),
        "Vegetables": ("vegetables", "fresh"),
        "Fresh herbs & salad kits": ("herbs", "fresh"),
        "Meat & poultry": ("meat", "counter"),
        "Fish & seafood": ("fish", "counter"),
        "Deli & prepared meals": ("deli", "counter"),
        "Bread & bakery": ("bread", "bakery"),
        "Milk & cream": ("milk", "dairy"),
        "Cheese": ("cheese", "dairy"),
        "Eggs, butter & yogurt": ("eggs", "dairy"),
        "Frozen food": ("frozen", "cold"),
        "Ice cream & frozen desserts": ("icecream", "cold"),
        "Breakfast & cereal": ("cereal", "bakery"),
        "Snacks": ("snacks", "sweet"),
        "Sweets & chocolate": ("sweets", "sweet"),
        "Cookies & crackers": ("cookies", "sweet"),
        "Pasta, rice & grains": ("pasta", "bakery"),
        "Canned & jarred food": ("can", "counter"),
        "Sauces & condiments": ("sauce", "counter"),
        "Baking & spices": ("baking", "bakery"),
        "Soft drinks": ("soda", "cold"),
        "Water": ("water", "cold"),
        "Juice": ("juice", "bakery"),
        "Coffee & tea": ("coffee", "bakery"),
        "Beer, wine & spirits": ("wine", "care"),
        "Tobacco": ("tobacco", "home"),
        "Health & nutrition": ("health", "care"),
        "Medicine": ("medicine", "care"),
        "Beauty": ("beauty", "care"),
        "Hair care": ("hair", "care"),
        "Body & oral care": ("care", "care"),
        "Baby": ("baby", "sweet"),
        "Pets": ("pets", "bakery"),
        "Cleaning & laundry": ("cleaning", "cold"),
        "Paper & kitchen disposables": ("paper", "home"),
        "Kitchen & home": ("kitchen", "home"),
        "Seasonal & party": ("party", "sweet"),
        "Flowers & garden": ("flowers", "fresh"),
        "Toys, books & stationery": ("toys", "sweet"),
        "Clothing": ("clothing", "care"),
        "Electrical, auto & hardware": ("hardware", "home"),
        "Services": ("services", "home"),
        "Cookware & bakeware": ("pan", "counter"),
        "Knives & kitchen tools": ("knife", "home"),
        "Small appliances": ("plug", "cold"),
        "Tableware & glasses": ("plate", "dairy"),
        "Food storage": ("jar", "bakery"),
        "Bedding": ("bed", "care"),
        "Bath & towels": ("towel", "cold"),
        "Lighting": ("lamp", "bakery"),
        "Furniture & shelving": ("chair", "home"),
        "Candles & decor": ("candle", "sweet"),
        "Tents & sleeping": ("tent", "fresh"),
        "Camp kitchen": ("stove", "counter"),
        "Packs & travel bags": ("backpack", "bakery"),
        "Outdoor clothing": ("jacket", "care"),
        "Cycling": ("bike", "cold"),
        "Garden tools & watering": ("spade", "fresh"),
        "Plants & growing": ("pot", "fresh"),
        "Patio & grilling": ("grill", "counter"),
        "Headphones & speakers": ("headphones", "care"),
        "Computer accessories": ("keyboard", "home"),
        "Phones & charging": ("phone", "cold"),
        "Smart home": ("house", "dairy"),
        "Cameras & wearables": ("camera", "sweet"),
        "Printing & office": ("printer", "home"),
    }
)
# One aisle holds three things that look nothing like each other.
_DRAWN_APART = MappingProxyType(
    {"Eggs, butter & yogurt": {"yogurt": "yogurt", "butter": "butter", "margarine": "butter"}}
)


def aisle_look(aisle: str, name: str) -> tuple[str, str]:
    """Return the icon and tint for a product; an aisle of an imported shop gets the basket."""
    icon, tint = _LOOKS.get(aisle, (FALLBACK_ICON, FALLBACK_TINT))
    for word, drawing in _DRAWN_APART.get(aisle, {}).items():
        if word in name.lower():
            return drawing, tint
    return icon, tint
