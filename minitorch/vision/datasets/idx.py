"""The idx format of MNIST: an array of any rank in one file, with a header of a few bytes.

0, 0, type, rank        one byte each
size of each dimension  u32, big-endian
the numbers             big-endian, row-major
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any, Protocol

import numpy as np

CHUNK = 1 << 20
TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


class SupportsRead(Protocol):
    """A file that bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        ...


def read_idx(path: str | os.PathLike[str]) -> np.ndarray[Any, Any]:
    """Read an idx file, plain or gzipped, into an array of the machine's byte order.

    Raises:  FileNotFoundError; RuntimeError, with the file's name, if it is damaged, truncated or no idx file.
    """
    path = Path(path)
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not zipped:
            if path.suffix == ".gz":
                raise damaged(path, "it is named .gz but is not a gzip file")
            return parse_idx(file, str(path))
        try:
            with gzip.GzipFile(fileobj=file) as content:
                return parse_idx(content, str(path))
        except (OSError, EOFError, zlib.error, struct.error) as error:
            raise damaged(path, f"it cannot be decompressed ({error})") from error


def parse_idx(file: SupportsRead, name: str) -> np.ndarray[Any, Any]:
    """Read an array from an open idx file; `name` is for the error message."""
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in TYPES:
        raise damaged(name, f"it does not start as an idx file does, but with the bytes {start.hex(' ') or '(none)'}")
    dtype, rank = np.dtype(TYPES[start[2]]), start[3]
    sizes = file.read(4 * rank)
    if len(sizes) < 4 * rank or rank > 32:
        raise damaged(name, f"its header should say {rank} sizes, and the file ends after {4 + len(sizes)} bytes")
    shape = struct.unpack(f">{rank}I", sizes)
    if math.prod(size or 1 for size in shape) * dtype.itemsize >= 2**63:  # beyond NumPy, empty or not
        raise damaged(name, f"an array of shape {shape} makes more bytes than there are")
    expected = math.prod(shape) * dtype.itemsize
    data = _at_most(file, expected + 1)
    if len(data) != expected:
        found = f"the file has {len(data)}" + (" or more" if len(data) > expected else "")
        raise damaged(name, f"an array of shape {shape} makes {expected} bytes, {found}")
    numbers = np.frombuffer(data, dtype).reshape(shape)
    return numbers.astype(dtype.newbyteorder("="), copy=False)  # on a bytearray, so it may be written into


def _at_most(file: SupportsRead, n: int) -> bytearray:
    """Read n bytes, or what there is: no more memory than that is taken, whatever a header or a gzip file promises."""
    data = bytearray()
    while block := file.read(min(CHUNK, n - len(data))):
        data += block
    return data


def damaged(path: str | os.PathLike[str], why: str) -> RuntimeError:
    """Return the exception that refuses a file by name and says what to do."""
    return RuntimeError(
        f"{os.fspath(path)} is damaged or is not the right file: {why}. "
        "Delete it and use download=True, or copy it again"
    )
