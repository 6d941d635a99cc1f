"""The invented customers are whole, distinct and plainly not real."""

from assistant.catalog.customers import PaymentKind
from assistant.catalog.merrowby.assortment import Article
from assistant.catalog.merrowby.people import Person


def test_there_are_sixty_and_no_two_share_a_name_an_address_or_a_card(
    people: tuple[Person, ...],
) -> None:
    customers = [person.customer for person in people]
    methods = [method.id for customer in customers for method in customer.payment_methods]
    assert len(customers) == 60
    for values in (
        [customer.id for customer in customers],
        [(customer.first_name, customer.last_name) for customer in customers],
        [customer.email for customer in customers],
        [customer.address.text for customer in customers],
        methods,
    ):
        assert len(values) == len(set(values))


def test_e_mail_and_postcodes_can_belong_to_nobody(people: tuple[Person, ...]) -> None:
    for customer in (person.customer for person in people):
        addresses = [customer.address, *(saved.address for saved in customer.saved_addresses)]
        assert customer.email.endswith("@example.com")
        # No postal district begins with these digits.
        assert all(address.postcode[:3] in {"002", "003"} for address in addresses)
        assert all(len(address.postcode) == 5 for address in addresses)
        assert customer.demonstration


def test_every_kind_of_payment_occurs_and_only_gift_cards_have_a_balance(
    people: tuple[Person, ...],
) -> None:
    methods = [method for person in people for method in person.customer.payment_methods]
    assert {method.kind for method in methods} == set(PaymentKind)
    for method in methods:
        assert (method.balance is not None) == (method.kind is PaymentKind.GIFT_CARD)
        assert (len(method.last_four) == 4) == (method.kind is PaymentKind.CARD)


def test_a_gift_card_never_is_the_only_way_to_pay(people: tuple[Person, ...]) -> None:
    for person in people:
        kinds = {method.kind for method in person.customer.payment_methods}
        assert kinds - {PaymentKind.GIFT_CARD}


def test_likes_are_aisles_of_the_store(
    people: tuple[Person, ...], articles: tuple[Article, ...]
) -> None:
    aisles = {article.aisle_key for article in articles}
    assert all(set(person.likes) <= aisles and len(person.likes) == 3 for person in people)


def test_one_customer_as_the_table_has_her(people: tuple[Person, ...]) -> None:
    priya = next(person.customer for person in people if person.customer.id == "103")
    assert priya.address.text == "7 Silo Court, Apt 3B, Mapleford Junction, IL 00268, USA"
    assert priya.email == "priya.raghunand@example.com"
    assert [method.text for method in priya.payment_methods] == ["Visa card ending in 0935"]
    assert [saved.name for saved in priya.saved_addresses] == ["work"]
