"""Nested values as JSON, their numbers apart: what `save` writes and `load` reads, between the file and the objects.

In that JSON null, booleans, strings, lists, finite floats and integers below 2⁵³ stand for themselves; everything else
is an object with one key, the tag: `{"tuple": [1, 2]}`, `{"int": "0x2000000000001"}`, `{"tensor": ["model.0.weight"]}`.
Reading makes only the values listed here and runs nothing.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..backend import dtypes
from ..backend.devices import CPU, device, put
from ..creation import from_numpy
from ..size import Size
from ..tensor import Tensor
from .safetensors import METADATA, little_endian

DEEPEST = 100  # levels of containers: JSON readers give up at some depth
MOST_ALIKE = 100  # keys of one dict with the same hash; of numbers that nobody chose for it, a few dozen have the same
Placement = Callable[[Tensor, str], Tensor]
SCALARS = (str, int, float, bool, type(None), complex, bytes)  # what a dict may have as a key


def placement(map_location: Any) -> Placement:
    """Return what puts a tensor that was loaded on its device, as PyTorch's `map_location` says.

    None: where the file says that it was.  A device: there.  A dict: from names in the file to devices.  A function of
    a tensor on the CPU and the name in the file: it returns the tensor where it shall be, or None for where it was.
    """
    if map_location is None:
        return _back
    if isinstance(map_location, Mapping):
        known = {name: device(where) for name, where in map_location.items()}
        return lambda tensor, name: _on(tensor, known[name]) if name in known else _back(tensor, name)
    if callable(map_location):
        return lambda tensor, name: _chosen(map_location, tensor, name)
    where = device(map_location)
    return lambda tensor, name: _on(tensor, where)


def _on(tensor: Tensor, where: device) -> Tensor:
    try:
        return tensor if where == CPU else tensor.to(where)
    except RuntimeError as error:
        raise RuntimeError(f"load: {error}; load(…, map_location='cpu') puts the tensors on the CPU") from error


def _back(tensor: Tensor, name: str) -> Tensor:
    return _on(tensor, device_named(name))


def _chosen(map_location: Callable[[Tensor, str], Any], tensor: Tensor, name: str) -> Tensor:
    """Return what a function chose; what it raises must not be taken for damage of the file."""
    try:
        result = map_location(tensor, name)
    except Exception as error:
        raise RuntimeError(f"load: map_location raised {type(error).__name__}: {error}") from error
    if result is not None and not isinstance(result, Tensor):
        raise RuntimeError(f"load: map_location must return the tensor that it was given, or None, got {result!r}")
    return _back(tensor, name) if result is None else result


def device_named(text: Any) -> device:
    """Return the device of a name that a file gives.

    Raises:  ValueError for one that there is not.
    """
    try:
        return device(_typed(text, str))
    except RuntimeError as error:
        raise ValueError(f"{error} (load(…, map_location='cpu') puts the tensors on the CPU)") from error


class Writer:
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
            + (": save its state_dict()" if hasattr(value, "state_dict") else "")
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
        if hasattr(value, "_metadata"):  # a state_dict: the versions of the layouts of its modules
            return {"state_dict": [coded, self.encode(value._metadata, (*path, "_metadata"))]}
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


class Reader:
    """Turns JSON back into values; every array may be used once."""

    def __init__(self, arrays: dict[str, np.ndarray[Any, Any]], place: Placement) -> None:
        self.arrays, self.place = dict(arrays), place
        self.tags: dict[str, Callable[[Any], Any]] = {
            "int": lambda text: int(_typed(text, str), 16),
            "float": lambda text: float(_typed(text, str)),
            "complex": lambda parts: complex(*_typed([self.decode(part) for part in _typed(parts, list)], list)),
            "tuple": lambda items: tuple(self.decode(_typed(items, list))),
            "Size": lambda items: Size(self.decode(_typed(items, list))),
            "dict": lambda pairs: self.mapping(dict, pairs),
            "OrderedDict": lambda pairs: self.mapping(OrderedDict, pairs),
            "state_dict": self.state,
            "tensor": self.tensor,
            "array": self.take,
            "scalar": lambda entry: self.take(entry)[()],
            "bytes": lambda entry: self.take(entry).tobytes(),
            "dtype": lambda name: next(d for d in dtypes.ALL if d.name == name),
            "device": device_named,
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
        except (TypeError, KeyError, IndexError, StopIteration, OverflowError) as error:
            raise ValueError(f"the saved object has a damaged entry {tag!r}: {error!r}") from error

    def mapping(self, kind: type, pairs: Any) -> Any:
        """Return a dict of decoded keys and values."""
        keys = [_key(self.decode(key)) for key, _ in _typed(pairs, list)]
        if max(Counter(map(hash, keys)).values(), default=0) > MOST_ALIKE:
            raise ValueError("the saved object has a dict with keys made to collide, which would take for ever")
        result = kind(zip(keys, (self.decode(item) for _, item in pairs), strict=True))
        if len(result) != len(pairs):
            raise ValueError("the saved object has a dict with a key twice")
        return result

    def state(self, parts: Any) -> Any:
        """Return a state_dict with its metadata."""
        pairs, metadata = _typed(parts, list)
        result = self.mapping(OrderedDict, pairs)
        result._metadata = _typed(self.decode(metadata), dict)
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
        tensor = self.place(from_numpy(array), _typed(flags.get("device", "cpu"), str))
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


def _typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, found {type(value).__name__}")
    return value
