import errno
from pathlib import Path

import pytest

from assistant.errors import ConfigurationError
from assistant.llm.disk import disk_errors_explained


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "full"), (errno.EROFS, "cannot be written")]
)
def test_disk_trouble_becomes_one_sentence_with_a_remedy(number: int, words: str) -> None:
    with (
        pytest.raises(ConfigurationError, match=f"{words}.*ASSISTANT_HOME"),
        disk_errors_explained(Path("/data")),
    ):
        raise OSError(number, "trouble")


def test_other_errors_pass() -> None:
    with pytest.raises(BlockingIOError), disk_errors_explained(Path("/data")):
        raise BlockingIOError(errno.EAGAIN, "busy")
