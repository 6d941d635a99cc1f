import json
import logging
from pathlib import Path

import pytest

from assistant.llm.learned import learned_prompts
from assistant.llm.model_store import ModelFolder

CONFIG = {"num_hidden_layers": 2, "num_attention_heads": 4}
TOKENS = {"added_tokens": [{"id": 5, "content": "<repo_name>", "special": True}]}
TEMPLATE = "{{ messages[0].content }}"


@pytest.fixture
def model(tmp_path: Path) -> ModelFolder:
    """A folder with what the check reads of a model."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "tokenizer.json").write_text(json.dumps(TOKENS))
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    return ModelFolder(str(folder), "abc", "small", local=True)


def refusal(model: ModelFolder, home: Path, caplog: pytest.LogCaptureFixture) -> str:
    with caplog.at_level(logging.WARNING):
        assert learned_prompts(model, home) is None
    return caplog.text


def test_the_engine_gets_connector_and_template(model: ModelFolder, tmp_path: Path) -> None:
    learned = learned_prompts(model, tmp_path)
    assert learned is not None
    options = learned.options()
    config = json.loads(options[options.index("--kv-transfer-config") + 1])
    assert config["kv_load_failure_policy"] == "fail"
    assert config["kv_connector_extra_config"] == {
        "adapters": str(tmp_path / "adapters"),
        "reserved_token": 5,
        "base_digest": "abc",
    }
    template = Path(options[options.index("--chat-template") + 1])
    assert TEMPLATE in template.read_text()


def test_another_template_is_another_engine(model: ModelFolder, tmp_path: Path) -> None:
    before = learned_prompts(model, tmp_path)
    (Path(model.path) / "chat_template.jinja").write_text(TEMPLATE + "!")
    after = learned_prompts(model, tmp_path)
    assert before is not None and after is not None
    assert before.digest != after.digest and before.template != after.template


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("config.json", json.dumps(CONFIG | {"kv_lora_rank": 512}), "no plain keys"),
        ("tokenizer.json", '{"added_tokens": []}', "unused token"),
        ("chat_template.jinja", None, "chat template"),
    ],
)
def test_a_model_without_the_means_is_served_without_and_the_log_says_why(
    model: ModelFolder,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    file: str,
    content: str | None,
    why: str,
) -> None:
    path = Path(model.path) / file
    path.unlink() if content is None else path.write_text(content)
    said = refusal(model, tmp_path, caplog)
    assert why in said and "hand-written" in said


def test_a_hub_model_is_served_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    hub = ModelFolder("owner/name", "def", "owner/name", local=False)
    assert "local folder" in refusal(hub, tmp_path, caplog)
