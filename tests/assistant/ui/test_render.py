from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from assistant.catalog.products import Product, Restriction
from assistant.catalog.stores import Store
from assistant.dialogue.conversations import Turn, TurnState
from assistant.dialogue.events import (
    CartEvent,
    DoneEvent,
    HandoffEvent,
    Line,
    OrderItem,
    OrdersEvent,
    ProductItem,
    ProductsEvent,
    ProposalEvent,
    Reason,
    TextEvent,
    ToolEvent,
    TurnEvent,
)
from assistant.orders.cart import Cart, CartLine
from assistant.ui.render import (
    Renderer,
    changed_cart,
    evidence,
    parts,
    product_ids,
    request_like,
    tools_used,
)

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    '<a href="javascript:alert(1)">x</a>',
    "${alert(1)} {{alert(1)}} {% raw %}",
    "![x](https://example.org/x.png)",
)
OURS = frozenset(
    "article div span p h1 h2 ol ul li b s i svg use button details summary time table tbody tr td"
    " aside a header form label input".split()
)
MILK = Product("11", "f", "Milk", "1 gal", True, "Milk & cream", 249, 249, "USD", False)
BREAD = Product("12", "g", "Bread", "", False, "Bread & bakery", 299, 379, "USD", True)


class Markup(HTMLParser):
    """The tags, attributes and text of rendered HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def renderer() -> Renderer:
    return Renderer(
        Store(
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
    )


def a_turn(text: str = "milk?", state: TurnState = TurnState.DONE) -> Turn:
    return Turn(1, text, state, datetime(2020, 5, 1, tzinfo=UTC))


def done(*degraded: str) -> DoneEvent:
    return DoneEvent(
        conversation="c", seconds=1.0, usage={}, prompts={}, adapters={}, degraded=degraded
    )


def item(product_id: str = "11", title: str = "Milk, 1 gal", *why: Reason) -> ProductItem:
    return ProductItem(id=product_id, title=title, price=249, currency="USD", why=why)


def render(renderer: Renderer, *events: TurnEvent, turn: Turn | None = None) -> Markup:
    products = {"11": MILK, "12": BREAD}
    return Markup(renderer.turn(turn or a_turn(), events, products, last=True))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_outside_text_stays_text_wherever_it_stands(renderer: Renderer, payload: str) -> None:
    line = Line(product_id=payload, title=payload, quantity=1, total=1)
    placed = "2020-04-30T22:30:00-04:00"
    order = OrderItem(
        id=payload, status=payload, placed_at=placed, total=1, currency="USD", lines=(line,)
    )
    reason = Reason(text=payload, order_ids=(payload,))
    markup = render(
        renderer,
        TextEvent(delta=payload),
        ToolEvent(name=payload, arguments={}, ok=True),
        ProductsEvent(items=(item(payload, payload, reason),)),
        OrdersEvent(items=(order,)),
        CartEvent(items=(line,), total=1, currency="USD"),
        ProposalEvent(id="p", action="x", summary=payload, parameters={}, expires=placed),
        HandoffEvent(reason=payload),
        turn=a_turn(payload),
    )
    assert markup.tags <= OURS
    assert not any(name.startswith("on") for name in markup.attributes)
    assert "src" not in markup.attributes
    assert all(href.startswith("page/icons.svg#") for href in markup.attributes["href"])
    # The message, the answer and seven places on cards.
    assert markup.text.count(payload) >= 9


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_cart_and_the_header_escape_too(renderer: Renderer, payload: str) -> None:
    line = CartLine(payload, "f", payload, 2, 100)
    cart = Markup(renderer.cart(Cart((line,), "USD"), payload))
    header = Markup(renderer.topbar(payload, True, payload))
    for markup in (cart, header):
        assert markup.tags <= OURS
        assert not any(name.startswith("on") for name in markup.attributes)
        assert markup.text.count(payload) >= 2


def test_a_card_shows_today_from_the_catalogue_and_not_the_event(renderer: Renderer) -> None:
    stale = ProductItem(id="12", title="Old bread", price=1, currency="USD")
    markup = render(renderer, ProductsEvent(items=(stale,)))
    assert "Bread" in markup.text
    assert "Old bread" not in markup.text
    assert "$3.79" in markup.text
    assert "$2.99" in markup.text
    assert markup.attributes["data-add"] == ["12"]


def test_a_card_says_size_own_label_and_why_with_its_orders(renderer: Renderer) -> None:
    why = Reason(text="You bought it 3 times", order_ids=("7", "8", "9"))
    text = render(renderer, ProductsEvent(items=(item("11", "Milk", why),))).text
    for shown in ("1 gal", "Own label", "You bought it 3 times", "Orders 7, 8 and more"):
        assert shown in text


def test_a_regular_price_is_struck_only_when_today_is_lower(renderer: Renderer) -> None:
    assert "s" not in render(renderer, ProductsEvent(items=(item("11"),))).tags
    assert "s" in render(renderer, ProductsEvent(items=(item("12"),))).tags


def test_a_product_no_longer_offered_cannot_be_added(renderer: Renderer) -> None:
    markup = render(renderer, ProductsEvent(items=(item("99", "Gone milk"),)))
    assert "Gone milk" in markup.text
    assert "No longer offered" in markup.text
    assert "data-add" not in markup.attributes


def test_restricted_products_say_so(renderer: Renderer) -> None:
    beer = Product("13", "h", "Beer", "", False, "x", 999, 999, "USD", False, Restriction.ALCOHOL)
    shown = (ProductsEvent(items=(item("13", "Beer"),)),)
    html = renderer.turn(a_turn(), shown, {"13": beer}, last=True)
    assert "Age-restricted" in html


def test_order_times_are_the_stores(renderer: Renderer) -> None:
    order = OrderItem(
        id="7", status="delivered", placed_at="2020-05-01T02:30:00+00:00",
        total=298, currency="USD", lines=(),
    )  # fmt: skip
    assert "30 Apr 2020" in render(renderer, OrdersEvent(items=(order,))).text


def test_no_card_hides_the_text() -> None:
    cart = CartEvent(items=(), total=0, currency="USD")
    events: list[TurnEvent] = [
        TextEvent(delta="I "),
        ToolEvent(name="cart_show", arguments={}, ok=True),
        TextEvent(delta="found "),
        cart,
        TextEvent(delta="it."),
        done(),
    ]
    assert parts(events) == (TextEvent(delta="I found it."), cart)


def test_shown_ids_and_tools_are_named_once() -> None:
    events: list[TurnEvent] = [
        ToolEvent(name="find_products", arguments={}, ok=True),
        ToolEvent(name="shopping_list", arguments={}, ok=True),
        ToolEvent(name="weigh_parcel", arguments={}, ok=True),
        ToolEvent(name="list_orders", arguments={}, ok=False),
        ProductsEvent(items=(item("11"), item("12"))),
        ProductsEvent(items=(item("11"),)),
    ]
    assert product_ids(events) == ("11", "12")
    assert tools_used(events) == ("Searched the shelves", "Weigh parcel")


@pytest.mark.parametrize(
    ("event", "changed"),
    [
        (ToolEvent(name="cart_add", arguments={}, ok=True), True),
        (ToolEvent(name="cart_clear", arguments={}, ok=True), True),
        (ToolEvent(name="cart_add", arguments={}, ok=False), False),
        (ToolEvent(name="cart_show", arguments={}, ok=True), False),
        (CartEvent(items=(), total=0, currency="USD"), False),
    ],
)
def test_only_a_turn_that_changed_nothing_is_asked_again(
    renderer: Renderer, event: TurnEvent, changed: bool
) -> None:
    assert changed_cart([event]) is changed
    assert ("data-retry" in render(renderer, event).attributes) is not changed


def test_only_the_last_finished_turn_offers_to_ask_again(renderer: Renderer) -> None:
    assert "data-retry" not in renderer.turn(a_turn(), (), {}, last=False)
    running = a_turn(state=TurnState.RUNNING)
    html = renderer.turn(running, (), {}, last=True)
    assert "data-retry" not in html
    assert "Answering" in html
    assert 'aria-busy="true"' in html


@pytest.mark.parametrize(
    ("state", "degraded", "said"),
    [
        (TurnState.STOPPED, "stopped", "Stopped at your request."),
        (TurnState.INTERRUPTED, "error", "This answer could not be finished."),
        (TurnState.DONE, "engine", "The language model was unavailable: these are the plain facts"),
    ],
)
def test_what_went_wrong_is_said(
    renderer: Renderer, state: TurnState, degraded: str, said: str
) -> None:
    assert said in render(renderer, done(degraded), turn=a_turn(state=state)).text


def test_an_ordinary_answer_has_no_note(renderer: Renderer) -> None:
    assert 'class="note"' not in renderer.turn(a_turn(), [done()], {}, last=True)


def test_the_first_message_says_it_is_an_ai_and_that_people_exist(renderer: Renderer) -> None:
    for signed_in in (True, False):
        markup = Markup(renderer.welcome(signed_in))
        assert "automated assistant (an AI)" in markup.text
        assert "person at any time" in markup.text
        assert 3 <= len(markup.attributes["data-say"]) <= 4


def test_the_sign_in_exists_only_in_the_demonstration(renderer: Renderer) -> None:
    assert "shopper-id" in renderer.topbar(None, True)
    assert "shopper-id" not in renderer.topbar(None, False)


def test_the_cart_adds_up_and_stops_at_one(renderer: Renderer) -> None:
    one, two = CartLine("11", "f", "Milk", 1, 249), CartLine("12", "g", "Bread", 2, 299)
    markup = Markup(renderer.cart(Cart((one, two), "USD")))
    assert "$8.47" in markup.text
    assert markup.attributes["data-set"] == ["0", "2", "1", "3"]
    assert len(markup.attributes["disabled"]) == 1
    assert "Nothing in it yet" in renderer.cart(Cart((), "USD"))


def test_the_about_page_states_where_the_data_comes_from(renderer: Renderer) -> None:
    html = renderer.about(True)
    assert "Recorded at a test." in html
    assert "Knock twice." in html
    assert "This is a demonstration" in html
    assert "This is a demonstration" not in renderer.about(False)


@pytest.mark.parametrize(
    ("orders", "named"),
    [
        ((), ""),
        ((("7",), ()), "Order 7"),
        ((("7", "8"), ("8",)), "Orders 7, 8"),
        ((("7", "8"), ("9",)), "Orders 7, 8 and more"),
    ],
)
def test_evidence_names_the_first_orders_of_all_reasons(
    orders: tuple[tuple[str, ...], ...], named: str
) -> None:
    assert evidence([Reason(text="because", order_ids=ids) for ids in orders]) == named


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("White bread", "Show me white bread"),
        ("Prepared side dishes, hot", "Show me prepared side dishes"),
        ("BBQ sauce", "Show me BBQ sauce"),
    ],
)
def test_more_like_a_product_asks_for_its_kind(name: str, asked: str) -> None:
    assert request_like(name) == asked


def test_a_handoff_names_the_shops_contact_and_not_its_own_code(renderer: Renderer) -> None:
    text = render(renderer, HandoffEvent(reason="asked for a person: human")).text
    assert "Knock twice." in text
    assert "asked for a person" not in text
