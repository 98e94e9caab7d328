"""The functions of the stand-in: NumPy's, under CuPy's names and with CuPy's parameters only."""

from __future__ import annotations

import functools
import types
from typing import Any

import numpy as np

from .array import SYNCS, ndarray, place, poison, unwrap, wrap
from .device import COUNT, Device, StrictError, counts, current, wait
from .snapshot import API, check

# The dtypes of `ufunc.at`, the ufuncs that have each method, and the methods of Generator, in CuPy 14.2.
AT = {"add": "ilqILQefd", "subtract": "iI", "maximum": "ilqILQfd", "minimum": "ilqILQfd"}
METHODS = {"at": set(AT), "reduce": {"add", "multiply"}, "accumulate": {"add", "multiply"}, "reduceat": {"add"}}
GENERATOR = set(
    "random standard_normal integers uniform exponential standard_exponential "
    "gamma standard_gamma beta binomial poisson".split()
)
DOORS = {"array", "asarray", "asanyarray"}  # through which host arrays come in
C_ORDER = {"where", "clip"}


class Namespace(types.ModuleType):
    """`cupy`, `cupy.linalg`, …: a name is looked up in the list of CuPy's names, then in NumPy."""

    def __init__(self, space: str = "") -> None:
        super().__init__(".".join(filter(None, ("strict", space))))
        self._space = space

    def __getattr__(self, name: str) -> Any:
        path = ".".join(filter(None, (self._space, name)))
        described = API[self._space].get(name)
        if described is None:
            raise AttributeError(f"cupy.{path} does not exist in CuPy {API['version']}")
        found: Any = np
        for part in path.split("."):
            found = getattr(found, part, None)
        if found is None and name != "newaxis":
            raise StrictError(f"cupy.{path} exists, but NumPy has nothing like it: not portable")
        if described == "ufunc":
            found = _ufunc(name, found)
        elif described != "value" and not isinstance(found, type):
            found = _door(name, found, described) if path in DOORS else _function(path, found, described)
        setattr(self, name, found)
        return found


def _function(path: str, function: Any, parameters: Any) -> Any:
    name = path.rpartition(".")[2]

    @functools.wraps(function, assigned=("__name__",), updated=())
    def call(*args: Any, **options: Any) -> Any:
        if parameters != "any":
            check(path, parameters, args, options)
        where = place(args, options)
        if name in SYNCS or (name == "where" and len(args) == 1):
            wait(name)
        result = function(*unwrap(args), **unwrap(options))
        if options.get("out") is not None:
            return options["out"]
        if name in C_ORDER and isinstance(result, np.ndarray):
            result = np.asarray(result, order="C")
        return wrap(poison(result) if name in ("empty", "empty_like") else result, where)

    return call


def _door(name: str, function: Any, parameters: Any) -> Any:
    """Let arrays in from the host, and from other devices, by copy."""

    def call(obj: Any, *args: Any, **options: Any) -> Any:
        check(name, parameters, (obj, *args), options)
        options.pop("blocking", None)
        here = current()
        if type(obj) is ndarray:
            result = function(obj._host, *args, **options)
            if obj._where == here:
                return obj if result is obj._host else wrap(result, here)
            counts["d2d"] += 1
            return wrap(np.array(result), here)
        if isinstance(obj, np.ndarray):
            counts["h2d"] += 1
            return wrap(np.array(function(obj, *args, **options)), here)
        return wrap(function(unwrap(obj), *args, **options), place((obj,)))

    return call


def _ufunc(name: str, ufunc: Any) -> Any:
    def call(*args: Any, **options: Any) -> Any:
        if set(options) - {"out", "dtype", "casting"}:
            raise TypeError(f"Wrong arguments {options}")
        where = place(args, options)
        if options.get("out") is not None:
            ufunc(*unwrap(args), **unwrap(options))
            return options["out"]
        return wrap(ufunc(*unwrap(args), order="C", **unwrap(options)), where)

    call.__name__ = name
    for method in METHODS:
        setattr(call, method, _ufunc_method(name, ufunc, method))
    return call


def _ufunc_method(name: str, ufunc: Any, method: str) -> Any:
    def call(array: Any, *args: Any, **options: Any) -> Any:
        if name not in METHODS[method]:
            raise NotImplementedError(f"`cupy_{name}.{method}` is not supported yet")
        if method == "at" and array.dtype.char not in AT[name]:
            raise TypeError(f"cupy.{name}.at does not support {array.dtype}")
        where = place((array, *args), options)
        return wrap(getattr(ufunc, method)(unwrap(array), *unwrap(args), **unwrap(options)), where)

    return call


class Generator:
    """CuPy's random generator: fewer methods than NumPy's."""

    def __init__(self, seed: Any = None) -> None:
        self._numpy = np.random.default_rng(seed)

    def __getattr__(self, name: str) -> Any:
        if name not in GENERATOR:
            raise AttributeError(f"cupy.random.Generator has no {name!r}")
        return lambda *args, **options: wrap(np.asarray(getattr(self._numpy, name)(*args, **options)), current())


def _asnumpy(array: Any, *args: Any, **options: Any) -> np.ndarray:
    return array.get() if type(array) is ndarray else np.asarray(array)


def _library() -> Namespace:
    """Put the library together."""
    library = Namespace()
    library.__version__, library.ndarray, library.asnumpy = API["version"], ndarray, _asnumpy
    for space in ("linalg", "random", "fft"):
        setattr(library, space, Namespace(space))
    library.lib = types.SimpleNamespace(stride_tricks=Namespace("lib.stride_tricks"))
    library.random.default_rng = library.random.Generator = Generator
    library.is_available = lambda: True
    runtime = types.SimpleNamespace(getDeviceCount=lambda: COUNT, getDevice=current)
    library.cuda = types.SimpleNamespace(Device=Device, is_available=library.is_available, runtime=runtime)
    return library


strict = _library()
