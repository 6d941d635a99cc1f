import json
import os
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import BadInput
from assistant.evaluation.replay.replay import ReplayReport, replay
from tests.assistant.evaluation.replay.retail_files import (
    ADDRESS,
    BLUE,
    DELIVERED,
    PENDING,
    RED,
    UNSET,
    USER,
    action,
    end,
    item,
    task,
    with_balance,
    write_files,
)

BENCHMARK = Path(
    os.environ.get("TAU2_RETAIL", Path(__file__).parents[5] / "shared/data/tau2-retail")
)
FIND = action("find_user_id_by_email", email="ann@example.com")


def run(folder: Path, one: dict[str, Any], expected: dict[str, Any]) -> ReplayReport:
    return replay(*write_files(folder, [one], {one["id"]: expected}))


@pytest.mark.timeout(600)
def test_every_training_task_of_the_benchmark_ends_as_its_own_tools_leave_it() -> None:
    if not BENCHMARK.exists():
        pytest.skip("the tau2-bench retail files are not here; name their folder in TAU2_RETAIL")
    names = ("db.json", "tasks_train.json", "expected_train.json")
    report = replay(*(BENCHMARK / name for name in names))
    assert report.different == ()
    assert (report.tasks, report.equal) == (74, 74)


def test_a_cancelled_order_and_its_refund_are_compared_whole(tmp_path: Path) -> None:
    cancel = action("cancel_pending_order", order_id="#W1", reason="no longer needed")
    refund = {"transaction_type": "refund", "amount": 20.2, "payment_method_id": "gift_1"}
    order = PENDING | UNSET | {
        "status": "cancelled",
        "cancel_reason": "no longer needed",
        "payment_history": [*PENDING["payment_history"], refund],
    }  # fmt: skip
    expected = end({"#W1": order}, {"ann": with_balance(25.2)})
    assert run(tmp_path, task("t", FIND, cancel), expected) == ReplayReport(1, 1, ())


def test_every_field_that_differs_is_listed(tmp_path: Path) -> None:
    cancel = action("cancel_pending_order", order_id="#W1", reason="no longer needed")
    order = PENDING | UNSET | {"status": "gone", "cancel_reason": "no longer needed"}
    report = run(tmp_path, task("t", cancel), end({"#W1": order}, {"ann": with_balance(25.21)}))
    assert (report.tasks, report.equal) == (1, 0)
    fields = {(one.record, one.field) for one in report.different}
    assert fields == {
        ("orders/#W1", "status"),
        ("orders/#W1", "payment_history"),
        ("users/ann", "payment_methods"),
    }
    status = next(one for one in report.different if one.field == "status")
    assert (status.task, status.expected, status.got) == ("t", "gone", "cancelled")
    listed = json.loads(report.as_json())["different"][0]
    assert set(listed) == {"task", "record", "field", "expected", "got"}


def test_a_change_that_nobody_expects_is_listed(tmp_path: Path) -> None:
    moved = ADDRESS | {"address1": "2 Low St"}
    report = run(tmp_path, task("t", action("modify_user_address", user_id="ann", **moved)), end())
    assert [(one.record, one.field) for one in report.different] == [("users/ann", "address")]


def test_changed_items_read_as_the_benchmark_writes_them(tmp_path: Path) -> None:
    change = action(
        "modify_pending_order_items",
        order_id="#W1",
        item_ids=["11"],
        new_item_ids=["12"],
        payment_method_id="gift_1",
    )
    paid = {"transaction_type": "payment", "amount": 2.25, "payment_method_id": "gift_1"}
    order = PENDING | UNSET | {
        "status": "pending (item modified)",
        "items": [item(BLUE), item(RED)],
        "payment_history": [*PENDING["payment_history"], paid],
    }  # fmt: skip
    expected = end({"#W1": order}, {"ann": with_balance(2.75)})
    assert run(tmp_path, task("t", FIND, change), expected).different == ()


def test_an_exchange_is_listed_sorted_with_its_difference(tmp_path: Path) -> None:
    exchange = action(
        "exchange_delivered_order_items",
        order_id="#W2",
        item_ids=["11", "11"],
        new_item_ids=["12", "12"],
        payment_method_id="gift_1",
    )
    order = DELIVERED | UNSET | {
        "status": "exchange requested",
        "exchange_items": ["11", "11"],
        "exchange_new_items": ["12", "12"],
        "exchange_payment_method_id": "gift_1",
        "exchange_price_difference": 4.5,
    }  # fmt: skip
    assert run(tmp_path, task("t", exchange), end({"#W2": order})).different == ()


def test_the_payment_is_changed_in_the_benchmark_s_sequence(tmp_path: Path) -> None:
    change = action("modify_pending_order_payment", order_id="#W1", payment_method_id="card_1")
    entries = [
        {"transaction_type": "payment", "amount": 20.2, "payment_method_id": "card_1"},
        {"transaction_type": "refund", "amount": 20.2, "payment_method_id": "gift_1"},
    ]
    history = [*PENDING["payment_history"], *entries]
    order = PENDING | UNSET | {"payment_history": history}
    expected = end({"#W1": order}, {"ann": with_balance(25.2)})
    assert run(tmp_path, task("t", change), expected).different == ()


def give_back(item_ids: list[str], method: str) -> dict[str, Any]:
    return action(
        "return_delivered_order_items",
        order_id="#W2",
        item_ids=item_ids,
        payment_method_id=method,
    )


REFUSED = (
    action("cancel_pending_order", order_id="#W2", reason="no longer needed"),
    action("cancel_pending_order", order_id="#W1", reason="bored"),
    action("modify_pending_order_payment", order_id="#W1", payment_method_id="gift_1"),
    give_back(["11"], "card_1"),
    give_back(["12"], "gift_1"),
    action("find_user_id_by_email", email="nobody@example.com"),
    action("find_user_id_by_name_zip", first_name="Ann", last_name="Archer", zip="1"),
    action("get_order_details", order_id="W1"),
    action("get_product_details", product_id="11"),
    action("get_item_details", item_id="1"),
    action("get_user_details", user_id="bob"),
    action("modify_user_address", user_id="bob", **ADDRESS),
    action("calculate", expression="__import__('os')"),
    action("calculate", expression="1/0"),
    action(
        "modify_pending_order_items",
        order_id="#W1",
        item_ids=["11"],
        new_item_ids=["13"],
        payment_method_id="card_1",
    ),
    action(
        "exchange_delivered_order_items",
        order_id="#W2",
        item_ids=["11", "11"],
        new_item_ids=["12"],
        payment_method_id="card_1",
    ),
)  # fmt: skip


@pytest.mark.parametrize("call", REFUSED)
def test_what_the_benchmark_refuses_is_refused_and_changes_nothing(
    tmp_path: Path, call: dict[str, Any]
) -> None:
    expected = end(errors=((call["name"], "no"),))
    assert run(tmp_path, task("t", FIND, call), expected).different == ()


def test_a_call_that_should_be_refused_and_is_not_is_listed(tmp_path: Path) -> None:
    call = action("calculate", expression="(1 + 2) * 3")
    [one] = run(tmp_path, task("t", call), end(errors=(("calculate", "no"),))).different
    assert (one.record, one.field, one.expected, one.got) == ("calculate", "refused", "no", None)


def test_reads_change_nothing(tmp_path: Path) -> None:
    reads = (
        action("get_user_details", user_id="ann"),
        action("get_order_details", order_id="#W1"),
        action("get_product_details", product_id="1"),
        action("get_item_details", item_id="13"),
        action("list_all_product_types"),
        action("calculate", expression="10.1 + 12.35"),
        action("transfer_to_human_agents", summary="help"),
    )
    assert run(tmp_path, task("t", *reads), end({"#W1": PENDING}, {"ann": USER})).different == ()


def test_a_task_without_an_end_state_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no end state for task t"):
        replay(*write_files(tmp_path, [task("t")], {}))


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    files = write_files(tmp_path, [], {})
    with pytest.raises(BadInput, match="cannot be read"):
        replay(tmp_path / "nothing.json", *files[1:])
