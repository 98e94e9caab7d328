"""Files that PyTorch's `torch.save` wrote: a zip file with one pickle, and the numbers of each storage beside it.

    name/data.pkl      the object, in which a tensor says: storage "0", from offset 6 on, sizes (2, 3), strides (3, 1)
    name/data/0        the numbers of storage "0"; several tensors may share them
    name/byteorder     "little" or "big"

The pickle is read by a machine of our own (`unpickling.py`), which knows tensors and plain values and refuses
everything else by name, so nothing in such a file is ever run.  What it says of sizes is compared with what is there
first.
"""

from __future__ import annotations

import io
import math
import mmap
import struct
import zipfile
from collections import OrderedDict
from typing import Any, BinaryIO

import numpy as np

from ..creation import from_numpy
from ..tensor import Tensor
from .safetensors import MOST_DIMENSIONS, SerializationError, measured, widened
from .structure import Placement
from .unpickling import Machine, Named, brief, check_plain

BFLOAT16, UNTYPED = "bfloat16", "untyped"
STORAGES = {
    "DoubleStorage": "f8", "FloatStorage": "f4", "HalfStorage": "f2", "BFloat16Storage": BFLOAT16,
    "LongStorage": "i8", "IntStorage": "i4", "ShortStorage": "i2", "CharStorage": "i1", "ByteStorage": "u1",
    "BoolStorage": "b1", "ComplexFloatStorage": "c8", "ComplexDoubleStorage": "c16", "UntypedStorage": UNTYPED,
}  # fmt: skip
DTYPES = {
    "float64": "f8", "float32": "f4", "float16": "f2", "bfloat16": BFLOAT16, "int64": "i8", "int32": "i4",
    "int16": "i2", "int8": "i1", "uint8": "u1", "uint16": "u2", "uint32": "u4", "uint64": "u8", "bool": "b1",
    "complex64": "c8", "complex128": "c16",
}  # fmt: skip
DAMAGES = (ValueError, NotImplementedError, OSError, EOFError, KeyError, struct.error, OverflowError, RecursionError,
           zipfile.BadZipFile)  # fmt: skip
LOCAL_HEADER = 30  # bytes before an entry; then come its name and extra data, whose lengths are the last two numbers


class Storage:
    """The numbers of one entry of the file, and the name of the device that they were on."""

    def __init__(self, raw: bytearray | memoryview, kind: str, byteorder: Any, location: str) -> None:
        self.raw, self.kind, self.byteorder, self.location = raw, kind, byteorder, location
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}  # by type: tensors of one storage share its memory

    def array(self, kind: str) -> np.ndarray[Any, Any]:
        """Return all numbers, read as one type."""
        if kind not in self.arrays:
            code = np.dtype(_code(kind)).newbyteorder(self.byteorder)
            numbers = np.frombuffer(self.raw, code)
            if kind == "b1" and numbers.view(np.uint8).max(initial=0) > 1:
                raise ValueError("a storage of booleans has a byte that is neither 0 nor 1")
            numbers = numbers.astype(code.newbyteorder("="), copy=False)
            self.arrays[kind] = widened(numbers) if kind == BFLOAT16 else numbers
        return self.arrays[kind]


def read_torch_file(file: BinaryIO, source: str, place: Placement, mapped: bool = False) -> Any:
    """Read a zip file of `torch.save` from where it stands; `source` names it in error messages.

    With `mapped` the numbers stay in the file until they are used, so their checksums are not looked at.

    Raises:  SerializationError for a damaged file, and for what is neither a tensor nor plain; RuntimeError if a
             tensor's device is not there.
    """
    file, length = measured(file)
    try:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)) if mapped else None
        with zipfile.ZipFile(io.BytesIO(file.read()) if file.tell() else file) as archive:
            return Checkpoint(archive, length, place, data).load()
    except DAMAGES as error:
        raise SerializationError(f"{source} cannot be loaded: {error}") from error


class Checkpoint:
    """An open file of `torch.save`; `data` is the whole file where it is mapped."""

    def __init__(self, archive: zipfile.ZipFile, length: int, place: Placement, data: memoryview | None) -> None:
        self.archive, self.place, self.data = archive, place, data
        self.entries = {info.filename: info for info in archive.infolist()}
        self.storages: dict[str, Storage] = {}
        declared = sum(info.file_size for info in archive.infolist())
        if declared > length or len(self.entries) != len(archive.infolist()):
            raise ValueError(f"its entries say that they have {declared} bytes together, the file has {length}")
        roots = [name.removesuffix("data.pkl") for name in self.entries if name.rpartition("/")[2] == "data.pkl"]
        if len(roots) != 1:
            raise ValueError(f"it is a zip file with {len(roots)} entries data.pkl, not one: no file of torch.save")
        self.root = roots[0]
        if any(name.startswith((f"{self.root}code/", f"{self.root}constants.pkl")) for name in self.entries):
            raise ValueError("it is a program of torch.jit.save: in PyTorch, save its state_dict() with torch.save")

    def load(self) -> Any:
        """Return the object."""
        order = bytes(self.entry("byteorder")).decode("ascii") if f"{self.root}byteorder" in self.entries else "little"
        if order not in ("little", "big"):
            raise ValueError(f"its byte order is {order[:20]!r}, neither little nor big")
        self.byteorder = order
        names: dict[str, Any] = {f"torch.{name}": ("storage", kind) for name, kind in STORAGES.items()}
        names["torch.storage.UntypedStorage"] = ("storage", UNTYPED)
        names |= {f"torch.{name}": ("dtype", kind) for name, kind in DTYPES.items()}
        names["collections.OrderedDict"] = _ordered_dict
        names["torch._utils._rebuild_tensor_v2"] = self.tensor
        names["torch._utils._rebuild_tensor_v3"] = self.tensor_of_dtype
        names["torch._utils._rebuild_parameter"] = _parameter
        result = Machine(names, self.storage).run(bytes(self.entry("data.pkl")))
        check_plain(result, Tensor)
        return result

    def entry(self, name: str, mapped: bool = False) -> bytearray | memoryview:
        """Return the bytes of an entry, which must be there as they are: `torch.save` does not compress."""
        info = self.entries.get(self.root + name)
        if info is None:
            raise ValueError(f"it has no entry {self.root + name!r}")
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size or info.flag_bits & 1:
            raise ValueError(f"its entry {info.filename!r} is compressed or encrypted, which torch.save never does")
        if not mapped or self.data is None:
            return bytearray(self.archive.read(info))
        with self.archive.open(info):  # compares the local header with the directory
            start = info.header_offset + LOCAL_HEADER
            start += sum(struct.unpack("<HH", self.data[start - 4 : start]))
        if start + info.file_size > len(self.data):
            raise ValueError(f"its entry {info.filename!r} reaches beyond its end")
        return self.data[start : start + info.file_size]

    def storage(self, reference: Any) -> Storage:
        """Return a storage, read from the file when it is first referred to."""
        if type(reference) is not tuple or len(reference) != 5 or reference[0] != "storage":
            raise ValueError(f"the pickle refers to something outside that is no storage: {brief(reference)}")
        _, named, key, location, count = reference
        role, kind = named.meaning if type(named) is Named and type(named.meaning) is tuple else ("", "")
        if role != "storage" or type(key) is not str or type(location) is not str or type(count) is not int:
            what = ", ".join(map(brief, reference))
            raise ValueError(f"the pickle refers to a storage in a way that is not known: ({what})")
        if key not in self.storages:
            self.storages[key] = Storage(self.entry(f"data/{key}", mapped=True), kind, self.byteorder, location)
        storage = self.storages[key]
        size = count * (1 if kind == UNTYPED else np.dtype(_code(kind)).itemsize)
        if storage.kind != kind or len(storage.raw) != size:
            raise ValueError(f"storage {key!r} has {len(storage.raw)} bytes, not {count} numbers of {named.name}")
        return storage

    def tensor(
        self, storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any, hooks: Any, extra: Any = None
    ) -> Tensor:
        """Make a tensor of a typed storage."""
        if type(storage) is not Storage or storage.kind == UNTYPED:
            raise ValueError("a tensor has no storage of a known type")
        return self.view(storage, storage.kind, offset, size, stride, requires_grad, hooks, extra)

    def tensor_of_dtype(
        self,
        storage: Any,
        offset: Any,
        size: Any,
        stride: Any,
        requires_grad: Any,
        hooks: Any,
        dtype: Any,
        extra: Any = None,
    ) -> Tensor:
        """Make a tensor of a storage without a type, whose type is given beside it."""
        role, kind = dtype.meaning if type(dtype) is Named and type(dtype.meaning) is tuple else ("", "")
        if type(storage) is not Storage or storage.kind != UNTYPED or role != "dtype":
            raise ValueError("a tensor has no storage, or no dtype that is known")
        if len(storage.raw) % np.dtype(_code(kind)).itemsize:
            raise ValueError(f"a storage of {len(storage.raw)} bytes is not made of numbers of {dtype.name}")
        return self.view(storage, kind, offset, size, stride, requires_grad, hooks, extra)

    def view(
        self,
        storage: Storage,
        kind: str,
        offset: Any,
        size: Any,
        stride: Any,
        requires_grad: Any,
        hooks: Any,
        extra: Any,
    ) -> Tensor:
        """Make a tensor that looks at a storage, after checking that it looks at nothing beyond."""
        if hooks or extra or type(requires_grad) is not bool:
            raise ValueError("a tensor has hooks, or is a conjugate that is not computed (use resolve_conj()): refused")
        numbers = storage.array(kind)
        _check_view(len(numbers), offset, size, stride)
        strides = [step * numbers.itemsize for step in stride]
        part = np.lib.stride_tricks.as_strided(numbers[offset:], size, strides)
        tensor = self.place(from_numpy(part), storage.location)
        return _parameter(tensor, requires_grad, None)


def _check_view(n: int, offset: Any, size: Any, stride: Any) -> None:
    """Refuse a view that is not made of whole numbers, or reaches beyond the n numbers of its storage."""
    if type(size) is not tuple or type(stride) is not tuple or len(size) != len(stride) or len(size) > MOST_DIMENSIONS:
        raise ValueError("the sizes and the strides of a tensor do not go together")
    if any(type(k) is not int or not 0 <= k < 2**63 for k in (offset, *size, *stride)):
        raise ValueError("a tensor has an offset, a size or a stride that is no whole number from 0 on")
    reach = sum((length - 1) * step for length, step in zip(size, stride, strict=True)) if all(size) else -1
    if offset + reach >= n or math.prod(length or 1 for length in size) >= 2**59:
        raise ValueError(f"a tensor of shape {size} from offset {offset} on reaches beyond the {n} numbers in its file")


def _parameter(tensor: Any, requires_grad: Any, hooks: Any) -> Tensor:
    """Return a tensor that requires gradients, or not."""
    if type(tensor) is not Tensor or type(requires_grad) is not bool or hooks:
        raise ValueError("a parameter is made of something else than a tensor")
    if requires_grad and not (tensor.is_floating_point() or tensor.is_complex()):
        raise ValueError(f"a tensor of {tensor.dtype} cannot require gradients")
    return tensor.requires_grad_(requires_grad)


def _ordered_dict(*pairs: Any) -> OrderedDict[Any, Any]:
    if pairs:
        raise ValueError("an OrderedDict is made in a way that PyTorch does not use")
    return OrderedDict()


def _code(kind: str) -> str:
    """Return NumPy's code of a kind of number as it lies in the file."""
    return "u2" if kind == BFLOAT16 else "u1" if kind == UNTYPED else kind
