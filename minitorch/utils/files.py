"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file that takes its place at `path` only when the block ends well.

    The bytes go to a temporary name in the same directory, then to the disk (`fsync`), and are then renamed, which
    is atomic.  After an exception the temporary file is gone and the old file is what it was.

    Raises:  IsADirectoryError, FileNotFoundError (no such directory); ValueError for a device or a pipe, which
             renaming would destroy.
    """
    target = Path(os.path.realpath(path))  # through a link to the file it means, not over the link
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a directory: give the name of a file in it")
    if target.exists() and not target.is_file():
        raise ValueError(f"{target} is not a regular file: pass an open binary file object instead of its name")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the directory {target.parent} does not exist: create it first")
    part = target.with_name(f"{target.name[:200]}.{secrets.token_hex(4)}.part")  # a name has 255 bytes at most
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    _sync_directory(target.parent)


def _sync_directory(directory: Path) -> None:
    """Let the new name itself reach the disk, where the system can do that."""
    if os.name == "posix":
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
