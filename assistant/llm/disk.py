"""Say in one sentence what is wrong with the folder that something is written to."""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import ConfigurationError

FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


@contextlib.contextmanager
def disk_errors_explained(folder: Path) -> Iterator[None]:
    """Turn a full disk or a folder that may not be written into ConfigurationError."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise ConfigurationError(
                f"The disk with {folder} is full: free 1 GB there "
                "or set ASSISTANT_HOME to a folder on another disk."
            ) from error
        if error.errno in FORBIDDEN:
            raise ConfigurationError(
                f"{folder} cannot be written ({error.strerror}): "
                "set ASSISTANT_HOME to a folder of yours."
            ) from error
        raise
