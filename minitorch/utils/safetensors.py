"""The safetensors layout: named arrays in one file, which can be read without running anything.

    n          u64, little-endian: the length of the header
    header     n bytes of JSON: {name: {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, …}, and under
               "__metadata__" strings of one's own; spaces at its end make n a multiple of 8
    numbers    little-endian, row-major, one array after the other without a gap

Nothing that a file says is believed before it has been compared with the file's length.

Source:  https://github.com/huggingface/safetensors, "Format".
"""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

ArrayDict = dict[str, np.ndarray[Any, Any]]
DTYPES = {  # in the order in which the arrays lie: the widest first, so that each is aligned
    "U64": "<u8",
    "I64": "<i8",
    "F64": "<f8",
    "C64": "<c8",
    "F32": "<f4",
    "U32": "<u4",
    "I32": "<i4",
    "F16": "<f2",
    "U16": "<u2",
    "I16": "<i2",
    "I8": "|i1",
    "U8": "|u1",
    "BOOL": "|b1",
}
NAMES = {np.dtype(code): name for name, code in DTYPES.items()}
RANK = {name: position for position, name in enumerate(DTYPES)}
LONGEST_HEADER = 100_000_000  # bytes, as in the safetensors library
METADATA = "__metadata__"


class SerializationError(RuntimeError):
    """A file that cannot be loaded: damaged, truncated, or of another kind.  The message names it and says why."""


def little_endian(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any] | None:
    """Return the array as it lies in a file, row-major and little-endian; None for a dtype that the layout lacks."""
    code = array.dtype.newbyteorder("<")
    return None if code not in NAMES else np.asarray(array, code, order="C")


def write(file: BinaryIO, arrays: Mapping[str, np.ndarray[Any, Any]], metadata: Mapping[str, str]) -> None:
    """Write arrays, each as `little_endian` returned it, and metadata to a binary file."""
    kinds = {name: NAMES[array.dtype] for name, array in arrays.items()}
    order = sorted(arrays, key=lambda name: (RANK[kinds[name]], name))
    header: dict[str, Any] = {METADATA: dict(metadata)} if metadata else {}
    end = 0
    for name in order:
        begin, end = end, end + arrays[name].nbytes
        header[name] = {"dtype": kinds[name], "shape": list(arrays[name].shape), "data_offsets": [begin, end]}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > LONGEST_HEADER:
        raise ValueError(f"the header would have {len(text)} bytes, more than the {LONGEST_HEADER} that readers accept")
    file.write(len(text).to_bytes(8, "little") + text)
    for name in order:
        if arrays[name].nbytes:
            file.write(arrays[name].reshape(-1).view(np.uint8).data)


def read(file: BinaryIO, source: str) -> tuple[ArrayDict, dict[str, str]]:
    """Read all arrays and the metadata from where the file stands to its end; `source` names it in error messages.

    Numbers of a dtype that NumPy lacks: bfloat16 is widened to float32, which changes no value.

    Raises:  SerializationError
    """
    file, length = _measured(file)
    try:
        header, length = _header(file, length)
        metadata = _metadata(header.pop(METADATA, {}))
        spans = {name: _span(name, entry, length) for name, entry in header.items()}
        order = sorted(spans, key=lambda name: spans[name][2:])
        end = 0
        for name in order:
            if spans[name][2] != end:
                raise ValueError(f"tensor {name!r} should begin at byte {end} of the data, it says {spans[name][2]}")
            end = spans[name][3]
        if end != length:
            raise ValueError(f"the tensors end at byte {end} of the data, of which there are {length}")
        arrays = {name: _numbers(file, name, *spans[name]) for name in order}
        return {name: arrays[name] for name in header}, metadata
    except (ValueError, RecursionError) as error:
        raise SerializationError(f"{source} cannot be loaded: {error}") from error


def _measured(file: BinaryIO) -> tuple[BinaryIO, int]:
    """Return the file, or its content where it cannot be measured (a pipe), and how many bytes are left in it."""
    if not (hasattr(file, "seekable") and file.seekable()):
        file = io.BytesIO(file.read())
    here = file.tell()
    length = file.seek(0, os.SEEK_END) - here
    file.seek(here)
    return file, length


def _header(file: BinaryIO, length: int) -> tuple[dict[str, Any], int]:
    """Return the header, and how many bytes of numbers follow it."""
    start = file.read(9)
    n = int.from_bytes(start[:8], "little")
    if len(start) < 9 or start[8:] != b"{" or n > length - 8:
        raise ValueError(_what_else(start, n, length))
    if n > LONGEST_HEADER:
        raise ValueError(f"its header has {n} bytes, more than {LONGEST_HEADER}")
    text = start[8:] + _exactly(file, n - 1)
    try:
        header = json.loads(text.decode(), object_pairs_hook=unique, parse_constant=no_constant)
    except UnicodeDecodeError as error:
        raise ValueError(f"its header is no UTF-8 text: {error.reason} at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"its header is no JSON: {error}") from error
    return header, length - 8 - n


def _what_else(start: bytes, n: int, length: int) -> str:
    """Say what a file is that does not begin as it should."""
    if start.startswith(b"PK\x03\x04") or (start.startswith(b"\x80") and start[1:2] <= b"\x05"):
        return (
            "it looks like a file of torch.save, which is made of pickles: these can run code when they are opened, "
            "so they are not read here; in PyTorch, write safetensors.torch.save_file(state_dict, path) and load that"
        )
    if len(start) < 9:
        return f"it is truncated or empty: {length} bytes"
    if n > length - 8:
        return f"it is truncated or no safetensors file: its header should have {n} bytes, the file has {length}"
    return "it is no safetensors file: its header does not begin with {"


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dict, refusing a key that comes twice."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise ValueError(f"the name {name!r} comes twice in one object")
        result[name] = value
    return result


def no_constant(name: str) -> None:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(f"its header is no JSON: {name}")


def _metadata(entry: Any) -> dict[str, str]:
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise ValueError(f"{METADATA} must be an object of strings")
    return entry


def _span(name: str, entry: Any, length: int) -> tuple[str, list[int], int, int]:
    """Check what the header says of one tensor; return dtype, shape, begin and end."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"tensor {name!r} should have dtype, shape and data_offsets, and nothing else")
    kind, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if kind not in (*DTYPES, "BF16"):
        raise ValueError(
            f"tensor {name!r} has the dtype {kind!r}, which is not known here; known are {', '.join(DTYPES)} and BF16"
        )
    for what, numbers in (("shape", shape), ("data_offsets", offsets)):
        if not isinstance(numbers, list) or not all(type(k) is int and 0 <= k < 2**63 for k in numbers):
            raise ValueError(f"tensor {name!r}: {what} must be a list of whole numbers from 0 on")
    if len(offsets) != 2:
        raise ValueError(f"tensor {name!r} has {len(offsets)} data_offsets, not 2")
    begin, end = offsets
    if not begin <= end <= length:
        raise ValueError(
            f"tensor {name!r} lies at bytes {begin} to {end} of the data, of which there are {length}: truncated?"
        )
    expected = math.prod(shape) * (2 if kind == "BF16" else np.dtype(DTYPES[kind]).itemsize)
    if end - begin != expected:
        raise ValueError(
            f"tensor {name!r} of shape {shape} and dtype {kind} makes {expected} bytes, data_offsets say {end - begin}"
        )
    return kind, shape, begin, end


def _numbers(file: BinaryIO, name: str, kind: str, shape: list[int], begin: int, end: int) -> np.ndarray[Any, Any]:
    """Read one array: writable, and in the machine's byte order."""
    code = np.dtype(DTYPES.get(kind, "<u2"))
    raw = np.frombuffer(bytearray(_exactly(file, end - begin)), code)
    if kind == "BF16":
        raw = (raw.astype(np.uint32) << 16).view(np.float32)  # bfloat16 is the upper half of a float32
    if kind == "BOOL" and raw.view(np.uint8).max(initial=0) > 1:
        raise ValueError(f"tensor {name!r} of booleans has a byte that is neither 0 nor 1")
    return raw.astype(raw.dtype.newbyteorder("="), copy=False).reshape(shape)


def _exactly(file: BinaryIO, n: int) -> bytes:
    """Read n bytes, or say that the file got shorter."""
    data = file.read(n)
    if len(data) != n:
        raise ValueError(f"it is truncated: {n} bytes should come, {len(data)} did")
    return data
