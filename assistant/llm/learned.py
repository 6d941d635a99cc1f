"""What an engine needs to serve learned prompts: their folder, a reserved token, a template."""

import hashlib
import json
import logging
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from assistant.llm.attention import uneven_attention
from assistant.llm.chat_template import (
    ReservedToken,
    chat_template,
    reserved_token,
    with_learned_positions,
)
from assistant.llm.disk import disk_errors_explained
from assistant.llm.model_store import ModelFolder

CONNECTOR = "assistant.llm.prefix_connector"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LearnedPrompts:
    """How an engine serves learned prompts; `digest` changes when that changes."""

    adapters: Path
    template: Path
    token: ReservedToken
    base_digest: str
    digest: str

    def options(self) -> list[str]:
        """Return the engine's options."""
        config = {
            "kv_connector": "PrefixConnector",
            "kv_connector_module_path": CONNECTOR,
            "kv_role": "kv_consumer",
            "kv_load_failure_policy": "fail",
            "kv_connector_extra_config": {
                "adapters": str(self.adapters),
                "reserved_token": self.token.id,
                "base_digest": self.base_digest,
            },
        }
        return ["--kv-transfer-config", json.dumps(config), "--chat-template", str(self.template)]


def learned_prompts(model: ModelFolder, home: Path) -> LearnedPrompts | None:
    """Prepare serving learned prompts beside a model; None, with a sentence, where it cannot be."""
    token, template, why_not = _serving_parts(model)
    if token is None or template is None:
        _log.warning(
            "%s serves no learned prompts, because %s; the hand-written ones are used.",
            model.served_name,
            why_not,
        )
        return None
    text = with_learned_positions(template, token)
    spec = find_spec(CONNECTOR)
    source = Path(spec.origin).read_bytes() if spec is not None and spec.origin else b""
    digest = hashlib.sha256(text.encode() + source).hexdigest()[:12]
    file = home / "templates" / f"{model.digest}-{digest}.jinja"
    with disk_errors_explained(home):
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(file)
    return LearnedPrompts(home / "adapters", file, token, model.digest, digest)


def _serving_parts(model: ModelFolder) -> tuple[ReservedToken | None, str | None, str]:
    """Return reserved token and chat template, or why one is absent, as a clause."""
    if not model.local:
        return None, None, "its files are not in a local folder"
    folder = Path(model.path)
    if why_not := uneven_attention(folder):
        return None, None, why_not
    token, template = reserved_token(folder), chat_template(folder)
    what = "unused token" if token is None else "chat template"
    return token, template, f"it has no {what}"
