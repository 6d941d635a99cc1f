"""The reply task: answers are made of their facts alone, and the test's sentences are unseen."""

import pytest

from assistant.catalog.products import Product
from assistant.dialogue.cards import offer_facts
from assistant.dialogue.grounding import GroundingCheck
from assistant.dialogue.sentences import split_sentences
from assistant.recommend.explain import Why
from assistant.tools.results import Card
from finetune.tasks.reply import (
    ReplyExample,
    ReplyRecipe,
    ReplyTask,
    example_values,
    part_of,
    reply_examples,
    scored,
)
from finetune.tasks.reply_scores import MOST_WORDS, kept_rules
from finetune.tasks.scenes import Scene
from finetune.tasks.shapes import shapes, told

REASONS = (
    ("Bought 12 times, last on 12 Dec", "Usually every 8 days"),
    ("Bought once, on 3 Nov",),
    ("Bought twice, last yesterday",),
    ("In this week's mailer", "Was $4.99"),
    ("Often bought with Spaghetti",),
    ("Among the most bought in this shop",),
    ("Popular with shoppers who buy what you buy",),
    ("New to you, chosen by what you buy",),
    ("On display this week",),
    (),
)
HEADINGS = (
    "For your next shop",
    "Things you have not bought here before",
    "On promotion this week",
    "What you usually buy",
    "Often bought with what is in your cart",
)
NAMES = ("Milk", "White bread", "Choice beef cuts", "Pasta sauce", "Potato chips", "Bananas")
RECIPE = ReplyRecipe(scenes=50, train=120, validation=12, test=16)


def card(at: int) -> Card:
    name = NAMES[at % len(NAMES)]
    price = 99 + 37 * at
    product = Product(
        f"p{at}", f"f{at}", name, "16 oz" if at % 2 else "", at % 3 == 0, "Aisle",
        price, price, "USD", promoted=False,
    )  # fmt: skip
    return Card(product, tuple(Why(text) for text in REASONS[at % len(REASONS)]))


def scene(at: int) -> Scene:
    heading = HEADINGS[at % len(HEADINGS)]
    facts = offer_facts(heading, [card(at), card(at + 1), card(at + 2)])
    return Scene(facts, "")


@pytest.fixture(scope="module")
def examples() -> tuple[ReplyExample, ...]:
    return reply_examples([scene(at) for at in range(50)], RECIPE)


def test_every_answer_survives_the_check_that_guards_the_chat(
    examples: tuple[ReplyExample, ...],
) -> None:
    assert len(examples) > 100
    for example in examples:
        check = GroundingCheck(example.scene.facts)
        for sentence in split_sentences(example.answer):
            assert check.check(sentence).kept, (sentence, check.check(sentence).reason)


def test_every_answer_names_its_offers_in_few_words(examples: tuple[ReplyExample, ...]) -> None:
    for example in examples:
        rules = kept_rules(example.answer, example.scene.facts)
        assert rules["names all"] and rules["no repeat"], example.answer
        assert len(example.answer.split()) <= MOST_WORDS


def test_a_known_reason_is_told(examples: tuple[ReplyExample, ...]) -> None:
    assert all(kept_rules(e.answer, e.scene.facts)["reason"] for e in examples)


def test_no_shape_serves_two_parts(examples: tuple[ReplyExample, ...]) -> None:
    used: dict[str, set[str]] = {}
    for example in examples:
        for shape_id in example.shape_ids:
            used.setdefault(shape_id, set()).add(example.part)
    assert all(len(parts) == 1 for parts in used.values())
    assert {example.part for example in examples} == {"train", "validation", "test"}


def test_no_opening_is_in_two_parts(examples: tuple[ReplyExample, ...]) -> None:
    data = ReplyTask(RECIPE).samples(examples)
    parts = [{s.group for s in part} for part in (data.train, data.validation, data.test)]
    assert all(parts) and not (parts[0] & parts[1] | parts[0] & parts[2] | parts[1] & parts[2])


def test_a_prompt_holds_the_occasion_and_each_offer_with_its_reason() -> None:
    example = ReplyExample(scene(0), "", "train", ())
    values = example_values(example)
    assert values["occasion"] == "For your next shop"
    assert values["offers"][0] == (  # type: ignore[index]
        "Milk (own label) at $0.99. Bought 12 times, last on 12 Dec. Usually every 8 days"
    )


def test_the_same_recipe_gives_the_same_digest(examples: tuple[ReplyExample, ...]) -> None:
    again = reply_examples([scene(at) for at in range(50)], RECIPE)
    assert ReplyTask(RECIPE).samples(again).digest == ReplyTask(RECIPE).samples(examples).digest


def test_there_are_many_shapes_and_each_kind_can_be_trained_and_tested() -> None:
    found = shapes()
    assert len(found) >= 60
    for kind in {shape.kind for shape in found}:
        parts = {part_of(shape) for shape in found if shape.kind == kind}
        assert {"train", "test"} <= parts, kind


def test_reasons_are_read_as_the_recommender_writes_them() -> None:
    for texts in REASONS:
        assert len(told("Milk", ". ".join(texts))) == len(texts)


def test_gold_answers_win_against_the_plain_rendering(
    examples: tuple[ReplyExample, ...],
) -> None:
    samples = ReplyTask(RECIPE).samples(examples).test
    scores = scored(samples, [sample.answer for sample in samples])
    assert scores["sentences_surviving"] == 1.0
    assert scores["blind_wins"] > scores["blind_losses"]


def test_an_invented_price_loses_the_grounding_rule() -> None:
    rules = kept_rules("You might like Milk (own label) at $0.01.", scene(0).facts)
    assert not rules["grounded"] and not rules["names all"]
