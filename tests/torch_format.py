"""Files as torch.save writes them, put together by hand: whole ones, and ones that no PyTorch would write."""

from __future__ import annotations

import io
import struct
import zipfile
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np

NAMES = {
    "f8": "DoubleStorage",
    "f4": "FloatStorage",
    "f2": "HalfStorage",
    "i8": "LongStorage",
    "i4": "IntStorage",
    "i2": "ShortStorage",
    "i1": "CharStorage",
    "u1": "ByteStorage",
    "b1": "BoolStorage",
    "c8": "ComplexFloatStorage",
    "c16": "ComplexDoubleStorage",
}
STOP, EMPTY_TUPLE, FALSE, TRUE = b".", b")", b"\x89", b"\x88"


def text(s: str) -> bytes:
    data = s.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(data)) + data


def number(n: int) -> bytes:
    if -(2**31) <= n < 2**31:
        return b"J" + struct.pack("<i", n)
    data = n.to_bytes(n.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8b" + struct.pack("<I", len(data)) + data


def name(dotted: str) -> bytes:
    module, _, attribute = dotted.rpartition(".")
    return f"c{module}\n{attribute}\n".encode()


def items(*parts: bytes) -> bytes:
    return b"(" + b"".join(parts) + b"t"


def call(function: str, *arguments: bytes) -> bytes:
    return name(function) + items(*arguments) + b"R"


ORDERED = name("collections.OrderedDict") + EMPTY_TUPLE + b"R"


def storage(kind: str = "torch.FloatStorage", key: str = "0", location: str = "cpu", count: int = 6) -> bytes:
    return items(text("storage"), name(kind), text(key), text(location), number(count)) + b"Q"


class View(NamedTuple):
    """A tensor as the file describes it."""

    kind: str = "torch.FloatStorage"
    key: str = "0"
    location: str = "cpu"
    count: int = 6
    offset: int = 0
    size: tuple[int, ...] = (2, 3)
    stride: tuple[int, ...] = (3, 1)
    requires_grad: bool = False

    def code(self, **extra: bytes) -> bytes:
        parts = [
            extra.get("storage", storage(self.kind, self.key, self.location, self.count)),
            extra.get("offset", number(self.offset)),
            extra.get("size", items(*map(number, self.size))),
            extra.get("stride", items(*map(number, self.stride))),
            extra.get("requires_grad", TRUE if self.requires_grad else FALSE),
            extra.get("hooks", ORDERED),
        ]
        return call("torch._utils._rebuild_tensor_v2", *parts, *([extra["more"]] if "more" in extra else []))


class Encoder:
    """Turns a nesting of arrays and plain values into a pickle and storages."""

    def __init__(self) -> None:
        self.storages: dict[str, bytes] = {}

    def encode(self, value: Any) -> bytes:
        if value is None:
            return b"N"
        if isinstance(value, bool):
            return TRUE if value else FALSE
        if isinstance(value, int):
            return number(value)
        if isinstance(value, float):
            return b"G" + struct.pack(">d", value)
        if isinstance(value, str):
            return text(value)
        if isinstance(value, tuple):
            return items(*map(self.encode, value))
        if isinstance(value, list):
            return b"](" + b"".join(map(self.encode, value)) + b"e"
        if isinstance(value, dict):
            start = ORDERED if isinstance(value, OrderedDict) else b"}"
            return start + b"(" + b"".join(self.encode(x) for pair in value.items() for x in pair) + b"u"
        return self.array(value)

    def array(self, value: np.ndarray) -> bytes:
        key = str(len(self.storages))
        self.storages[key] = value.tobytes()
        strides = tuple(step // value.itemsize for step in np.ascontiguousarray(value).reshape(value.shape).strides)
        kind = f"torch.{NAMES[value.dtype.str[1:]]}"
        return View(kind, key, "cpu", value.size, 0, value.shape, strides).code()


def zipped(entries: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for path, data in entries.items():
            archive.writestr(f"net/{path}", data)
    return file.getvalue()


def checkpoint(code: bytes, storages: dict[str, bytes] | None = None, **entries: bytes) -> bytes:
    """The bytes of a file whose pickle is `code`; without storages there is one of six float32: 0 … 5."""
    numbers = {"0": np.arange(6, dtype="<f4").tobytes()} if storages is None else storages
    return zipped(
        {
            "data.pkl": b"\x80\x02" + code + STOP,
            "byteorder": b"little",
            **{f"data/{key}": data for key, data in numbers.items()},
            "version": b"3\n",
            **entries,
        }
    )


def encoded(value: Any) -> bytes:
    """The bytes of a file with a nesting of arrays and plain values."""
    encoder = Encoder()
    return checkpoint(encoder.encode(value), encoder.storages)
