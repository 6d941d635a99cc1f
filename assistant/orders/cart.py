"""Carts: what a shopper or guest means to buy, kept on the server."""

from dataclasses import dataclass

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Integer,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from assistant.catalog.database import Database, metadata
from assistant.catalog.products import product_title, read_options
from assistant.catalog.schema import families, products
from assistant.catalog.stores import Store
from assistant.errors import InvalidArguments, NotFound

MOST = 99

cart_lines = Table(
    "cart_lines",
    metadata,
    Column("store", String, primary_key=True),
    Column("owner", String, primary_key=True),
    Column("product_id", String, primary_key=True),
    Column("quantity", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True, slots=True)
class CartLine:
    """One product in a cart; `price` is today's for one, in minor units."""

    product_id: str
    family_id: str
    title: str
    quantity: int
    price: int

    @property
    def total(self) -> int:
        """Today's price of the whole line, in minor units."""
        return self.quantity * self.price


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart, its lines in the order they were first added."""

    lines: tuple[CartLine, ...]
    currency: str

    @property
    def total(self) -> int:
        """Today's price of everything, in minor units."""
        return sum(line.total for line in self.lines)


def cart_of(shopper_id: str) -> str:
    """Return the owner name of a signed-in shopper's cart."""
    return f"shopper:{shopper_id}"


class CartBook:
    """The carts of one store by owner: `shopper:900` or `guest:<conversation id>`.

    Every change is one write transaction and returns the cart as it then is. Prices are the
    catalogue's at reading time; a product that the shop no longer offers is not shown.
    """

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def cart(self, owner: str) -> Cart:
        """Return the cart as it is; empty for an owner never seen."""
        with self._database.read() as connection:
            return self._cart(connection, owner)

    def lines(self, owner: str) -> tuple[CartLine, ...]:
        """Return what is in the cart, in the order it was first added."""
        return self.cart(owner).lines

    def add(self, owner: str, product_id: str, quantity: int = 1) -> Cart:
        """Add to what the cart holds of a product.

        Raises NotFound for a product that is not offered, InvalidArguments where it is sold out
        or the line would leave 1..99; the cart then stays as it was.
        """
        _check(quantity)
        with self._database.write() as connection:
            self._require_offered(connection, product_id)
            # One statement adds and checks, so that two writers cannot overwrite each other.
            grown = connection.execute(
                update(cart_lines)
                .where(self._is(owner, product_id), cart_lines.c.quantity + quantity <= MOST)
                .values(quantity=cart_lines.c.quantity + quantity)
            )
            if _missed(grown):
                self._start_line(connection, owner, product_id, quantity)
            return self._cart(connection, owner)

    def set_quantity(self, owner: str, product_id: str, quantity: int) -> Cart:
        """Set how many of a product in the cart are wanted.

        Raises NotFound for a product that is not in the cart, InvalidArguments outside 1..99.
        """
        _check(quantity)
        with self._database.write() as connection:
            changed = connection.execute(
                update(cart_lines).where(self._is(owner, product_id)).values(quantity=quantity)
            )
            _require_hit(changed, product_id)
            return self._cart(connection, owner)

    def remove(self, owner: str, product_id: str) -> Cart:
        """Take a product out of the cart; raises NotFound if it is not in it."""
        with self._database.write() as connection:
            gone = connection.execute(delete(cart_lines).where(self._is(owner, product_id)))
            _require_hit(gone, product_id)
            return self._cart(connection, owner)

    def clear(self, owner: str) -> Cart:
        """Empty the cart."""
        with self._database.write() as connection:
            connection.execute(delete(cart_lines).where(self._of(owner)))
        return Cart((), self._store.currency)

    def _of(self, owner: str) -> ColumnElement[bool]:
        return (cart_lines.c.store == self._store.name) & (cart_lines.c.owner == owner)

    def _is(self, owner: str, product_id: str) -> ColumnElement[bool]:
        return self._of(owner) & (cart_lines.c.product_id == product_id)

    def _require_offered(self, connection: Connection, product_id: str) -> None:
        offered = select(products.c.stock).where(
            products.c.store == self._store.name, products.c.id == product_id
        )
        found = connection.execute(offered).one_or_none()
        if found is None:
            raise NotFound(
                f"There is no product {product_id!r} in this shop; search to find its number."
            )
        if found.stock == 0:
            raise InvalidArguments("It is sold out; choose another option or another product.")

    def _start_line(
        self, connection: Connection, owner: str, product_id: str, quantity: int
    ) -> None:
        held = connection.scalar(select(cart_lines.c.quantity).where(self._is(owner, product_id)))
        if held is not None:
            raise InvalidArguments(
                f"The cart holds {held} of it and takes at most {MOST} of one product;"
                f" add {MOST - held} or fewer."
                if held < MOST
                else f"The cart holds {held} of it, the most it takes of one product."
            )
        last = connection.scalar(select(func.max(cart_lines.c.position)).where(self._of(owner)))
        connection.execute(
            insert(cart_lines).values(
                store=self._store.name,
                owner=owner,
                product_id=product_id,
                quantity=quantity,
                position=(last or 0) + 1,
            )
        )

    def _cart(self, connection: Connection, owner: str) -> Cart:
        query = (
            select(
                cart_lines.c.product_id,
                cart_lines.c.quantity,
                products.c.price,
                products.c.family_id,
                families.c.name,
                families.c.size,
                families.c.own_label,
                products.c.options,
            )
            .join(
                products,
                (products.c.store == cart_lines.c.store)
                & (products.c.id == cart_lines.c.product_id),
            )
            .join(
                families,
                (families.c.store == products.c.store) & (families.c.id == products.c.family_id),
            )
            .where(self._of(owner))
            .order_by(cart_lines.c.position)
        )
        lines = tuple(
            CartLine(
                row.product_id,
                row.family_id,
                product_title(row.name, row.size, row.own_label, read_options(row.options)),
                row.quantity,
                row.price,
            )
            for row in connection.execute(query)
        )
        return Cart(lines, self._store.currency)


def _check(quantity: int) -> None:
    if not 1 <= quantity <= MOST:
        raise InvalidArguments(
            f"A cart takes 1 to {MOST} of one product, not {quantity}; name a number in between."
        )


def _missed(result: CursorResult[object]) -> bool:
    return result.rowcount == 0


def _require_hit(result: CursorResult[object], product_id: str) -> None:
    if _missed(result):
        raise NotFound(
            f"Product {product_id!r} is not in the cart; ask for the cart to see what is."
        )
