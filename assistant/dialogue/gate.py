"""What is settled before a message is understood: empty, too long, foreign, or for the staff."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from assistant.dialogue.context import Context
from assistant.prompting import has_control_tokens, neutralise

MAX_MESSAGE_CHARS = 2000
_LETTER = re.compile(r"[^\W\d_]")
_MACHINE = re.compile(
    r"^\s*[{\[<]\s*[\"'/a-zA-Z]|\b1\s*=\s*1\b|;\s*(?:drop|delete|select|insert|update)\s",
    re.IGNORECASE,
)
_CRISIS = re.compile(
    r"\b(?:kill(?:ing)?\s+myself|suicid\w*|end\s+(?:my\s+life|it\s+all)|want\s+to\s+die|"
    r"(?:hurt|harm)(?:ing)?\s+myself|self[\s-]harm)\b",
    re.IGNORECASE,
)
_IN_A_CRISIS = (
    "I am sorry that you feel this way. I am only a shop's assistant and cannot help with it, but "
    "people can: please call your local emergency number, or in the US call or text 988, or talk "
    "to someone you trust now."
)
_CANCELS = re.compile(
    r"\W*(?:no|nah|nope|never\s*mind|nvm|forget\s+(?:it|that)|cancel(?:\s+(?:it|that))?|leave\s+it|"
    r"no\s+thanks?|no\s+thank\s+you|stop|don'?t\s+bother)\W*$",
    re.IGNORECASE,
)
_QUESTION_WORDS = 8
_SURE = 0.85
_LEAST_WORDS = 3
# Against all languages of the identifier, short shopping talk looks like anything.
_LIKELY = "en es fr de it pt nl pl sv da no fi cs ro tr vi id".split()
_ENGLISH = frozenset(
    """the a an i you we me my your is are do does did can what when where how much and or to of for
    in on with show find add buy need want have get please any some under it this that milk
    cart order""".split()
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that is answered without being understood; it may be kept for the staff."""

    text: str
    context: Context
    message_for_staff: str | None = None


def gate(text: str, context: Context) -> Refusal | str:
    """Return the neutralised message, or what to say instead."""
    if len(text) > MAX_MESSAGE_CHARS:
        return Refusal(
            f"That message has {len(text):,} characters and I read at most "
            f"{MAX_MESSAGE_CHARS:,}. Please send the main part of it.",
            context,
        )
    if has_control_tokens(text) or _MACHINE.search(text):
        return Refusal(
            "That message holds control codes, which I do not read. Please write plain words.",
            context,
        )
    clean = neutralise(text).strip()
    if not clean:
        return Refusal("Your message was empty. What would you like to find or know?", context)
    if _CRISIS.search(clean):
        return Refusal(_IN_A_CRISIS, context)
    if context.awaits_message and _CANCELS.match(clean):
        return Refusal(
            "All right, no message is kept. What would you like to find or know?",
            context.model_copy(update={"awaits_message": False}),
        )
    if context.awaits_message and not _asks(clean):
        return Refusal(
            "Thank you. I have kept your message for the staff.",
            context.model_copy(update={"awaits_message": False}),
            message_for_staff=clean,
        )
    if not _LETTER.search(clean) and not any(character.isdigit() for character in clean):
        return Refusal(
            "I read words only. Are you looking for a product, your cart or an order?", context
        )
    if _foreign(clean):
        return Refusal(
            "I understand only English so far. Please write in English, or ask for a person.",
            context,
        )
    return clean


def _asks(text: str) -> bool:
    """Tell whether a message is a question to the assistant rather than one for the staff."""
    return text.endswith("?") and len(text.split()) <= _QUESTION_WORDS


def _foreign(text: str) -> bool:
    """Tell whether a message is surely not English; short ones get the benefit of the doubt."""
    letters = _LETTER.findall(text)
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if latin < len(letters) / 2:
        return True
    words = re.findall(r"[^\W\d_]+", text.lower())
    if len(words) < _LEAST_WORDS or len(_ENGLISH.intersection(words)) >= 2:
        return False
    language, probability = _identifier().classify(text)
    return bool(language != "en" and probability > _SURE)


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LIKELY)
    return identifier
