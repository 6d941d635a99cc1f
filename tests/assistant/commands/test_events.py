"""What a person reads of the events."""

import pytest

from assistant.commands.events import print_json, print_plainly
from assistant.dialogue.events import (
    CartEvent,
    DoneEvent,
    Line,
    OrderItem,
    OrdersEvent,
    ProductItem,
    ProductsEvent,
    Reason,
    TextEvent,
    ToolEvent,
    TurnEvent,
)

LINE = Line(product_id="m1", title="Milk, 1 gal", quantity=2, total=498)
WHY = (Reason(text="Was $2.99"), Reason(text="Bought once"))
DONE = DoneEvent(conversation="c", seconds=1, usage={}, prompts={}, adapters={}, degraded=())


@pytest.mark.parametrize(
    ("event", "read"),
    [
        (TextEvent(delta="Here is "), "Here is "),
        (
            ProductsEvent(
                items=(
                    ProductItem(id="m1", title="Milk", price=249, currency="USD", why=WHY),
                    ProductItem(id="b1", title="Bread", price=1000, currency="USD"),
                )
            ),
            "     $2.49  Milk  Was $2.99; Bought once\n    $10.00  Bread\n",
        ),
        (CartEvent(items=(LINE,), total=498, currency="USD"), "  2 × Milk, 1 gal  $4.98\n"),
        (
            OrdersEvent(
                items=(
                    OrderItem(
                        id="o1", status="delivered", placed_at="2020-04-09T12:00:00-04:00",
                        total=498, currency="USD", lines=(LINE,),
                    ),
                )
            ),
            "  o1  2020-04-09  delivered  $4.98\n",
        ),
        (ToolEvent(name="cart", arguments={}, ok=True), ""),
        (DONE, "\n"),
        (DONE.model_copy(update={"degraded": ("engine", "index")}), "\n(without: engine, index)\n"),
    ],
)  # fmt: skip
def test_a_person_reads_titles_prices_and_what_is_missing(
    event: TurnEvent, read: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_plainly(event)
    assert capsys.readouterr().out == read


def test_json_is_one_line_whatever_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(TextEvent(delta="two\nlines — “quoted”"))
    assert capsys.readouterr().out == '{"type":"text","delta":"two\\nlines — “quoted”"}\n'
