"""Who a task is about: the customer its look-ups identify, else the owner of its first order."""

from sqlalchemy import select

from assistant.catalog.database import Database
from assistant.catalog.order_schema import customers
from assistant.catalog.schema import orders
from assistant.errors import ToolError
from assistant.evaluation.replay.tasks import GoldAction, Task
from assistant.evaluation.replay.tools import Arguments
from assistant.orders.verification import Verifier


def customer_of(task: Task, database: Database, store: str) -> str | None:
    """Return the id of a task's customer; None where its calls name nobody."""
    finds = (_found(action, database, store) for action in task.actions)
    owners = (_owner(action, database, store) for action in task.actions)
    return next(filter(None, finds), None) or next(filter(None, owners), None)


def _found(action: GoldAction, database: Database, store: str) -> str | None:
    verifier, arguments = Verifier(database, store), Arguments(action.arguments)
    try:
        if action.name == "find_user_id_by_email":
            return verifier.by_email("", arguments.text("email"))
        if action.name == "find_user_id_by_name_zip":
            names = (arguments.text(name) for name in ("first_name", "last_name", "zip"))
            return verifier.by_name_and_postcode("", *names)
    except ToolError:
        return None
    named = action.arguments.get("user_id")
    with database.read() as connection:
        return connection.scalar(
            select(customers.c.id).where(customers.c.store == store, customers.c.id == named)
        )


def _owner(action: GoldAction, database: Database, store: str) -> str | None:
    named = action.arguments.get("order_id")
    with database.read() as connection:
        return connection.scalar(
            select(orders.c.shopper_id).where(orders.c.store == store, orders.c.id == named)
        )
