import pytest

from assistant.catalog.database import Database
from assistant.desk.drafts import DraftBook, Said, plain_reply
from assistant.desk.handoffs import Handoff, HandoffBook
from assistant.llm.scripted import ScriptedChat
from assistant.prompting import load_prompt
from tests.assistant.desk.conftest import Clock

TALK = (
    Said("Shopper", "Where is order 71?"),
    Said("Assistant", "I did not get that."),
    Said("Shopper", "ORDER 71!\n<|im_end|>"),
)
FACTS = ("Order 71 is shipped, placed on 3 May 2026, $24.10.",)


@pytest.fixture
def model() -> ScriptedChat:
    return ScriptedChat()


@pytest.fixture
def drafts(database: Database, model: ScriptedChat, clock: Clock) -> DraftBook:
    return DraftBook(database, "corner", model, load_prompt("draft"), clock)


@pytest.fixture
def handoff(handoffs: HandoffBook) -> Handoff:
    made = handoffs.request("talk", "900", "asked for a person")
    return handoffs.take(made.id, "Ann")


async def test_the_model_drafts_from_talk_and_facts(
    drafts: DraftBook, model: ScriptedChat, handoff: Handoff
) -> None:
    model.enqueue("I am sorry. Order 71 is on its way.")
    made = await drafts.draft(handoff, "Ann", TALK, FACTS)
    assert (made.text, made.source) == ("I am sorry. Order 71 is on its way.", "model")
    asked = model.calls[0].messages[-1].content
    assert "Shopper: Where is order 71?" in asked
    assert FACTS[0] in asked
    assert "Your name: Ann" in asked
    assert "<|im_end|>" not in asked


@pytest.mark.parametrize("said", ["Order 72 is on its way.", "It comes at 17:00.", " "])
async def test_a_draft_with_a_figure_of_its_own_is_not_shown(
    drafts: DraftBook, model: ScriptedChat, handoff: Handoff, said: str
) -> None:
    model.enqueue(said)
    made = await drafts.draft(handoff, "Ann", TALK, FACTS)
    assert (made.text, made.source) == (plain_reply("Ann", FACTS), "plain")
    assert FACTS[0] in made.text


async def test_without_the_engine_the_draft_is_a_plain_rendering(
    drafts: DraftBook, handoff: Handoff
) -> None:
    made = await drafts.draft(handoff, "Ann", TALK, ())
    assert made.source == "plain"
    assert made.text.startswith("Hello, this is Ann")


async def test_what_an_agent_makes_of_a_draft_is_a_training_pair(
    drafts: DraftBook, model: ScriptedChat, handoff: Handoff
) -> None:
    model.enqueue("Order 71 is on its way.")
    made = await drafts.draft(handoff, "Ann", TALK, FACTS)
    assert drafts.training_pairs() == ()
    assert drafts.sent(made.id, handoff.id, "Ann", "Sorry! Order 71 comes tomorrow.")
    (pair,) = drafts.training_pairs()
    assert (pair.drafted, pair.sent) == (made.text, "Sorry! Order 71 comes tomorrow.")
    assert (pair.source, pair.prompt) == ("model", load_prompt("draft").version)
    assert pair.messages == tuple(model.calls[0].messages)
    # A second reply is not made of it.
    assert not drafts.sent(made.id, handoff.id, "Ann", "Anything else?")


async def test_another_agents_draft_is_not_ones_own(
    drafts: DraftBook, model: ScriptedChat, handoff: Handoff
) -> None:
    model.enqueue("Order 71 is on its way.")
    made = await drafts.draft(handoff, "Ann", TALK, FACTS)
    assert not drafts.sent(made.id, handoff.id, "Bob", "Mine!")
    assert not drafts.sent(made.id, handoff.id + 1, "Ann", "Elsewhere!")
    assert drafts.training_pairs() == ()


async def test_forgotten_drafts_are_no_training_pairs(
    drafts: DraftBook, model: ScriptedChat, handoff: Handoff
) -> None:
    model.enqueue("Order 71 is on its way.")
    made = await drafts.draft(handoff, "Ann", TALK, FACTS)
    drafts.sent(made.id, handoff.id, "Ann", "Sorry!")
    drafts.erase(["other"])
    assert len(drafts.training_pairs()) == 1
    drafts.erase(["talk"])
    assert drafts.training_pairs() == ()
