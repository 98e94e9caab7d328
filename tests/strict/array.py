"""The array of the stand-in: NumPy memory behind a door, and the device that it lives on."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any

import numpy as np

from .device import COUNT, Device, StrictError, counts, current, rules, wait
from .snapshot import API, check

SCALARS = (bool, int, float, complex, np.generic)
CHECKED = {"sum", "mean", "max", "min", "prod", "std", "var", "any", "all", "argmax", "argmin", "take", "clip"}
SYNCS = {"nonzero", "flatnonzero", "argwhere", "unique", "array_equal", "allclose", "bincount"}
DEVICES = tuple(Device(i) for i in range(COUNT))


def wrap(result: Any, where: int) -> Any:
    """Put what NumPy computed on a device, lists and tuples of it too."""
    if isinstance(result, (np.ndarray, np.generic)):
        if result.dtype.kind not in "biufcV" or result.dtype.char in "gG":
            raise ValueError(f"Unsupported dtype {result.dtype}")
        if result.dtype.name in rules.forbidden_dtypes:
            raise StrictError(f"an array of {result.dtype} was made where that is forbidden")
        array = object.__new__(ndarray)
        host = np.asarray(result)
        if not host.flags.writeable:  # CuPy has no such flag: what NumPy protects (a diagonal) can be written there
            with contextlib.suppress(ValueError):
                host.flags.writeable = True
        array._host, array._where = host, where
        return array
    if isinstance(result, (tuple, list)):
        return (tuple if isinstance(result, tuple) else list)(wrap(r, where) for r in result)
    return result


def unwrap(value: Any) -> Any:
    """Return the NumPy memory of operands; host arrays are refused."""
    if type(value) is ndarray:
        return value._host
    if isinstance(value, np.ndarray):
        raise TypeError(f"Unsupported type {type(value)}: a host array was given to a device function")
    if type(value) in (list, tuple):
        return type(value)(map(unwrap, value))
    if type(value) is dict:
        return {name: unwrap(v) for name, v in value.items()}
    return value


def place(*operands: Any) -> int:
    """Return the one device that the operands live on, by default the current one; refuse two."""
    found = _places(operands)
    if len(found) > 1:
        names = " and ".join(f"strict:{i}" for i in sorted(found))
        raise ValueError(f"operands on different devices: {names}")
    if not found:
        return current()
    where = found.pop()
    if where != current():
        counts["peer"] += 1  # CuPy warns, and puts the result on the current device
    return where


def _places(values: Any) -> set[int]:
    found: set[int] = set()
    for v in values:
        if type(v) is ndarray:
            found.add(v._where)
        elif type(v) in (list, tuple):
            found |= _places(v)
        elif type(v) is dict:
            found |= _places(v.values())
    return found


def poison(array: np.ndarray) -> np.ndarray:
    """Fill fresh memory with what nobody can take for a result."""
    kind = array.dtype.kind
    array.fill(np.nan if kind in "fc" else True if kind == "b" else np.iinfo(array.dtype).max // 2)
    return array


class ndarray:
    """Device memory: nothing gets in or out by accident, and only what CuPy's array can do can be done with it."""

    __slots__ = ("_host", "_where")
    __hash__ = None
    __array_ufunc__ = None  # NumPy's functions refuse us, its operators leave us to ours

    def __init__(self, shape: Any, dtype: Any = float) -> None:
        self._host, self._where = poison(np.empty(shape, dtype)), current()

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()`")

    def __array_function__(self, function: Any, *args: Any) -> Any:
        raise StrictError(f"numpy.{function.__name__} was called on a device array")

    # ---- to the host and back

    def get(self, *args: Any, **options: Any) -> np.ndarray:
        """Copy to the host."""
        wait("get")
        return self._host.copy()

    def set(self, array: np.ndarray, stream: Any = None) -> None:
        """Copy from the host."""
        counts["h2d"] += 1
        self._host[...] = array

    def item(self, *index: Any) -> Any:
        """Return one number."""
        wait("item")
        return self._host.item(*index)

    def tolist(self) -> Any:
        """Return nested lists of numbers."""
        wait("tolist")
        return self._host.tolist()

    def __bool__(self) -> bool:
        wait("bool")
        return bool(self._host)

    def __int__(self) -> int:  # and no __index__
        wait("int")
        return int(self._host)

    def __float__(self) -> float:
        wait("float")
        return float(self._host)

    def __complex__(self) -> complex:
        wait("complex")
        return complex(self._host)

    # ---- what it is

    @property
    def device(self) -> Device:
        """Where it lives."""
        return DEVICES[self._where]

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes."""
        return self._host.shape

    @property
    def data(self) -> Any:
        """A pointer, as far as a host has one."""
        return SimpleNamespace(ptr=self._host.ctypes.data)

    @property
    def base(self) -> Any:
        """The array that it is a view of."""
        return wrap(self._host.base, self._where)

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"strict:{self._where}({self._host!r})"

    def __copy__(self) -> ndarray:
        return wrap(self._host.copy(), self._where)

    def __deepcopy__(self, memo: Any) -> ndarray:
        return wrap(self._host.copy(), self._where)

    def __reduce__(self) -> Any:
        wait("pickle")
        return _arrive, (self._host,)

    # ---- indexing

    def _key(self, key: Any) -> tuple[tuple[Any, ...], bool]:
        """Return the key on the host, and whether it makes a copy."""
        key = key if type(key) is tuple else (key,)
        place(self, key)
        for part in key:
            if isinstance(part, np.ndarray):
                raise StrictError("host array as index of a device array (CuPy copies it over silently)")
            if type(part) is ndarray and part.dtype == bool:
                wait("boolean mask")
        host = tuple(part._host if type(part) is ndarray else part for part in key)
        return host, any(isinstance(part, (np.ndarray, list)) for part in host)

    def __getitem__(self, key: Any) -> Any:
        host, copies = self._key(key)
        return wrap(self._host[host].copy() if copies else self._host[host], self._where)

    def __setitem__(self, key: Any, value: Any) -> None:
        (host, copies), value = self._key(key), unwrap_operand(self, value)
        if copies and np.size(value) > 1:
            written = np.arange(self._host.size).reshape(self.shape)[host]
            if written.size != np.unique(written).size:
                raise StrictError("assignment with duplicate indices: undefined in CuPy")
        self._host[host] = value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in API["ndarray"]:
            raise AttributeError(f"'cupy.ndarray' object has no attribute {name!r}")
        found = getattr(self._host, name)
        if not callable(found):
            return wrap(found, self._where)

        def method(*args: Any, **options: Any) -> Any:
            where = place(self, args, options)
            if name in SYNCS:
                wait(name)
            if name in CHECKED:
                check(name, API[""][name], (self, *args), options)
            result = found(*unwrap(args), **unwrap(options))
            return options["out"] if options.get("out") is not None else wrap(result, where)

        return method


def unwrap_operand(array: ndarray, value: Any) -> Any:
    """Return the other operand on the host; refuse what CuPy refuses."""
    place(array, (value,))
    if not isinstance(value, (ndarray, *SCALARS)):
        raise TypeError(f"Unsupported type {type(value)}")
    return unwrap(value)


def _arrive(host: np.ndarray) -> ndarray:
    """Unpickle on the current device."""
    counts["h2d"] += 1
    return wrap(host, current())


def _operator(name: str, in_place: bool) -> Any:
    def call(self: ndarray, *other: Any) -> Any:
        if other and type(other[0]) is not ndarray and not isinstance(other[0], SCALARS):
            if isinstance(other[0], (np.ndarray, list)):
                raise TypeError(f"Unsupported type {type(other[0])}")
            return NotImplemented
        where = place(self, other)
        result = getattr(self._host, name)(*unwrap(other))
        if in_place:
            return self
        return result if result is NotImplemented else wrap(np.asarray(result, order="C"), where)

    return call


BINARY = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split()
for _name in [*BINARY, *(p + n for n in BINARY for p in "ri"), *"eq ne lt le gt ge neg pos abs invert".split()]:
    if hasattr(np.ndarray, f"__{_name}__"):
        setattr(ndarray, f"__{_name}__", _operator(f"__{_name}__", _name[0] == "i" and _name[1:] in BINARY))
