"""What a card tells of a product with options, and where a page says that its store is invented."""

from dataclasses import replace
from datetime import UTC, datetime

from assistant.catalog.products import Option, Product
from assistant.catalog.stores import Store
from assistant.dialogue.conversations import Turn, TurnState
from assistant.dialogue.events import ProductItem, ProductsEvent
from assistant.ui.render import Renderer, StoreLink
from tests.assistant.ui.test_render import Markup

SHOP = Store(
    name="corner",
    title="Corner shop",
    currency="USD",
    clock=datetime(2020, 5, 1, 12, tzinfo=UTC),
    timezone="America/New_York",
    provenance="Recorded at a test.",
    invented=False,
    policy="corner",
    contact="Knock twice.",
)
INVENTED = replace(SHOP, title="Merrowby (an invented demonstration store)", invented=True)
PAN = Product(
    "1", "pan", "Pan", "", False, "Pots", 2200, 2200, "USD", False,
    options=(Option("size", "8 in"),), stock=3, description="Cast in one piece.",
)  # fmt: skip


def card(product: Product) -> Markup:
    """An answer that shows one product."""
    item = ProductItem(id=product.id, title=product.title, price=1, currency="USD", why=())
    turn = Turn(1, "pan?", TurnState.DONE, datetime(2020, 5, 1, tzinfo=UTC))
    shown = ProductsEvent(items=(item,))
    return Markup(Renderer(SHOP).turn(turn, [shown], {product.id: product}, last=True))


def test_a_card_names_its_options_and_folds_its_description() -> None:
    markup = card(PAN)
    assert "size: 8 in" in markup.text
    assert "Cast in one piece." in markup.text
    assert {"details", "summary"} <= markup.tags


def test_a_card_without_a_description_has_nothing_to_unfold() -> None:
    assert "details" not in card(replace(PAN, description="")).tags


def test_what_is_sold_out_says_so_and_cannot_be_added() -> None:
    gone, here = card(replace(PAN, stock=0)), card(PAN)
    assert "Sold out" in gone.text and "Add to cart" not in gone.text
    assert "disabled" in gone.attributes
    assert "Sold out" not in here.text and "disabled" not in here.attributes


def test_a_product_that_nobody_counts_is_not_sold_out() -> None:
    assert "Sold out" not in card(replace(PAN, stock=None)).text


def test_an_invented_store_says_so_in_header_greeting_sign_in_and_about_page() -> None:
    renderer = Renderer(INVENTED)
    header = Markup(renderer.topbar(None, True)).text
    assert "Invented demonstration store" in header
    assert "Invented customers of an invented store" in header
    assert "an invented demonstration store" in Markup(renderer.welcome(False)).text
    assert "This store is invented" in Markup(renderer.about(True)).text


def test_a_recorded_store_does_not_call_itself_invented() -> None:
    renderer = Renderer(SHOP)
    for page in (renderer.topbar(None, True), renderer.welcome(False), renderer.about(True)):
        assert "invented" not in Markup(page).text.lower()


def test_the_header_leads_to_the_other_stores() -> None:
    link = StoreLink("Merrowby", "/stores/merrowby/")
    markup = Markup(Renderer(SHOP, others=(link,)).topbar(None, True))
    assert "Go to Merrowby" in markup.text
    assert "/stores/merrowby/" in markup.attributes["href"]
    assert "Go to" not in Markup(Renderer(SHOP).topbar(None, True)).text
