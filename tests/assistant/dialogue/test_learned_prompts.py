"""The dialogue with learned prompts: used where published, done without where not."""

from assistant.dialogue.events import DoneEvent, ProductsEvent
from assistant.errors import ModelUnavailable
from tests.assistant.dialogue.conftest import Talk, visible

PLAN = '[" large eggs"," pretzels"," milk"," beer"," unicorns"]'


def rows(talk: Talk) -> list[list[str]]:
    """The titles of each row of cards of the last turn."""
    return [[i.title for i in e.items] for e in talk.heard[-1] if isinstance(e, ProductsEvent)]


async def test_a_plan_joins_habits_with_new_families_in_a_row_of_their_own(talk: Talk) -> None:
    talk.model.adapters = frozenset({"history"})
    events = await talk.say("recommend something for me", PLAN)
    habits, new = rows(talk)
    assert "Milk, 1 gal" in habits
    assert new == ["Large eggs, 1 dozen", "Pretzels, 16 oz"]
    reasons = [why.text for e in events if isinstance(e, ProductsEvent) for why in e.items[0].why]
    assert "New to you, chosen by what you buy" in reasons
    assert talk.model.calls[0].adapter == "history"


async def test_the_model_may_name_only_what_was_never_bought_and_is_volunteered(
    talk: Talk,
) -> None:
    talk.model.adapters = frozenset({"history"})
    await talk.say("recommend something for me", PLAN)
    schema = talk.model.calls[0].schema
    assert schema is not None
    allowed = schema["items"]["enum"]
    assert " large eggs" in allowed
    assert not {" milk", " white bread", " beer"} & set(allowed)


async def test_without_the_adapter_the_recommender_plans_alone(talk: Talk) -> None:
    await talk.say("recommend something for me")
    assert len(rows(talk)) == 1
    assert all(call.adapter is None for call in talk.model.calls)


async def test_with_the_engine_down_the_recommender_plans_alone_and_says_so(talk: Talk) -> None:
    talk.model.adapters = frozenset({"history"})
    talk.model.enqueue("", failure=ModelUnavailable("down"))
    events = await talk.say("recommend something for me")
    assert len(rows(talk)) == 1
    done = events[-1]
    assert isinstance(done, DoneEvent) and done.degraded == ("engine",)


async def test_a_guest_gets_no_proposals(guest: Talk) -> None:
    guest.model.adapters = frozenset({"history"})
    await guest.say("recommend something for me")
    assert len(rows(guest)) == 1


async def test_the_tuned_prompt_is_used_where_the_adapter_is_published(talk: Talk) -> None:
    talk.model.adapters = frozenset({"reply"})
    said = "You last bought Milk on 15 Dec."
    events = await talk.say("recommend something for me", said)
    call = talk.model.calls[-1]
    assert call.adapter == "reply"
    assert call.messages[-1].content.startswith("For your next shop:\nMilk, 1 gal at $2.49. Bought")
    assert visible(events)


async def test_the_hand_written_prompt_is_used_where_it_is_not(talk: Talk) -> None:
    await talk.say("recommend something for me", "How about Milk?")
    assert talk.model.calls[-1].adapter is None
    assert "friendly sentence" in talk.model.calls[-1].messages[-1].content
