"""`ask`: one turn from the command line."""

import asyncio
from contextlib import ExitStack

from assistant import wiring
from assistant.commands.events import print_json, print_plainly
from assistant.commands.progress import progress_bars
from assistant.dialogue.assistant import Assistant
from assistant.dialogue.conversations import Conversation
from assistant.settings import Settings


def run(
    settings: Settings,
    text: str,
    shopper: str | None,
    conversation: str | None,
    store: str | None,
    *,
    as_json: bool,
) -> None:
    """Answer one message; the engine is shared, or started for this one answer."""
    shop = wiring.open_store(settings, store or settings.store)
    shop.require_shopper(shopper)
    opened = shop.log.open(conversation, shopper)
    with ExitStack() as held:
        with progress_bars() as report:
            model = held.enter_context(wiring.open_model(settings, report))
        asyncio.run(_answer(shop.assistant(model), opened, text, as_json=as_json))


async def _answer(
    assistant: Assistant, conversation: Conversation, text: str, *, as_json: bool
) -> None:
    show = print_json if as_json else print_plainly
    async for event in assistant.reply(conversation, text):
        show(event)
