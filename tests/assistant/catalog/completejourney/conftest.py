"""A data set of a few hand-made purchases, and the families of the real one."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from assistant.catalog.completejourney.families import (
    GroupedFamily,
    group_families,
    name_products,
)
from assistant.catalog.completejourney.source import Source, data_folder
from assistant.catalog.completejourney.vocabulary import Vocabulary, read_vocabulary

PRODUCTS = """
(1, 'GROCERY', 'Private', 'FLUID MILK PRODUCTS', 'FLUID MILK WHITE ONLY', '1 GA'),
(2, 'GROCERY', 'Private', 'FLUID MILK PRODUCTS', 'FLUID MILK WHITE ONLY', 'D  1 GAL'),
(3, 'GROCERY', 'National', 'BAKED BREAD/BUNS/ROLLS', 'MAINSTREAM WHITE BREAD', '20 OZ'),
(4, 'FUEL', 'National', 'FUEL', 'GASOLINE-REG UNLEADED', NULL),
(5, 'GROCERY', 'National', 'BEERS/ALES', 'BEERALEMALT LIQUORS', '12 PK/12 OZ'),
(6, 'MISCELLANEOUS', 'National', NULL, NULL, NULL),
(7, 'PRODUCE', 'National', 'TROPICAL FRUIT', 'BANANAS', '40 LB'),
(8, 'DRUG GM', 'National', 'HOSIERY/SOCKS', NULL, NULL),
(9, 'GROCERY', 'National', 'COFFEE', 'GROUND COFFEE', '13 OZ'),
(10, 'GROCERY', 'National', 'COFFEE', 'GROUND COFFEE', '39 OZ'),
(11, 'GROCERY', 'National', 'EGGS', 'EGGS - LARGE', '1 DZ'),
(12, 'GROCERY', 'National', 'COFFEE', 'GROUND COFFEE', '8 OZ')
"""

# household, location, basket, product, quantity, sales value, then the discounts of the retailer,
# of a coupon and of its match, week, time
TRANSACTIONS = """
(1, 11, 100, 1, 1, 2.00, 1.00, 0.00, 0.00, 40, '2017-10-01 12:00:00'),
(1, 11, 100, 4, 9000, 20.00, 0.00, 0.00, 0.00, 40, '2017-10-01 12:00:00'),
(1, 11, 101, 1, 2, 5.00, 0.58, 0.00, 0.00, 51, '2017-12-20 12:00:00'),
(1, 11, 101, 3, 1, 1.45, 0.05, 2.00, 0.00, 51, '2017-12-20 12:00:00'),
(1, 11, 101, 6, 1, 7.00, 0.00, 0.00, 0.00, 51, '2017-12-20 12:00:00'),
(1, 11, 101, 7, 1, 1.00, 0.00, 0.00, 0.00, 51, '2017-12-20 12:00:00'),
(1, 10, 102, 1, 1, 1.99, 0.80, 0.50, 0.25, 53, '2017-12-30 12:00:00'),
(1, 10, 102, 7, 0, 0.50, 0.00, 0.00, 0.00, 53, '2017-12-30 12:00:00'),
(1, 10, 102, 3, 1, 1.45, 0.05, 0.00, 0.00, 53, '2017-12-30 12:00:00'),
(1, 10, 105, 2, 1, 2.00, 1.00, 0.00, 0.00, 53, '2018-01-01 04:00:00'),
(2, 10, 103, 5, 1, 9.00, 0.00, 0.00, 0.00, 20, '2017-05-14 12:00:00'),
(2, 10, 106, 5, 1, 0.50, 8.50, 0.00, 0.00, 53, '2017-12-29 04:00:00'),
(2, 10, 107, 8, 1, 4.00, 0.00, 0.00, 0.00, 53, '2017-12-29 03:59:59'),
(2, 10, 108, 10, 0, 4.00, 0.00, 0.00, 0.00, 30, '2017-07-30 12:00:00'),
(3, 12, 104, 4, 5000, 12.00, 0.00, 0.00, 0.00, 45, '2017-11-05 12:00:00'),
(3, 12, 110, 12, 1, 0.01, 0.00, 0.00, 0.00, 45, '2017-11-05 14:00:00'),
(3, 12, 109, 99, 1, 3.00, 0.00, 0.00, 0.00, 45, '2017-11-05 13:00:00')
"""

# product, location, display, mailer, week
PROMOTIONS = """
(1, 10, '0', 'A', 53),
(3, 10, '2', 'D', 53),
(3, 11, '5', '0', 53),
(5, 10, '9', '0', 53),
(2, 10, '0', 'A', 52),
(7, 10, '0', '0', 53),
(4, 10, '0', 'A', 53)
"""


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the hand-made data set; eggs sell on 57 days, for $3, then 28 times $1 and $3."""
    folder = tmp_path_factory.mktemp("data")
    eggs = """
    SELECT 4, 13, 200 + n, 11, 1, CASE WHEN n = 0 OR n > 28 THEN 3.0 ELSE 1.0 END,
           0.0, 0.0, 0.0, 1 + n // 7, TIMESTAMP '2017-01-02 12:00:00' + n * INTERVAL 1 DAY
    FROM range(57) AS days(n)
    """
    tables = {
        "products": f"SELECT * FROM (VALUES {PRODUCTS}) AS t(product_id, department, brand,"
        " product_category, product_type, package_size)",
        "transactions": "SELECT * REPLACE (transaction_timestamp::TIMESTAMP AS"
        f" transaction_timestamp) FROM (VALUES {TRANSACTIONS}) AS t(household_id, store_id,"
        " basket_id, product_id, quantity, sales_value, retail_disc, coupon_disc,"
        f" coupon_match_disc, week, transaction_timestamp) UNION ALL {eggs}",
        "promotions": f"SELECT * FROM (VALUES {PROMOTIONS}) AS t(product_id, store_id,"
        " display_location, mailer_location, week)",
    }
    for name, query in tables.items():
        duckdb.execute(f"COPY ({query}) TO '{folder / name}.parquet' (FORMAT parquet)")
    return folder


@pytest.fixture(scope="session")
def codes() -> list[tuple[str, str | None, str | None]]:
    """Return every department, category and type that occur together in the installed data."""
    return duckdb.execute(
        "SELECT DISTINCT department, product_category, product_type FROM read_parquet(?)",
        [str(data_folder() / "products.parquet")],
    ).fetchall()


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return read_vocabulary()


@pytest.fixture(scope="session")
def real() -> Iterator[Source]:
    """Open the installed data set."""
    with Source(data_folder()) as source:
        yield source


@pytest.fixture(scope="session")
def real_families(real: Source, vocabulary: Vocabulary) -> dict[str, GroupedFamily]:
    """Group the installed data set's products; afterwards `real` offers just these."""
    families = group_families(name_products(real.sold(), vocabulary))
    real.offer([product.product_id for family in families for product in family.products])
    return {family.id: family for family in families}
