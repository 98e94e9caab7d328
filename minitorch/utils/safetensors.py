"""The safetensors layout: named arrays in one file, which can be read without running anything.

`load_file` and `save_file` are the face of it, with the names of the library `safetensors.torch`, which is not needed.

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
import mmap
import os
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

from ..backend.devices import CPU, device, put
from ..creation import from_numpy
from ..tensor import Tensor
from .files import replacing

__all__ = ["SerializationError", "load", "load_file", "save", "save_file"]

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
MOST_DIMENSIONS = 64  # of NumPy; and a product of a million large sizes takes hours
METADATA = "__metadata__"


class SerializationError(RuntimeError):
    """A file that cannot be loaded: damaged, truncated, or of another kind.  The message names it and says why."""


def load_file(filename: str | os.PathLike[str], device: str | device = "cpu") -> dict[str, Tensor]:
    """Load all tensors of a safetensors file; bfloat16 becomes float32.

    Raises:  SerializationError for a damaged or foreign file.
    """
    with open(filename, "rb") as file:
        arrays, _ = read(file, os.fspath(filename))
    return _on(arrays, device)


def save_file(
    tensors: Mapping[str, Tensor], filename: str | os.PathLike[str], metadata: Mapping[str, str] | None = None
) -> None:
    """Save named tensors, and strings about them, as a safetensors file: the whole file, or none."""
    arrays, strings = _plain(tensors), _strings(metadata)
    with replacing(filename) as file:
        write(file, arrays, strings)


def load(data: bytes, device: str | device = "cpu") -> dict[str, Tensor]:
    """Load all tensors from the bytes of a safetensors file."""
    return _on(read(io.BytesIO(data), "the data")[0], device)


def save(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a safetensors file.

    >>> load(save({"w": Tensor([1.0, 2.0])}))
    {'w': tensor([1., 2.])}
    """
    file = io.BytesIO()
    write(file, _plain(tensors), _strings(metadata))
    return file.getvalue()


def _on(arrays: ArrayDict, where: str | device) -> dict[str, Tensor]:
    return {name: from_numpy(array).to(where) for name, array in arrays.items()}


def _plain(tensors: Mapping[str, Tensor]) -> ArrayDict:
    """Return the arrays of named tensors as they lie in a file."""
    arrays = {}
    for name, tensor in tensors.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise TypeError(f"save_file: expected a dict from str to Tensor, got {name!r}: {type(tensor).__name__}")
        if name == METADATA:
            raise ValueError(f"save_file: no tensor can be named {METADATA!r}, which stands for strings of one's own")
        lying = little_endian(put(tensor.value, CPU))
        if lying is None:
            raise TypeError(f"save_file: {name!r} is a tensor of {tensor.dtype}, which the file format lacks")
        arrays[name] = lying
    return arrays


def _strings(metadata: Mapping[str, str] | None) -> Mapping[str, str]:
    for key, value in (metadata or {}).items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError(f"save_file: metadata must be a dict from str to str, got {key!r}: {value!r}")
    return metadata or {}


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


def read(file: BinaryIO, source: str, mapped: bool = False) -> tuple[ArrayDict, dict[str, str]]:
    """Read all arrays and the metadata from where the file stands to its end; `source` names it in error messages.

    With `mapped` the arrays lie in the file, and are read when they are used; what is written into them stays in
    memory.  Numbers of a dtype that NumPy lacks: bfloat16 is widened to float32, which changes no value.

    Raises:  SerializationError
    """
    file, length = measured(file)
    start = file.tell()
    try:
        header, n = _header(file, length)
        metadata = _metadata(header.pop(METADATA, {}))
        spans = {name: _span(name, entry, length - n) for name, entry in header.items()}
        order = sorted(spans, key=lambda name: spans[name][2:])
        end = 0
        for name in order:
            if spans[name][2] != end:
                raise ValueError(f"tensor {name!r} should begin at byte {end} of the data, it says {spans[name][2]}")
            end = spans[name][3]
        if end != length - n:
            raise ValueError(f"the tensors end at byte {end} of the data, of which there are {length - n}")
        data: Any = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))[start + n :] if mapped else None
        arrays = {}
        for name in order:
            kind, shape, begin, end = spans[name]
            raw = data[begin:end] if mapped else bytearray(_exactly(file, end - begin))
            arrays[name] = _numbers(raw, name, kind, shape)
        return {name: arrays[name] for name in header}, metadata
    except (ValueError, RecursionError) as error:
        raise SerializationError(f"{source} cannot be loaded: {error}") from error


def measured(file: BinaryIO) -> tuple[BinaryIO, int]:
    """Return the file, or its content where it cannot be measured (a pipe), and how many bytes are left in it."""
    if not (hasattr(file, "seekable") and file.seekable()):
        file = io.BytesIO(file.read())
    here = file.tell()
    length = file.seek(0, os.SEEK_END) - here
    file.seek(here)
    return file, length


def _header(file: BinaryIO, length: int) -> tuple[dict[str, Any], int]:
    """Return the header, and where the numbers begin."""
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
    return header, 8 + n


def _what_else(start: bytes, n: int, length: int) -> str:
    """Say what a file is that does not begin as it should."""
    if start.startswith(b"PK\x03\x04"):
        return "it is a zip file, perhaps of torch.save: minitorch.load reads these"
    if start.startswith(b"\x80") and start[1:2] <= b"\x05":
        return (
            "it looks like a pickle, as torch.save wrote before PyTorch 1.6; opening one can run code, so it is not "
            "read here; load it in PyTorch, and save it again with torch.save or safetensors.torch.save_file"
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
    if len(shape) > MOST_DIMENSIONS:
        raise ValueError(f"tensor {name!r} has {len(shape)} dimensions, more than {MOST_DIMENSIONS}")
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


def _numbers(memory: Any, name: str, kind: str, shape: list[int]) -> np.ndarray[Any, Any]:
    """Return one array on its memory: writable, and in the machine's byte order."""
    raw = np.frombuffer(memory, np.dtype(DTYPES.get(kind, "<u2")))
    if kind == "BF16":
        raw = widened(raw)
    if kind == "BOOL" and raw.view(np.uint8).max(initial=0) > 1:
        raise ValueError(f"tensor {name!r} of booleans has a byte that is neither 0 nor 1")
    return raw.astype(raw.dtype.newbyteorder("="), copy=False).reshape(shape)


def widened(halves: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return bfloat16 numbers, given as 16-bit integers, as float32, whose upper halves they are."""
    return (halves.astype(np.uint32) << 16).view(np.float32)


def _exactly(file: BinaryIO, n: int) -> bytes:
    """Read n bytes, or say that the file got shorter."""
    data = file.read(n)
    if len(data) != n:
        raise ValueError(f"it is truncated: {n} bytes should come, {len(data)} did")
    return data
