"""Evaluate one expression with PyTorch and with minitorch, and say in what the results differ.

An expression sees `torch` (either of the two), `np`, and makers of the same numbers in both: `f(2, 3)` float32,
`d(2, 3)` float64, `c(2, 3)` complex64, `h(2, 3)` float16, `i(2, 3)` int64, `u(2, 3)` uint8, `b(2, 3)` bool; `g(2, 3)`
is a float64 leaf that requires grad, `grads(y, x, …)` are the gradients of leaves for a cotangent that is not uniform.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np


def _numbers(*shape: int) -> np.ndarray:
    """Numbers between -2 and 2, no two equal, the same for the same shape."""
    n = math.prod(shape)
    return ((np.arange(n) * 7 + 3) % (n or 1) / max(n, 1) * 3.9 - 1.9 + 0.01 * np.arange(n)).reshape(shape)


class World:
    """One of the two libraries, with what expressions need."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        names = ("f", "d", "c", "h", "i", "i32", "i8", "u", "b", "g", "gc", "grads", "storage_of", "shares")
        self.names = {"torch": torch, "np": np, "math": math, "inf": math.inf, "nan": math.nan}
        self.names |= {name: getattr(self, name) for name in names}

    def _make(self, array: Any) -> Any:
        return self.torch.from_numpy(np.ascontiguousarray(array).reshape(np.shape(array)))

    def f(self, *shape: int) -> Any:
        return self._make(_numbers(*shape).astype(np.float32))

    def d(self, *shape: int) -> Any:
        return self._make(_numbers(*shape))

    def h(self, *shape: int) -> Any:
        return self._make(_numbers(*shape).astype(np.float16))

    def c(self, *shape: int) -> Any:
        x = _numbers(*shape)
        return self._make((x + 1j * x[..., ::-1] if shape else np.asarray(0.5 - 1j)).astype(np.complex64))

    def i(self, *shape: int) -> Any:
        return self._make((_numbers(*shape) * 3).astype(np.int64))

    def i32(self, *shape: int) -> Any:
        return self._make((_numbers(*shape) * 3).astype(np.int32))

    def i8(self, *shape: int) -> Any:
        return self._make((_numbers(*shape) * 60).astype(np.int8))

    def u(self, *shape: int) -> Any:
        return self._make((np.abs(_numbers(*shape)) * 120).astype(np.uint8))

    def b(self, *shape: int) -> Any:
        return self._make(_numbers(*shape) > 0)

    def g(self, *shape: int) -> Any:
        return self._make(_numbers(*shape)).requires_grad_()

    def gc(self, *shape: int) -> Any:
        return self.c(*shape).to(self.torch.complex128).requires_grad_()

    def grads(self, y: Any, *xs: Any) -> Any:
        """The gradients of Σ <cotangent, output> for cotangents 0.5, 0.6, 0.7, …"""
        ys = [o for o in (y if isinstance(y, (tuple, list)) else [y]) if o.requires_grad]
        seeds = []
        for o in ys:
            seed = np.arange(math.prod(o.shape)).reshape(tuple(o.shape)) * 0.1 + 0.5
            seeds.append(self._make(seed).to(o.dtype))
        found = self.torch.autograd.grad(ys, xs, seeds, allow_unused=True)
        return [None if step is None else step.contiguous() for step in found]

    def storage_of(self, x: Any) -> int:
        return x.data_ptr() - x.storage_offset() * x.element_size()

    def shares(self, x: Any, *ys: Any) -> Any:
        """Whether each y lies in the memory of x, and where in it."""
        found = []
        for y in ys:
            same = self.storage_of(x) == self.storage_of(y)
            found.append((same, y.storage_offset() if same else None))
        return found

    def run(self, source: str) -> Any:
        """Return the value of an expression, of `r` after statements, or the exception."""
        names = dict(self.names)
        source = source.replace("from torch", f"from {self.torch.__name__}")
        try:
            if "F." in source:
                names["F"] = self.torch.nn.functional
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if ";" in source or "\\n" in source:
                    lines = "\n".join(part.strip(" ") for part in source.split(";")).replace("\\n", "\n")
                    head, _, last = lines.rpartition("\n")
                    exec(head, names)
                    return eval(last, names)
                return eval(source, names)
        except Exception as error:
            return error


def differences(ours: Any, theirs: Any, tolerance: float = 2e-5, where: str = "") -> list[str]:
    """Say in what our value differs from PyTorch's."""
    if isinstance(theirs, Exception) or isinstance(ours, Exception):
        return _errors(ours, theirs, where)
    if hasattr(theirs, "data_ptr"):
        return _tensors(ours, theirs, tolerance, where)
    mine, name = type(ours).__name__.rpartition(".")[2], type(theirs).__name__.rpartition(".")[2]
    if mine != name:
        return [f"{where}type {mine} is not {name} ({ours!r}, {theirs!r})"]
    if isinstance(theirs, dict):
        theirs, ours = list(theirs.items()), list(ours.items())
    if isinstance(theirs, (tuple, list)) and name != "Size":
        if len(ours) != len(theirs):
            return [f"{where}length {len(ours)} is not {len(theirs)}"]
        found = []
        for k, (a, b) in enumerate(zip(ours, theirs)):
            found += differences(a, b, tolerance, f"{where}[{k}] ")
        return found
    if isinstance(theirs, np.ndarray):
        same = ours.dtype == theirs.dtype and ours.shape == theirs.shape and np.allclose(ours, theirs, equal_nan=True)
        return [] if same else [f"{where}{ours!r} is not {theirs!r}"]
    if isinstance(theirs, (float, complex)):
        return (
            [] if np.isclose(ours, theirs, rtol=tolerance, equal_nan=True) else [f"{where}{ours!r} is not {theirs!r}"]
        )
    return [] if str(ours) == str(theirs) else [f"{where}{ours!s} is not {theirs!s}"]


def _errors(ours: Any, theirs: Any, where: str) -> list[str]:
    if not isinstance(theirs, Exception):
        return [f"{where}raises {type(ours).__name__}: {ours}; PyTorch gives {str(theirs)[:150]}"]
    if not isinstance(ours, Exception):
        return [f"{where}gives {str(ours)[:150]}; PyTorch raises {type(theirs).__name__}: {_first_line(theirs)}"]
    if type(theirs).__name__.lstrip("_") not in [kind.__name__ for kind in type(ours).__mro__]:
        return [f"{where}{type(ours).__name__} is not {type(theirs).__name__}: {ours} | {_first_line(theirs)}"]
    if isinstance(theirs, TypeError) or isinstance(
        ours, NotImplementedError
    ):  # words of a parser, names of kernels: nobody's search terms
        return []
    if " ".join(_words(theirs)[:4]) not in " ".join(_words(ours)):
        return [f"{where}words: {ours} | {_first_line(theirs)}"]
    return []


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


def _words(error: Exception) -> list[str]:
    return _first_line(error).lower().replace(",", " ").replace(":", " ").split()


def _tensors(ours: Any, theirs: Any, tolerance: float, where: str) -> list[str]:
    if not hasattr(ours, "data_ptr"):
        return [f"{where}{type(ours).__name__} is not a tensor ({ours!r}, {theirs!r})"]
    found = []
    for what in ("dtype", "shape", "requires_grad", "is_leaf"):
        a, b = getattr(ours, what), getattr(theirs, what)
        if str(a) != str(b):
            found.append(f"{where}{what} {a} is not {b}")
    if found:
        return found
    if not ours.is_contiguous() and _steps(ours) != _steps(theirs):  # of what is contiguous, every view can be taken
        found.append(f"{where}strides {ours.stride()} are not {theirs.stride()}")
    if getattr(theirs, "_is_zerotensor", bool)():  # zeros that PyTorch has not written down
        theirs = theirs + theirs.new_zeros(())
    a, b = ours.detach().numpy(), theirs.detach().resolve_conj().numpy()
    if a.dtype == np.float16:
        tolerance = max(tolerance, 2e-3)
    if not np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True):
        found.append(f"{where}{a.tolist()} is not {b.tolist()}"[:400])
    return found


def _steps(x: Any) -> list[Any]:
    """The strides that matter: of dimensions longer than 1, where there are numbers."""
    return [s for s, n in zip(x.stride(), x.shape) if n > 1] if x.numel() else []
