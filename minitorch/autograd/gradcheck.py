r"""Checking derivatives against differences, with PyTorch's names: `gradcheck` and `gradgradcheck`.

The central difference $(f(x + h) - f(x - h)) / 2h$ has an error of order $h^2$ and, in float64, a rounding
error of order $10^{-16} / h$: with $h = 10^{-6}$ about $10^{-9}$ in all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..creation import as_tensor, zeros_like
from ..tensor import Tensor
from .grad import grad
from .modes import enable_grad, no_grad


class GradcheckError(RuntimeError):
    """A derivative that does not agree with differences."""


def _tuple(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, (list, tuple)) else (x,)


def _differentiable(xs: Sequence[Any]) -> list[Any]:
    return [x for x in xs if isinstance(x, Tensor) and (x.is_floating_point() or x.is_complex())]


def numerical_jacobian(func: Callable[..., Any], inputs: Sequence[Any], x: Tensor, eps: float) -> list[Any]:
    """Return $J_{ij} = dy_j / dx_i$ for every output, by central differences; two such tables for a complex input."""
    host = x.detach().cpu().value.copy()
    steps = [eps] if host.dtype.kind == "f" else [eps, 1j * eps]
    position = next(i for i, a in enumerate(inputs) if a is x)
    columns: list[list[Any]] = []

    def evaluate(flat: Any) -> list[Any]:
        moved = as_tensor(flat.reshape(host.shape), device=x.device)
        args = [moved.requires_grad_(x.requires_grad) if i == position else a for i, a in enumerate(inputs)]
        with enable_grad():
            ys = _differentiable(_tuple(func(*args)))
        return [y.detach().cpu().value.astype(np.complex128).reshape(-1) for y in ys]

    for i in range(host.size):
        parts = []
        for step in steps:
            up, down = host.reshape(-1).copy(), host.reshape(-1).copy()
            up[i] += step
            down[i] -= step
            parts.append([(a - b) / (2 * eps) for a, b in zip(evaluate(up), evaluate(down), strict=True)])
        columns.append(parts)
    if not columns:
        return []
    outputs = range(len(columns[0][0]))
    tables = [[np.array([c[j][k] for c in columns]) for j in range(len(steps))] for k in outputs]
    return [table[0] if len(steps) == 1 else table for table in tables]


def _compare(func: Any, inputs: tuple[Any, ...], x: Tensor, number: int, settings: dict[str, Any]) -> None:
    """Compare a random combination of the columns: one walk back tests all of them at once."""
    rng = np.random.default_rng(number)
    with enable_grad():
        ys = _differentiable(_tuple(func(*inputs)))
    numeric = numerical_jacobian(func, inputs, x, settings["eps"])
    for k, y in enumerate(ys):
        for _ in range(min(y.numel(), settings["rows"])):
            v = rng.standard_normal(y.shape)
            if y.is_complex():
                v = v + 1j * rng.standard_normal(y.shape)
            cotangent = as_tensor(v.astype(y.value.dtype), device=y.device)
            if y.requires_grad:
                (found,) = grad(y, [x], [cotangent], retain_graph=True, allow_unused=True)
            else:
                found = None
            found = zeros_like(x) if found is None else found
            if found.shape != x.shape or found.dtype != x.dtype:
                raise GradcheckError(f"gradient of input {number}: shape {found.shape}, dtype {found.dtype}; expected {x.shape}, {x.dtype}")
            expected = _pull_back(numeric[k], v, x) if numeric else np.zeros(0)
            got = found.detach().cpu().value.reshape(-1)
            if not np.allclose(got, expected, rtol=settings["rtol"], atol=settings["atol"], equal_nan=True):
                raise GradcheckError(
                    f"Jacobian mismatch for output {k} with respect to input {number} (a random combination of its rows):\n"
                    f"numerical:  {expected}\nanalytical: {got}"
                )


def _pull_back(jacobian: Any, v: Any, x: Tensor) -> Any:
    r"""Return the gradient of $L = \mathrm{Re} \langle v, y \rangle$ in PyTorch's convention.

    `jacobian` holds dy/dx for real x, and the two tables dy/da and dy/db for x = a + ib; a real L then has
    the gradient dL/da + i dL/db.
    """
    v = v.reshape(-1)
    if not x.is_complex():
        return (jacobian @ np.conj(v)).real
    along_a, along_b = jacobian
    return (along_a @ np.conj(v)).real + 1j * (along_b @ np.conj(v)).real


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    fast_mode: bool = False,
    rows: int = 3,
) -> bool:
    """Check the gradients of a function against central differences, with random cotangents.

    Inputs that are checked must be float64 (or complex128) and require grad.

    Raises:  GradcheckError (a RuntimeError) where they disagree, unless `raise_exception=False`.
    """
    xs = _tuple(inputs)
    checked = [(i, x) for i, x in enumerate(xs) if isinstance(x, Tensor) and x.requires_grad]
    if not checked:
        raise ValueError("gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True.")
    for i, x in checked:
        if x.value.dtype.itemsize < 8 or (x.is_complex() and x.value.dtype.itemsize < 16):
            raise ValueError(f"gradcheck: input {i} has dtype {x.dtype}; differences need double precision: convert it with .double()")
    settings = {"eps": eps, "atol": atol, "rtol": rtol, "rows": 1 if fast_mode else rows}
    try:
        for i, x in checked:
            _compare(func, xs, x, i, settings)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    **options: Any,
) -> bool:
    """Check the second derivatives: the gradients of the gradients, in the inputs and in the cotangents."""
    xs = _tuple(inputs)
    with no_grad():
        ys = _differentiable(_tuple(func(*xs)))
    rng = np.random.default_rng(0)
    if grad_outputs is None:
        vs = [_random_like(y, rng) for y in ys]
    else:
        vs = list(_tuple(grad_outputs))
    n = len(xs)

    def gradient(*args: Any) -> Any:
        outputs = _differentiable(_tuple(func(*args[:n])))
        pairs = [(y, v) for y, v in zip(outputs, args[n:], strict=True) if y.requires_grad]
        wanted = [x for x in args[:n] if isinstance(x, Tensor) and x.requires_grad]
        found = grad([y for y, _ in pairs], wanted, [v for _, v in pairs], create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(gradient, (*xs, *vs), eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception, **options)


def _random_like(y: Tensor, rng: Any) -> Tensor:
    v = rng.standard_normal(y.shape)
    if y.is_complex():
        v = v + 1j * rng.standard_normal(y.shape)
    return as_tensor(v.astype(y.value.dtype), device=y.device).requires_grad_()
