from pathlib import Path

import pytest

from tests.finetune.tiny import write_tiny_model


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny model, made once."""
    return write_tiny_model(tmp_path_factory.mktemp("tiny"))
