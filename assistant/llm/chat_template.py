"""The served model's chat template with room in front for a learned prompt."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

_UNUSED = re.compile(
    r"<\|?(?:repo_name|reponame|file_sep|fim_pad|fim_suffix|reserved_special_token_\d+|unused_?\d+|"
    r"extra_id_\d+|empty_output|box_start|placeholder_?\d+|SPECIAL_\d+)\|?>|\[control_\d+\]"
)


@dataclass(frozen=True, slots=True)
class ReservedToken:
    """A token of the vocabulary that chats never use; it stands for a learned position."""

    id: int
    text: str


def reserved_token(model: Path) -> ReservedToken | None:
    """Return the first such token of a model folder; None where there is none."""
    try:
        tokens = json.loads((model / "tokenizer.json").read_bytes())["added_tokens"]
    except (OSError, ValueError, KeyError):
        return None
    for token in sorted(tokens, key=lambda token: int(token["id"])):
        if _UNUSED.fullmatch(token["content"]):
            return ReservedToken(int(token["id"]), str(token["content"]))
    return None


def chat_template(model: Path) -> str | None:
    """Return a model folder's own chat template; None where it has none."""
    file = model / "chat_template.jinja"
    if file.is_file():
        return file.read_text(encoding="utf-8")
    try:
        config = json.loads((model / "tokenizer_config.json").read_bytes())
    except (OSError, ValueError):
        return None
    template = config.get("chat_template")
    return template if isinstance(template, str) else None


def with_learned_positions(template: str, token: ReservedToken) -> str:
    """Put `virtual_tokens` copies of the reserved token, where that is given, before all text.

    A soft prompt always comes first, before a beginning-of-text token too: its keys depend on
    nothing but itself.
    """
    return (
        "{% if virtual_tokens is defined and virtual_tokens %}"
        f"{{{{ {json.dumps(token.text)} * virtual_tokens }}}}"
        "{% endif %}" + template
    )
