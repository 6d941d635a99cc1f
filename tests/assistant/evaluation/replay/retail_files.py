"""A tiny store, tasks and end states in the benchmark's file format, written by hand."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

ADDRESS = {
    "address1": "1 High St",
    "address2": "",
    "city": "Denver",
    "country": "USA",
    "state": "CO",
    "zip": "80201",
}
RED = {"item_id": "11", "options": {"color": "red"}, "available": True, "price": 10.1}
BLUE = {"item_id": "12", "options": {"color": "blue"}, "available": True, "price": 12.35}
GONE = {"item_id": "13", "options": {"color": "gone"}, "available": False, "price": 9.0}


def item(variant: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "Tee",
        "product_id": "1",
        **{key: variant[key] for key in ("item_id", "price", "options")},
    }


PENDING = {
    "order_id": "#W1",
    "user_id": "ann",
    "address": ADDRESS,
    "items": [item(RED), item(RED)],
    "status": "pending",
    "fulfillments": [],
    "payment_history": [
        {"transaction_type": "payment", "amount": 20.2, "payment_method_id": "gift_1"}
    ],
}
DELIVERED = {
    **PENDING,
    "order_id": "#W2",
    "status": "delivered",
    "fulfillments": [{"tracking_id": ["9"], "item_ids": ["11", "11"]}],
}
USER = {
    "user_id": "ann",
    "name": {"first_name": "Ann", "last_name": "Archer"},
    "address": ADDRESS,
    "email": "ann@example.com",
    "payment_methods": {
        "gift_1": {"source": "gift_card", "id": "gift_1", "balance": 5.0},
        "card_1": {"source": "credit_card", "id": "card_1", "brand": "visa", "last_four": "1"},
    },
    "orders": ["#W1", "#W2"],
}
STORE = {
    "products": {
        "1": {"name": "Tee", "product_id": "1", "variants": {"11": RED, "12": BLUE, "13": GONE}}
    },
    "users": {"ann": USER},
    "orders": {"#W1": PENDING, "#W2": DELIVERED},
}
UNSET = dict.fromkeys(
    (
        "cancel_reason",
        "exchange_items",
        "exchange_new_items",
        "exchange_payment_method_id",
        "exchange_price_difference",
        "return_items",
        "return_payment_method_id",
    )
)


def action(name: str, **arguments: object) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def task(task_id: str, *actions: dict[str, Any]) -> dict[str, Any]:
    return {"id": task_id, "evaluation_criteria": {"actions": list(actions)}}


def end(
    orders: dict[str, Any] | None = None,
    users: dict[str, Any] | None = None,
    errors: tuple[tuple[str, str], ...] = (),
) -> dict[str, Any]:
    changed = {"orders": orders, "users": users}
    return {"changed": {k: v for k, v in changed.items() if v}, "tool_errors": list(errors)}


def with_balance(amount: float) -> dict[str, Any]:
    user = deepcopy(USER)
    user["payment_methods"]["gift_1"]["balance"] = amount  # type: ignore[index]
    return user


def write_files(
    folder: Path, tasks: list[dict[str, Any]], expected: dict[str, Any]
) -> tuple[Path, Path, Path]:
    """Write the three files of a replay."""
    paths = folder / "db.json", folder / "tasks.json", folder / "expected.json"
    for path, content in zip(paths, (STORE, tasks, expected), strict=True):
        path.write_text(json.dumps(content))
    return paths
