import errno
import json
from pathlib import Path

import pytest

from assistant.errors import ConfigurationError
from assistant.llm import model_store
from assistant.llm.model_store import Progress, prepare_model
from assistant.settings import DEFAULT_MODEL


def ignore(_what: str, _share: float | None) -> None:
    """Take no notice of progress."""


def quick_convert(_source: Path, target: Path, _progress: Progress) -> None:
    (target / "config.json").write_text("{}")


def model_folder(path: Path, *, config: str = "{}", weights: int = 10) -> Path:
    path.mkdir(exist_ok=True)
    (path / "config.json").write_text(config)
    (path / "model.safetensors").write_bytes(b"w" * weights)
    return path


def test_folder_is_served_as_it_is_under_its_own_name(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "mine")
    model = prepare_model(str(folder), tmp_path / "home", ignore)
    assert (model.path, model.served_name, model.local) == (str(folder), "mine", True)
    assert not (tmp_path / "home").exists()


def test_digest_of_a_folder_changes_with_its_model(tmp_path: Path) -> None:
    variants = [{}, {"config": '{"a": 1}'}, {"weights": 11}]
    digests = set()
    for variant in variants:
        folder = model_folder(tmp_path / "mine", **variant)  # type: ignore[arg-type]
        digests.add(prepare_model(str(folder), tmp_path, ignore).digest)
    assert len(digests) == 3


def test_hub_id_is_left_to_the_engine(tmp_path: Path) -> None:
    model = prepare_model("owner/some-model_1.5", tmp_path, ignore)
    assert (model.path, model.served_name) == ("owner/some-model_1.5", "owner/some-model_1.5")
    assert not model.local


@pytest.mark.parametrize("name", ["smollm3", "/no/such/folder", "a/b/c", "", "../x y"])
def test_unknown_model_is_an_error_that_names_the_choices(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match=DEFAULT_MODEL):
        prepare_model(name, tmp_path / "home", ignore)


def test_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"config\.json"):
        prepare_model(str(tmp_path), tmp_path, ignore)


def test_default_model_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_store, "_convert", quick_convert)
    first = prepare_model(DEFAULT_MODEL, tmp_path, ignore)
    assert Path(first.path) == tmp_path / "models" / f"{DEFAULT_MODEL}-{first.digest}"
    monkeypatch.delattr(model_store, "_convert")
    assert prepare_model(DEFAULT_MODEL, tmp_path, ignore) == first


def test_half_finished_conversion_is_redone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_source: Path, target: Path, _progress: Progress) -> None:
        (target / "model.safetensors").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(model_store, "_convert", killed)
    with pytest.raises(KeyboardInterrupt):
        prepare_model(DEFAULT_MODEL, tmp_path, ignore)
    monkeypatch.setattr(model_store, "_convert", quick_convert)
    model = prepare_model(DEFAULT_MODEL, tmp_path, ignore)
    assert [path.name for path in Path(model.path).iterdir()] == ["config.json"]
    assert list((tmp_path / "models").glob("*.half-*")) == []


def test_full_disk_during_conversion_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_source: Path, _target: Path, _progress: Progress) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(model_store, "_convert", full)
    with pytest.raises(ConfigurationError, match="full: free 1 GB"):
        prepare_model(DEFAULT_MODEL, tmp_path, ignore)


def test_too_small_disk_is_seen_before_converting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_store, "CONVERTED_BYTES", 10**18)
    with pytest.raises(ConfigurationError, match="full"):
        prepare_model(DEFAULT_MODEL, tmp_path, ignore)


def test_absent_bundle_is_an_error_that_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_store, "BUNDLE_PACKAGE", "no_such_package")
    with pytest.raises(ConfigurationError, match="make setup"):
        prepare_model(DEFAULT_MODEL, tmp_path, ignore)


@pytest.mark.engine
def test_converted_default_model_is_dense_bf16_with_a_chatml_tokenizer(home: Path) -> None:
    from transformers import AutoTokenizer

    folder = Path(prepare_model(DEFAULT_MODEL, home, ignore).path)
    config = json.loads((folder / "config.json").read_text())
    assert config["dtype"] == "bfloat16"
    assert "quantization_config" not in config
    assert 260_000_000 < (folder / "model.safetensors").stat().st_size < 280_000_000
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    messages = [{"role": "system", "content": "Sell."}, {"role": "user", "content": "Milk?"}]
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert prompt == (
        "<|im_start|>system\nSell.<|im_end|>\n"
        "<|im_start|>user\nMilk?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert tokenizer("<|im_end|>").input_ids == [tokenizer.eos_token_id] == [2]
