"""The invented store answers from its own policy file, and its orders obey it."""

import pytest

from assistant.catalog.merrowby.loader import STORE_NAME
from assistant.orders.policy import OrderPolicy, read_order_policy
from assistant.prompting import PROMPTS
from assistant.retrieval.embedder import Embedder
from assistant.tools.policies import Policy, read_policy

FILE = PROMPTS / "policies" / f"{STORE_NAME}.md"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy(read_policy(FILE), Embedder())


@pytest.fixture(scope="module")
def orders() -> OrderPolicy:
    return read_order_policy(FILE)


@pytest.mark.parametrize(
    ("question", "section", "says"),
    [
        ("How long do I have to return things?", "Returns", "45 days"),
        ("do you deliver abroad?", "Delivery", "no delivery abroad"),
        ("how long is the warranty on headphones?", "Warranty and repairs", "two years"),
        ("when do I get my refund on my card?", "Refunds", "3 to 5 business days"),
        ("is there gift wrapping?", "Gift wrapping and messages", "not offered"),
        ("do you match prices of other shops?", "Prices and offers", "not matched"),
    ],
)
def test_a_question_gets_the_section_of_this_store(
    policy: Policy, question: str, section: str, says: str
) -> None:
    (found,) = policy.search(question)
    assert found.title == section
    assert says in found.text


def test_the_policy_says_that_the_store_is_invented(policy: Policy) -> None:
    (found,) = policy.search("What is this shop?")
    assert "invented demonstration store" in found.text


def test_the_rules_name_sections_that_the_text_has(orders: OrderPolicy) -> None:
    titles = {section.title for section in read_policy(FILE)}
    rules = (
        orders.refunds,
        orders.cancel,
        orders.change_items,
        orders.change_address,
        orders.change_payment,
        orders.return_items,
        orders.exchange_items,
        orders.change_default_address,
        orders.place_order,
    )
    assert all(rule is not None and rule.section in titles for rule in rules)


def test_the_rules_say_what_the_text_says(orders: OrderPolicy) -> None:
    assert orders.cancel is not None and orders.cancel.when == ("pending",)
    assert orders.return_items is not None and orders.return_items.within_days == 45
    assert orders.exchange_items is not None and orders.exchange_items.within_days == 45
    assert orders.return_items.refund_to == ("original", "gift_card")
    assert orders.refunds.other == "within 3 to 5 business days"
