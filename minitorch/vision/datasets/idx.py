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
from typing import Any

import numpy as np

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> np.ndarray[Any, Any]:
    """Read an idx file, plain or gzipped, into an array of the machine's byte order.

    Raises:  FileNotFoundError; RuntimeError, with the file's name, if it is damaged, truncated or no idx file.
    """
    return parse_idx(unpacked(Path(path)), str(path))


def unpacked(path: Path) -> bytes:
    """Return the bytes of a file, decompressed if it is a gzip file."""
    raw = path.read_bytes()
    if not raw.startswith(b"\x1f\x8b"):
        if path.suffix == ".gz":
            raise damaged(path, "it is named .gz but is not a gzip file")
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise damaged(path, f"it cannot be decompressed ({error})") from error


def parse_idx(data: bytes, name: str) -> np.ndarray[Any, Any]:
    """Turn the bytes of an idx file into an array; `name` is for the error message."""
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in TYPES:
        raise damaged(
            name, f"it does not start as an idx file does, but with the bytes {data[:4].hex(' ') or '(none)'}"
        )
    dtype, rank = np.dtype(TYPES[data[2]]), data[3]
    start = 4 + 4 * rank
    if len(data) < start or rank > 32:
        raise damaged(name, f"its header should say {rank} sizes, and the file ends after {len(data)} bytes")
    shape = struct.unpack(f">{rank}I", data[4:start])
    expected = start + math.prod(shape) * dtype.itemsize
    if len(data) != expected:
        raise damaged(name, f"an array of shape {shape} makes {expected} bytes, the file has {len(data)}")
    numbers = np.frombuffer(data, dtype, offset=start).reshape(shape)
    return numbers.astype(dtype.newbyteorder("="))  # a copy: writable, and the bytes can go


def damaged(path: str | os.PathLike[str], why: str) -> RuntimeError:
    """Return the exception that refuses a file by name and says what to do."""
    return RuntimeError(
        f"{os.fspath(path)} is damaged or is not the right file: {why}. "
        "Delete it and use download=True, or copy it again"
    )
