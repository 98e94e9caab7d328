"""Checks of plain functions of arrays: whose engine they belong to does not matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..autograd.differences import STEP, jacobian, pull_back
from .close import on_host


def check_vjp(
    forward: Callable[..., Any],
    vjp: Callable[..., Any],
    *arrays: Any,
    rtol: float = 1e-4,
    atol: float = 1e-6,
    eps: float = STEP,
    seed: int = 0,
) -> None:
    r"""Check somebody's backward pass, $\bar x = J^\top \bar y$, in plain NumPy against differences.

    `forward(*arrays)` returns an array (or several); `vjp(g, *arrays)` the gradient of every array, None for integers,
    where g is the cotangent of the output (a tuple of them for several).  Both may be closures around any engine.

    The gradient must have the shape and type of its argument and memory of its own.  All arrays are given
    read-only: neither function may write into them.

    >>> check_vjp(np.multiply, lambda g, a, b: (g * b, g * a), np.array([1.0, 2.0]), np.array([3.0, 4.0]))

    Raises:  AssertionError that says what is wrong.
    """
    rng = np.random.default_rng(seed)
    xs = [frozen(x) for x in arrays]
    for i, x in enumerate(xs):
        if x.dtype.kind == "f" and x.itemsize < 8:
            raise ValueError(f"check_vjp: argument {i} is {x.dtype}; differences need float64: convert it")
    ys = as_tuple(_without_writing("forward", forward, *xs))
    gs = tuple(frozen(random_like(np.asarray(y), rng)) for y in ys)
    found = as_tuple(_without_writing("vjp", vjp, gs if len(gs) > 1 else gs[0], *xs))
    if len(found) != len(xs):
        raise AssertionError(f"vjp: returned {len(found)} gradients for {len(xs)} arguments")
    for i, (x, g) in enumerate(zip(xs, found, strict=True)):
        if x.dtype.kind not in "fc":
            continue
        _check_form(i, x, g)
        _check_memory(i, g, [("the cotangent", v) for v in gs] + [(f"gradient {j}", found[j]) for j in range(i)])
        tables = jacobian(forward, xs, i, eps)
        expected = sum(pull_back(table, v) for table, v in zip(tables, gs, strict=True)) if tables else np.zeros(0)
        _check_values(i, g, expected.reshape(x.shape), rtol, atol)


def check_linear(f: Callable[[Any], Any], transpose: Callable[[Any], Any], x: Any, y: Any, rtol: float = 1e-10) -> None:
    r"""Check that f is linear and `transpose` its transpose: $\langle Ax, y\rangle = \langle x, A^\top y\rangle$.

    x and y are arrays or tensors; y has the shape of f(x).  The test is exact but for rounding: no difference is taken.

    Raises:  AssertionError.
    """
    left, right = on_host(f(x)), on_host(transpose(y))
    a, b = on_host(x), on_host(y)
    if left.shape != b.shape or right.shape != a.shape:
        raise AssertionError(
            f"f maps {a.shape} to {left.shape}, so its transpose maps {left.shape} to {a.shape}; "
            f"this one maps {b.shape} to {right.shape}"
        )
    scale = rtol * float(np.linalg.norm(left) * np.linalg.norm(b) + np.linalg.norm(a) * np.linalg.norm(right))
    if not np.allclose(on_host(f(x * -3.0)), left * -3.0, rtol=rtol, atol=rtol * float(np.abs(left).max(initial=0.0))):
        raise AssertionError("f is not linear: f(-3x) is not -3 f(x)")
    first, second = np.sum(left * b), np.sum(a * right)
    if abs(first - second) > scale:
        raise AssertionError(f"<Ax, y> = {first} but <x, A'y> = {second}: this is not the transpose")


def frozen(x: Any) -> Any:
    """Return a copy that refuses to be written to."""
    x = np.array(x)
    x.flags.writeable = False
    return x


def as_tuple(x: Any) -> tuple[Any, ...]:
    """Return several results as a tuple, one as a tuple of one."""
    return tuple(x) if isinstance(x, (list, tuple)) else (x,)


def random_like(x: Any, rng: np.random.Generator) -> Any:
    """Return normally distributed numbers of the shape and type of an array."""
    v = rng.standard_normal(x.shape)
    return np.asarray(v + 1j * rng.standard_normal(x.shape) if x.dtype.kind == "c" else v, dtype=x.dtype)


def _without_writing(name: str, function: Callable[..., Any], *args: Any) -> Any:
    try:
        return function(*args)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise AssertionError(f"{name} writes into memory that is not its own: {error}") from error


def _check_form(i: int, x: Any, g: Any) -> None:
    if g is None:
        raise AssertionError(f"vjp: the gradient of argument {i} is None; expected an array of shape {x.shape}")
    got, expected = (np.shape(g), np.asarray(g).dtype), (x.shape, x.dtype)
    if got != expected:
        raise AssertionError(f"vjp: the gradient of argument {i} has shape and type {got}; the argument has {expected}")


def _check_memory(i: int, g: Any, others: Sequence[tuple[str, Any]]) -> None:
    for name, other in others:
        if other is not None and np.may_share_memory(np.asarray(g), np.asarray(other)):
            raise AssertionError(
                f"vjp: the gradient of argument {i} shares memory with {name}: adding to it in place would change both"
            )


def _check_values(i: int, g: Any, expected: Any, rtol: float, atol: float) -> None:
    wrong = ~np.isclose(g, expected, rtol=rtol, atol=atol, equal_nan=True)
    if wrong.any():
        place = tuple(int(k) for k in np.argwhere(wrong)[0])
        raise AssertionError(
            f"vjp: the gradient of argument {i} is wrong at {int(wrong.sum())} of {wrong.size} places, "
            f"first at {place}: {np.asarray(g)[place]:.6g}, by differences {expected[place]:.6g}"
        )
