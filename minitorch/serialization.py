"""Saving and loading: nested containers of tensors and plain values, in one safetensors file, without pickle.

The numbers lie in the file as in any safetensors file (`utils/safetensors.py` is the layout), under names such as
`model.0.weight`; how they are nested, and every other value, is JSON under the key "minitorch" of its metadata.  In
that JSON null, booleans, strings, lists, finite floats and integers below 2⁵³ stand for themselves; everything else is
an object with one key, the tag: `{"tuple": [1, 2]}`, `{"int": "0x2000000000001"}`, `{"tensor": ["model.0.weight"]}`.
Loading makes only the values listed here and runs nothing.
"""

from __future__ import annotations

import io
import json
import math
import os
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from .backend import dtypes
from .backend.devices import CPU, device, put
from .creation import from_numpy
from .size import Size
from .tensor import Tensor
from .utils.files import replacing
from .utils.safetensors import METADATA, SerializationError, little_endian, no_constant, read, unique, write

__all__ = ["SerializationError", "load", "save"]

KEY = "minitorch"
VERSION = 1
DEEPEST = 100  # levels of containers: JSON readers give up at some depth
SCALARS = (str, int, float, bool, type(None), complex, bytes)  # what a dict may have as a key
File = str | os.PathLike[str] | BinaryIO


def save(obj: Any, f: File) -> None:
    """Save an object to a file: its path, or a file object opened for writing bytes.

    Tensors (on any device), NumPy arrays and numbers, int, float, complex, str, bytes, bool, None, dtype, device, Size,
    and lists, tuples, dicts and OrderedDicts of these.  A view, or a tensor that is there twice, is saved as its
    values each time.  A path gets the new file only when it is complete: a save that fails leaves the old one.

    Raises:  TypeError that names the place of what cannot be saved; ValueError for a container that contains itself,
             or is nested more than 100 deep.

    >>> import io, numpy
    >>> file = io.BytesIO()
    >>> save({"step": 3, "betas": (0.9, 0.999), "mean": numpy.zeros(2)}, file)
    >>> load(io.BytesIO(file.getvalue()))
    {'step': 3, 'betas': (0.9, 0.999), 'mean': array([0., 0.])}
    """
    if isinstance(f, io.TextIOBase):
        raise TypeError(f"save: the file object {f!r} is open for text: open it with mode 'wb'")
    writer = _Writer()
    structure = {"version": VERSION, "object": writer.encode(obj, ())}
    metadata = {KEY: json.dumps(structure, separators=(",", ":"))}
    if isinstance(f, str | os.PathLike):
        with replacing(f) as file:
            write(file, writer.arrays, metadata)
    elif hasattr(f, "write"):
        write(f, writer.arrays, metadata)
    else:
        raise TypeError(f"save: f must be a path or a binary file object, got {type(f).__name__}")


def load(f: File, map_location: str | device | None = None, weights_only: bool = True) -> Any:
    """Load what `save` wrote, or any safetensors file, which gives a dict from name to tensor.

    `map_location` is the device of all tensors; without it each goes back to the kind of device it was on.
    `weights_only` is accepted for PyTorch's sake: nothing but plain data is ever loaded.

    Raises:  FileNotFoundError; SerializationError for a damaged, truncated or foreign file; RuntimeError if a tensor's
             device is not there.
    """
    where = None if map_location is None else device(map_location)
    if isinstance(f, str | os.PathLike):
        with open(f, "rb") as file:
            return _load(file, os.fspath(f), where)
    if not hasattr(f, "read") or isinstance(f, io.TextIOBase):
        raise TypeError(f"load: f must be a path or a file object opened with mode 'rb', got {type(f).__name__}")
    return _load(f, f"the file object {getattr(f, 'name', f)!r}", where)


def _load(file: BinaryIO, source: str, where: device | None) -> Any:
    arrays, metadata = read(file, source)
    if KEY not in metadata:
        return {name: _placed(array, where) for name, array in arrays.items()}
    try:
        structure = json.loads(metadata[KEY], object_pairs_hook=unique, parse_constant=no_constant)
        if not isinstance(structure, dict) or structure.get("version") != VERSION or "object" not in structure:
            raise ValueError(f"it is not of version {VERSION} of the format: a newer minitorch may read it")
        reader = _Reader(arrays, where)
        result = reader.decode(structure["object"])
        if reader.arrays:
            raise ValueError(f"the tensor {min(reader.arrays)!r} has no place in the saved object")
    except (ValueError, RecursionError) as error:
        raise SerializationError(f"{source} cannot be loaded: {error}") from error
    return result


def _placed(array: np.ndarray[Any, Any], where: device | None) -> Tensor:
    tensor = from_numpy(array)
    return tensor if where is None or where == CPU else tensor.to(where)


class _Writer:
    """Turns values into JSON, and collects the arrays."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}
        self.open: set[int] = set()  # the containers that we are inside of

    def encode(self, value: Any, path: tuple[Any, ...]) -> Any:
        """Return a value as JSON; `path` is how one gets there from the saved object."""
        kind = type(value)
        if value is None or kind in (bool, str):
            return value
        if kind is int:
            return value if abs(value) < 2**53 else {"int": hex(value)}
        if kind is float:
            return value if math.isfinite(value) else {"float": str(value)}
        if kind in (list, tuple, Size, dict, OrderedDict):
            return self.container(value, path)
        if isinstance(value, Tensor):
            return {"tensor": self.tensor(value, path)}
        if kind in (np.ndarray, np.memmap):
            return {"array": self.store(value, path)}
        if isinstance(value, np.generic):
            return {"scalar": self.store(np.asarray(value), path)}
        if kind is complex:
            return {"complex": [self.encode(value.real, path), self.encode(value.imag, path)]}
        if kind is bytes:
            return {"bytes": self.store(np.frombuffer(value, np.uint8), path)}
        if kind in (dtypes.dtype, device):
            return {kind.__name__: value.name if kind is dtypes.dtype else str(value)}
        raise TypeError(
            f"save: {place(path)} is {_described(value)}, which cannot be saved: only tensors, NumPy arrays, numbers, "
            "strings, bytes, None, and lists, tuples, dicts and OrderedDicts of these can"
        )

    def container(self, value: Any, path: tuple[Any, ...]) -> Any:
        """Return a container as JSON."""
        if id(value) in self.open:
            raise ValueError(f"save: {place(path)} contains itself")
        if len(path) >= DEEPEST:
            raise ValueError(f"save: {place(path[:3])}… is nested more than {DEEPEST} containers deep")
        self.open.add(id(value))
        if isinstance(value, dict):
            coded: Any = [[self.key(key, path), self.encode(item, (*path, key))] for key, item in value.items()]
        else:
            coded = [self.encode(item, (*path, position)) for position, item in enumerate(value)]
        self.open.remove(id(value))
        return coded if type(value) is list else {type(value).__name__: coded}

    def key(self, key: Any, path: tuple[Any, ...]) -> Any:
        """Return the key of a dict as JSON."""
        if type(key) not in SCALARS:
            raise TypeError(f"save: {place(path)} has the key {key!r}: a key must be a string, a number, bytes or None")
        return self.encode(key, (*path, key))

    def tensor(self, value: Tensor, path: tuple[Any, ...]) -> list[Any]:
        """Store a tensor; return its name, and its device and that it requires gradients where that is so."""
        flags: dict[str, Any] = {"device": str(value.device)} if value.device.type != "cpu" else {}
        if value.requires_grad:
            flags["requires_grad"] = True
        return self.store(put(value.value, CPU), path) + ([flags] if flags else [])

    def store(self, array: np.ndarray[Any, Any], path: tuple[Any, ...]) -> list[Any]:
        """Take an array along under a name of its own; return the name, and the dtype where the layout lacks it."""
        lying = little_endian(array)
        wide = array.dtype.kind == "c" and lying is None
        if wide and array.dtype.itemsize == 16:  # complex128 as pairs of float64
            lying = np.atleast_1d(np.asarray(array, "<c16", order="C")).view("<f8").reshape(*array.shape, 2)
        if lying is None:
            raise TypeError(f"save: {place(path)} is an array of dtype {array.dtype}, which the file format lacks")
        plain = ".".join(_text(step) for step in path) or "value"
        name, number = plain, 1
        while name in self.arrays or name == METADATA:
            name, number = f"{plain}#{number + 1}", number + 1
        self.arrays[name] = lying
        return [name, "complex128"] if wide else [name]


class _Reader:
    """Turns JSON back into values; every array may be used once."""

    def __init__(self, arrays: dict[str, np.ndarray[Any, Any]], where: device | None) -> None:
        self.arrays, self.where = dict(arrays), where
        self.tags: dict[str, Callable[[Any], Any]] = {
            "int": lambda text: int(_typed(text, str), 16),
            "float": lambda text: float(_typed(text, str)),
            "complex": lambda parts: complex(*_typed([self.decode(part) for part in _typed(parts, list)], list)),
            "tuple": lambda items: tuple(self.decode(_typed(items, list))),
            "Size": lambda items: Size(self.decode(_typed(items, list))),
            "dict": lambda pairs: self.mapping(dict, pairs),
            "OrderedDict": lambda pairs: self.mapping(OrderedDict, pairs),
            "tensor": self.tensor,
            "array": self.take,
            "scalar": lambda entry: self.take(entry)[()],
            "bytes": lambda entry: self.take(entry).tobytes(),
            "dtype": lambda name: next(d for d in dtypes.ALL if d.name == name),
            "device": _device,
        }

    def decode(self, coded: Any) -> Any:
        """Return the value that JSON stands for."""
        if isinstance(coded, list):
            return [self.decode(item) for item in coded]
        if not isinstance(coded, dict):
            return coded
        if len(coded) != 1 or next(iter(coded)) not in self.tags:
            raise ValueError(f"the saved object has an entry that is not known: {str(coded)[:80]}")
        ((tag, content),) = coded.items()
        try:
            return self.tags[tag](content)
        except (TypeError, KeyError, IndexError, StopIteration) as error:
            raise ValueError(f"the saved object has a damaged entry {tag!r}: {error!r}") from error

    def mapping(self, kind: type, pairs: Any) -> Any:
        """Return a dict of decoded keys and values."""
        result = kind()
        for key, item in _typed(pairs, list):
            result[_key(self.decode(key))] = self.decode(item)
        if len(result) != len(pairs):
            raise ValueError("the saved object has a dict with a key twice")
        return result

    def take(self, entry: Any) -> np.ndarray[Any, Any]:
        """Return an array by its name, once."""
        name, *wide = _typed(entry, list)
        array = self.arrays.pop(name)
        if not wide:
            return array
        if wide != ["complex128"] or array.dtype != np.float64 or array.shape[-1:] != (2,):
            raise ValueError(f"the tensor {name!r} is not made of pairs of float64")
        return array.view(np.complex128)[..., 0]

    def tensor(self, entry: Any) -> Tensor:
        """Return a tensor on its device."""
        *entry, last = _typed(entry, list)
        flags = last if isinstance(last, dict) else {}
        array = self.take(entry if isinstance(last, dict) else [*entry, last])
        where = self.where or (_device(flags["device"]) if "device" in flags else None)
        try:
            tensor = _placed(array, where)
        except RuntimeError as error:
            raise RuntimeError(f"load: {error}; load(…, map_location='cpu') puts the tensors on the CPU") from error
        wants = flags.get("requires_grad") is True
        if wants and array.dtype.kind not in "fc":
            raise ValueError(f"a tensor of {array.dtype} cannot require gradients")
        return tensor.requires_grad_() if wants else tensor


def place(path: tuple[Any, ...]) -> str:
    """Write a path as one writes it in Python: `obj['optimizer'][0]`."""
    return "obj" + "".join(f"[{step!r}]" for step in path)


def _text(step: Any) -> str:
    """Return a step of a path as part of a name, without what UTF-8 cannot write."""
    return str(step).encode(errors="replace").decode()


def _described(value: object) -> str:
    kind = type(value)
    return "a function" if kind.__name__ == "function" else f"of type {kind.__module__}.{kind.__qualname__}"


def _key(key: Any) -> Any:
    if type(key) not in SCALARS:
        raise ValueError(f"the saved object has a dict with a key of type {type(key).__name__}")
    return key


def _device(text: Any) -> device:
    try:
        return device(_typed(text, str))
    except RuntimeError as error:
        raise ValueError(f"{error} (load(…, map_location='cpu') puts the tensors on the CPU)") from error


def _typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, found {type(value).__name__}")
    return value
