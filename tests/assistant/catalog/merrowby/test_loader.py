"""What the loader writes: the whole store, marked as invented, the same every time."""

from pathlib import Path

from sqlalchemy import func, select

from assistant.catalog import order_schema, schema
from assistant.catalog.catalogue import Catalogue
from assistant.catalog.database import Database
from assistant.catalog.merrowby.loader import STORE_NAME, load
from assistant.catalog.schema import STORE_TABLES
from tests.assistant.catalog.merrowby.conftest import silent


def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Everything of the store, by table."""
    with database.read() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(
                    select(table).where(table.c.store == STORE_NAME))),
                key=repr,
            )
            for table in (*STORE_TABLES, *order_schema.ORDER_TABLES)
        }  # fmt: skip


def test_the_database_says_that_all_is_invented(loaded: Database) -> None:
    store = Catalogue(loaded, STORE_NAME).store
    assert store.invented
    assert "invented demonstration store" in store.title
    assert "does not exist" in store.provenance
    with loaded.read() as connection:
        marked = connection.scalars(select(order_schema.customers.c.demonstration)).all()
    assert len(marked) == 60 and all(marked)


def test_two_loads_into_two_databases_write_the_same(loaded: Database, tmp_path: Path) -> None:
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    load(other, silent)
    assert rows(other) == rows(loaded)


def test_a_second_load_does_nothing(loaded: Database) -> None:
    assert load(loaded, silent) is False


def test_order_totals_equal_the_ledger(loaded: Database) -> None:
    """By SQL over the tables, apart from the code that wrote them."""
    paid = (
        select(order_schema.ledger.c.order_id, func.sum(order_schema.ledger.c.amount).label("sum"))
        .where(order_schema.ledger.c.kind == "payment")
        .group_by(order_schema.ledger.c.order_id)
        .subquery()
    )
    lines = (
        select(schema.order_lines.c.order_id, func.sum(schema.order_lines.c.total).label("sum"))
        .group_by(schema.order_lines.c.order_id)
        .subquery()
    )
    query = (
        select(func.count())
        .select_from(schema.orders)
        .join(paid, paid.c.order_id == schema.orders.c.id)
        .join(lines, lines.c.order_id == schema.orders.c.id)
        .where(schema.orders.c.total == paid.c.sum, schema.orders.c.total == lines.c.sum)
    )
    with loaded.read() as connection:
        equal = connection.scalar(query)
        orders = connection.scalar(select(func.count()).select_from(schema.orders))
    assert equal == orders
    assert orders is not None and orders > 1000


def test_every_line_is_of_a_product_on_sale(loaded: Database) -> None:
    known = select(schema.products.c.id)
    query = select(func.count()).where(schema.order_lines.c.product_id.not_in(known))
    with loaded.read() as connection:
        assert connection.scalar(query) == 0


def test_the_catalogue_has_options_stock_and_descriptions(loaded: Database) -> None:
    skillet = Catalogue(loaded, STORE_NAME).family("anvil-cast-iron-skillet")
    assert skillet.brand == "Ferrowick"
    assert skillet.description.startswith("A heavy skillet cast in one piece")
    assert [variant.title for variant in skillet.variants] == [
        "Ferrowick Anvil cast-iron skillet (8 in)",
        "Ferrowick Anvil cast-iron skillet (10 in)",
        "Ferrowick Anvil cast-iron skillet (12 in)",
    ]
    assert [variant.regular_price for variant in skillet.variants] == [2200, 2900, 3900]
    assert all(variant.stock is not None for variant in skillet.variants)
    assert skillet.best_seller in skillet.variants


def test_what_is_sold_out_never_stands_for_its_family(loaded: Database) -> None:
    for family in Catalogue(loaded, STORE_NAME).families.values():
        if any(variant.available for variant in family.variants):
            assert family.best_seller.available, family.name


def test_the_customers_are_the_shoppers(loaded: Database) -> None:
    catalogue = Catalogue(loaded, STORE_NAME)
    assert catalogue.has_shopper("101") and catalogue.has_shopper("160")
    assert not catalogue.has_shopper("161")
    assert catalogue.location_of("101") == "online"
