"""The answer: the model's sentences that the facts bear out, else a plain rendering."""

import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from assistant.dialogue.grounding import Facts, GroundingCheck
from assistant.dialogue.outcome import Outcome, Statement
from assistant.dialogue.sentences import sentences
from assistant.dialogue.trace import ModelCall, TracedSentence
from assistant.dialogue.wording import joined
from assistant.errors import ModelUnavailable
from assistant.llm.chat import ChatModel, Message, Usage
from assistant.prompting import Prompt

ADAPTER = "reply"
_MAX_TOKENS = 70
_TUNED_TOKENS = 90
_MOST_SENTENCES = 2
_OFFERS = 2
_EVIDENCE = re.compile(r"[$£€]?\d[\d.,:]*")


@dataclass(slots=True)
class Answer:
    """One answer as it is being made; complete when `text()` has ended."""

    calls: list[ModelCall] = field(default_factory=list)
    sentences: list[TracedSentence] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    degraded: bool = False

    @property
    def kept(self) -> list[str]:
        """The model's sentences that are part of the visible text."""
        return [sentence.text for sentence in self.sentences if sentence.kept]


class Answerer:
    """Speaks about outcomes: the model talks, code states what must be said.

    `tuned` is the prompt of the learned prompt `reply`, used where one is published for the
    served model; `prompt` needs none.
    """

    def __init__(self, model: ChatModel, prompt: Prompt, tuned: Prompt | None = None) -> None:
        self._model = model
        self.prompt = prompt
        self._tuned = tuned

    async def text(self, outcomes: Sequence[Outcome], answer: Answer) -> AsyncIterator[str]:
        """Yield what is said after the cards, sentence by sentence; nothing is ever taken back."""
        statements = [s for outcome in outcomes for s in outcome.statements]
        talking = [outcome for outcome in outcomes if outcome.talk and outcome.facts.offers]
        if talking:
            async for sentence in self._model_sentences(talking, answer):
                yield sentence
        for statement in statements:
            if not statement.first and _still_needed(statement, answer.kept):
                yield statement.text

    async def _model_sentences(
        self, outcomes: Sequence[Outcome], answer: Answer
    ) -> AsyncIterator[str]:
        facts = sum((outcome.facts for outcome in outcomes), Facts(()))
        check = GroundingCheck(facts)
        version = self._model.adapter_version(ADAPTER) if self._tuned is not None else None
        tuned = version is not None
        prompt, messages = self._asked([outcome.facts for outcome in outcomes], tuned=tuned)
        started = time.monotonic()
        stream = self._model.stream(
            messages,
            max_tokens=_TUNED_TOKENS if tuned else _MAX_TOKENS,
            adapter=ADAPTER if tuned else None,
        )
        said: list[str] = []
        try:
            # Closing the deltas is what stops the engine when enough has been said.
            async with aclosing(stream.deltas) as deltas:
                async for sentence in sentences(deltas):
                    said.append(sentence)
                    verdict = check.check(sentence)
                    kept = verdict.kept and sentence not in answer.kept
                    answer.sentences.append(
                        TracedSentence(text=sentence, kept=kept, reason=verdict.reason)
                    )
                    if kept:
                        yield sentence
                    if len(said) >= _MOST_SENTENCES:
                        break
        except ModelUnavailable:
            answer.degraded = True
        finally:
            answer.usage += stream.usage
            answer.calls.append(
                ModelCall(
                    purpose="reply",
                    prompt=prompt.version,
                    adapter=version,
                    output=" ".join(said),
                    seconds=round(time.monotonic() - started, 3),
                )
            )

    def _asked(self, told: Sequence[Facts], *, tuned: bool) -> tuple[Prompt, list[Message]]:
        """Choose the prompt that the served model was tuned for, else the hand-written one."""
        if self._tuned is not None and tuned:
            prompt, rendered = self._tuned, self._tuned.render(**reply_values(told))
        else:
            offers = joined([offer for facts in told for offer in facts.offers[:_OFFERS]])
            prompt, rendered = self.prompt, self.prompt.render(offers=offers)
        return prompt, [Message(role, part) for role, part in rendered]


def reply_values(told: Sequence[Facts], most: int = _OFFERS) -> dict[str, object]:
    """Return what the tuned prompt takes: the occasions, and up to `most` offers of each outcome.

    An offer is a line with its title, its price and what is known why.
    """
    occasions = dict.fromkeys(occasion for facts in told for occasion in facts.occasions)
    lines = [
        f"{offer}. {reason}" if reason else offer
        for facts in told
        for offer, reason in list(zip(facts.offers, facts.reasons, strict=True))[:most]
    ]
    return {"occasion": "; ".join(occasions) or "Found", "offers": lines}


def _still_needed(statement: Statement, kept: Sequence[str]) -> bool:
    """Tell whether a statement must be said beside the model's sentences.

    An essential one is dropped only when they hold each of its numbers, dates and ids.
    """
    if not kept:
        return True
    if not statement.essential:
        return False
    evidence = set(_EVIDENCE.findall(statement.text))
    return not evidence or not evidence <= set(_EVIDENCE.findall(" ".join(kept)))
