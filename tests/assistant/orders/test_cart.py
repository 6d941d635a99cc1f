from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from assistant.catalog.database import Database
from assistant.errors import InvalidArguments, NotFound
from assistant.orders.cart import CartBook, CartLine
from tests.assistant.little_shop import ITEMS, STORE, little_shop, write_shop

OWNER = "shopper:900"
PRICES = {"m1": 249, "m2": 279, "b1": 150}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with little_shop(tmp_path) as (database, _):
        yield database


@pytest.fixture
def book(database: Database) -> CartBook:
    return CartBook(database, STORE)


def test_a_cart_never_used_is_empty(book: CartBook) -> None:
    cart = book.cart(OWNER)
    assert (cart.lines, cart.total, cart.currency) == ((), 0, "USD")


def test_adding_returns_the_cart_with_titles_and_totals(book: CartBook) -> None:
    book.add(OWNER, "m1", 2)
    cart = book.add(OWNER, "b1", 1)
    assert cart.lines == (
        CartLine("m1", "milk", "Milk, 1 gal", 2, 249),
        CartLine("b1", "bread", "Bread", 1, 150),
    )
    assert [line.total for line in cart.lines] == [498, 150]
    assert cart.total == 648
    assert book.cart(OWNER) == cart
    assert book.lines(OWNER) == cart.lines


def test_adding_again_adds_up_and_keeps_the_place(book: CartBook) -> None:
    book.add(OWNER, "m1", 2)
    book.add(OWNER, "b1", 1)
    cart = book.add(OWNER, "m1", 3)
    assert [(line.product_id, line.quantity) for line in cart.lines] == [("m1", 5), ("b1", 1)]


@pytest.mark.parametrize("quantity", [0, -1, 100])
def test_a_quantity_outside_the_limits_is_refused_by_name(book: CartBook, quantity: int) -> None:
    with pytest.raises(InvalidArguments, match="1 to 99"):
        book.add(OWNER, "m1", quantity)
    book.add(OWNER, "m1", 1)
    with pytest.raises(InvalidArguments, match="1 to 99"):
        book.set_quantity(OWNER, "m1", quantity)
    assert book.cart(OWNER).lines[0].quantity == 1


def test_a_line_never_grows_beyond_the_limit(book: CartBook) -> None:
    book.add(OWNER, "m1", 98)
    with pytest.raises(InvalidArguments, match=r"holds 98 .* at most 99 .* add 1 or fewer"):
        book.add(OWNER, "m1", 2)
    book.add(OWNER, "m1", 1)
    with pytest.raises(InvalidArguments, match="holds 99 of it, the most"):
        book.add(OWNER, "m1", 1)
    assert book.cart(OWNER).lines[0].quantity == 99


def test_an_unknown_product_is_not_found_and_changes_nothing(book: CartBook) -> None:
    with pytest.raises(NotFound):
        book.add(OWNER, "nothing", 1)
    with pytest.raises(NotFound):
        book.set_quantity(OWNER, "b1", 1)
    with pytest.raises(NotFound):
        book.remove(OWNER, "b1")
    assert book.cart(OWNER).lines == ()


def test_carts_of_owners_and_stores_are_apart(database: Database, book: CartBook) -> None:
    book.add(OWNER, "m1", 1)
    assert book.cart("guest:900").lines == ()
    elsewhere = CartBook(database, replace(STORE, name="elsewhere"))
    assert elsewhere.cart(OWNER).lines == ()
    book.clear("guest:900")
    assert len(book.cart(OWNER).lines) == 1


def test_totals_follow_the_catalogues_prices(database: Database, book: CartBook) -> None:
    book.add(OWNER, "b1", 2)
    dearer = [
        replace(item, products={"b1": (175, 175, 8)}) if item.family_id == "bread" else item
        for item in ITEMS
    ]
    write_shop(database, items=dearer)
    assert book.cart(OWNER).total == 350


def test_a_product_the_shop_drops_is_no_longer_shown(database: Database, book: CartBook) -> None:
    book.add(OWNER, "b1", 2)
    book.add(OWNER, "m1", 1)
    write_shop(database, items=[item for item in ITEMS if item.family_id != "bread"])
    assert [line.product_id for line in book.cart(OWNER).lines] == ["m1"]


def test_a_cart_survives_a_restart(tmp_path: Path) -> None:
    with little_shop(tmp_path) as (database, _):
        CartBook(database, STORE).add(OWNER, "m1", 2)
    again = Database(f"sqlite:///{tmp_path / 'shop.db'}")
    assert CartBook(again, STORE).cart(OWNER).lines[0].quantity == 2
    again.dispose()


def test_concurrent_adds_lose_nothing(book: CartBook) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda at: book.add(OWNER, ("m1", "b1")[at % 2], 1), range(80)))
    assert {line.product_id: line.quantity for line in book.cart(OWNER).lines} == {
        "m1": 40,
        "b1": 40,
    }


class CartAgainstDict(RuleBasedStateMachine):
    """Whatever is done to a cart, it holds what a dict would, in the order of first adding."""

    products = st.sampled_from([*PRICES, "nothing"])
    quantities = st.integers(-2, 120)

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._shop = little_shop(Path(self._folder.name))
        self._book = CartBook(self._shop.__enter__()[0], STORE)
        self._model: dict[str, int] = {}

    @rule(product=products, quantity=quantities)
    def add(self, product: str, quantity: int) -> None:
        after = self._model.get(product, 0) + quantity
        if quantity < 1 or after > 99:
            # An unknown product asked for in an impossible number may be refused for either.
            with pytest.raises((InvalidArguments, NotFound)):
                self._book.add(OWNER, product, quantity)
        elif product not in PRICES:
            with pytest.raises(NotFound):
                self._book.add(OWNER, product, quantity)
        else:
            self._model[product] = after
            assert self._shown(self._book.add(OWNER, product, quantity).lines) == self._model

    @rule(product=products, quantity=quantities)
    def set_quantity(self, product: str, quantity: int) -> None:
        if not 1 <= quantity <= 99:
            with pytest.raises(InvalidArguments):
                self._book.set_quantity(OWNER, product, quantity)
        elif product not in self._model:
            with pytest.raises(NotFound):
                self._book.set_quantity(OWNER, product, quantity)
        else:
            self._model[product] = quantity
            self._book.set_quantity(OWNER, product, quantity)

    @rule(product=products)
    def remove(self, product: str) -> None:
        if product in self._model:
            del self._model[product]
            self._book.remove(OWNER, product)
        else:
            with pytest.raises(NotFound):
                self._book.remove(OWNER, product)

    @rule()
    def clear(self) -> None:
        self._model = {}
        assert self._book.clear(OWNER).lines == ()

    @invariant()
    def holds_what_the_dict_holds(self) -> None:
        cart = self._book.cart(OWNER)
        assert list(self._shown(cart.lines).items()) == list(self._model.items())
        assert cart.total == sum(PRICES[name] * held for name, held in self._model.items())

    def teardown(self) -> None:
        self._shop.__exit__(None, None, None)
        self._folder.cleanup()

    @staticmethod
    def _shown(lines: tuple[CartLine, ...]) -> dict[str, int]:
        return {line.product_id: line.quantity for line in lines}


CartAgainstDict.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestCartAgainstDict = CartAgainstDict.TestCase
