"""`search` and `recommend` on a small shop that is really indexed."""

import json

import pytest

from assistant.dialogue.events import ProductsEvent, printed_events
from tests.assistant.commands.conftest import Command, Ended


def only_event(ended: Ended) -> ProductsEvent:
    """The one JSON line of a command that answered."""
    assert ended.status == 0, ended.err
    [line] = ended.out.splitlines()
    event = printed_events.validate_json(line)
    assert isinstance(event, ProductsEvent)
    return event


def ids(ended: Ended) -> list[str]:
    return [item.id for item in only_event(ended).items]


def test_a_search_prints_one_line_of_json_and_nothing_else(command: Command) -> None:
    ended = command("search", "milk", "--json")
    assert ids(ended) == ["m1", "h1"]
    assert ended.err == ""
    assert json.loads(ended.out)["items"][0] == {
        "id": "m1", "title": "Milk, 1 gal", "price": 249, "currency": "USD", "scores": {},
        "why": [],
    }  # fmt: skip


def test_a_search_for_a_person_prints_prices_and_titles(command: Command) -> None:
    ended = command("search", "milk")
    assert ended.out == "     $2.49  Milk, 1 gal\n     $1.89  Milk, 1/2 gal\n"


def test_no_more_products_are_printed_than_asked_for(command: Command) -> None:
    assert ids(command("search", "milk", "-k", "1", "--json")) == ["m1"]


@pytest.mark.parametrize(
    ("price", "found"),
    [
        ("189", ["h1"]),
        ("188", []),
        ("1.9", ["h1"]),
        ("$2.49", ["m1", "h1"]),
        (" $ 2 ", ["h1"]),
        ("€2.00", ["h1"]),
        ("$300", ["m1", "h1"]),
    ],
)
def test_a_price_is_minor_units_unless_it_has_a_point_or_a_sign(
    command: Command, price: str, found: list[str]
) -> None:
    assert ids(command("search", "milk", "--max-price", price, "--json")) == found


@pytest.mark.parametrize(
    "price",
    ["", "cheap", "-3", "$-3", "nan", "inf", "1e3", "1_000", "3,50", "1.234", "٣", "²", "1" * 400],
)
def test_what_is_no_price_is_refused(command: Command, price: str) -> None:
    ended = command("search", "milk", f"--max-price={price}", "--json")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == f"{price!r} is no price; write 300 (minor units) or $3.00.\n"


def test_a_limit_that_leaves_nothing_is_kept_and_named(command: Command) -> None:
    ended = command("search", "milk", "--max-price", "100", "--category", "Food", "--json")
    assert ids(ended) == []
    assert ended.err == "Nothing fits 'milk'. Without --max-price there would be 2.\n"


def test_what_the_shop_does_not_carry_is_said_beside_the_nearest(command: Command) -> None:
    ended = command("search", "oat milk", "--json")
    assert ids(ended) == ["m1", "h1"]
    assert ended.err == "This shop does not carry 'oat milk'; these are the nearest.\n"


def test_a_word_that_means_nothing_finds_nothing(command: Command) -> None:
    ended = command("search", "zzz", "--json")
    assert ids(ended) == []
    assert ended.err == "This shop does not carry 'zzz'; nothing comes near.\n"


def test_restricted_products_are_found_only_by_name(command: Command) -> None:
    assert "z1" in ids(command("search", "beer", "--json"))
    assert "z1" not in ids(command("search", "something to drink", "-k", "20", "--json"))


def test_a_category_is_known_by_its_name_in_any_case(command: Command) -> None:
    assert ids(command("search", "milk", "--category", "food", "--json")) == ["m1", "h1"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("search", " "), "There is no query; say what to look for."),
        (
            ("search", "milk", "--category", "Garden"),
            "There is no category 'Garden'; the aisles are: Food.",
        ),
        (
            ("search", "milk", "--store", "nowhere"),
            "There is no store 'nowhere'; prepared stores: corner.",
        ),
        (
            ("recommend", "--scenario", "browse", "--store", "nowhere"),
            "There is no store 'nowhere'; prepared stores: corner.",
        ),
        (
            ("recommend", "--scenario", "browse", "--shopper", "zoe"),
            "The store 'corner' has no shopper 'zoe'; check the number, or leave it out to go on "
            "as a guest.",
        ),
        (
            ("recommend", "--scenario", "guess"),
            "There is no scenario 'guess'; choose one of replenish, browse, cart, promotion, "
            "search.",
        ),
        (
            ("recommend", "--scenario", "cart"),
            "The cart scenario completes a cart; add --cart ID,ID.",
        ),
        (("recommend", "--scenario", "cart", "--cart", "p1,x1"), "There is no product 'x1'"),
        (("recommend", "--scenario", "search"), "There is no query; say what to look for."),
    ],
)
def test_bad_usage_ends_with_2_and_one_sentence(
    command: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    ended = command(*arguments, "--json")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(sentence)
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [("-k", "0"), ("-k", "201"), ("-k", "many"), ("--lucky",)])
def test_an_option_that_cannot_be_is_bad_usage(
    command: Command, arguments: tuple[str, ...]
) -> None:
    for ended in (
        command("search", "milk", *arguments),
        command("recommend", "--scenario", "browse", *arguments),
    ):
        assert (ended.status, ended.out) == (2, "")


def test_a_shopper_is_reminded_with_the_orders_as_evidence(command: Command) -> None:
    event = only_event(
        command("recommend", "--scenario", "replenish", "--shopper", "ann", "--json")
    )
    assert [item.id for item in event.items] == ["m1", "p1", "s1"]
    assert [reason.order_ids for reason in event.items[0].why] == [("o2", "o1")]


def test_a_guest_is_shown_what_others_buy(command: Command) -> None:
    event = only_event(command("recommend", "--scenario", "browse", "-k", "2", "--json"))
    assert len(event.items) == 2
    assert [why.order_ids for item in event.items for why in item.why if why.order_ids] == []


def test_a_promotion_is_one_of_the_shoppers_own_location(command: Command) -> None:
    ended = command("recommend", "--scenario", "promotion", "--shopper", "bob", "--json")
    assert ids(ended) == ["s1"]


def test_a_cart_is_never_completed_with_what_is_in_it(command: Command) -> None:
    ended = command("recommend", "--scenario", "cart", "--cart", " p1, s1,", "--json")
    assert not {"p1", "s1"} & set(ids(ended))


def test_the_search_scenario_ranks_what_a_query_finds(command: Command) -> None:
    ended = command("recommend", "--scenario", "search", "--query", "spaghetti", "--shopper", "ann",
                    "--json")  # fmt: skip
    assert ids(ended)[0] == "p1"
    assert command("recommend", "--scenario", "search", "--query", "oat milk").err.startswith(
        "This shop does not carry 'oat milk'"
    )
