import pytest

from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.catalog.products import Restriction
from assistant.errors import NotFound, UnknownStore
from tests.assistant.catalog.conftest import a_store, fill


@pytest.fixture
def catalogue(database: Database) -> Catalogue:
    with database.write() as connection:
        fill(connection, "corner")
        fill(connection, "village")
    return Catalogue(database, "corner")


def test_families_carry_their_best_seller(catalogue: Catalogue) -> None:
    family = catalogue.family("milk-own")
    assert family.title == "Milk, 1 gal (own label)"
    assert family.keywords == ("dairy",)
    assert family.best_seller.id == "11"
    assert (family.best_seller.price, family.best_seller.regular_price) == (249, 299)
    assert family.best_seller.promoted
    assert family.best_seller.title == family.title
    assert len(catalogue.families) == 3


def test_the_store_and_its_aisles_are_known(catalogue: Catalogue) -> None:
    assert catalogue.store == a_store()
    assert catalogue.aisles == ("Beer, wine & spirits", "Milk & cream")


def test_a_restriction_holds_for_the_family_and_its_products(catalogue: Catalogue) -> None:
    assert catalogue.family("beer").restriction is Restriction.ALCOHOL
    assert catalogue.product("13").restriction is Restriction.ALCOHOL
    assert catalogue.product("12").restriction is None


def test_products_are_found_by_id_in_the_order_asked(catalogue: Catalogue) -> None:
    found = catalogue.products(["13", "nonesuch", "10", "13"])
    assert list(found) == ["13", "10"]
    assert found["10"].family_id == "milk-own"
    assert found["10"].price_text == "$2.79"


def test_more_products_than_fit_one_statement_are_found(catalogue: Catalogue) -> None:
    ids = [f"none-{number}" for number in range(40_000)] + ["12"]
    assert list(catalogue.products(ids)) == ["12"]


def test_what_is_not_there_is_not_found(catalogue: Catalogue, database: Database) -> None:
    with pytest.raises(NotFound, match="'99'"):
        catalogue.product("99")
    with pytest.raises(NotFound, match="'tea'"):
        catalogue.family("tea")
    with pytest.raises(UnknownStore):
        Catalogue(database, "moon")


def test_shoppers_are_known_with_their_location(catalogue: Catalogue) -> None:
    assert catalogue.has_shopper("900")
    assert catalogue.location_of("900") == "north"
    assert not catalogue.has_shopper("901")
    assert catalogue.location_of("901") is None


@pytest.mark.parametrize(
    ("text", "aisle"),
    [
        ("Milk & cream", "Milk & cream"),
        ("milk", "Milk & cream"),
        ("BEER & ALE", "Beer, wine & spirits"),
        ("ale", "Beer, wine & spirits"),
        ("wine", "Beer, wine & spirits"),
        ("oat milk", None),
        ("  ", None),
    ],
)
def test_an_aisle_is_found_by_words_of_its_or_a_category_s_label(
    catalogue: Catalogue, text: str, aisle: str | None
) -> None:
    assert catalogue.aisle_named(text) == aisle
