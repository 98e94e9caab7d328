r"""Checking derivatives against differences, with PyTorch's names: `gradcheck` and `gradgradcheck`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..creation import as_tensor, zeros_like
from ..tensor import Tensor
from .differences import STEP, jacobian, pull_back, slope
from .grad import grad
from .modes import enable_grad


class GradcheckError(RuntimeError):
    """A derivative that does not agree with differences."""


def _tuple(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, (list, tuple)) else (x,)


def _differentiable(xs: Sequence[Any]) -> list[Any]:
    return [x for x in xs if isinstance(x, Tensor) and (x.is_floating_point() or x.is_complex())]


def on_host(func: Callable[..., Any], inputs: Sequence[Any], x: Tensor) -> Callable[[Any], list[Any]]:
    """Return the function of x alone, from an array in host memory to the differentiable outputs there."""

    def function(array: Any) -> list[Any]:
        moved = as_tensor(array, device=x.device).requires_grad_(x.requires_grad)
        with enable_grad():
            ys = _differentiable(_tuple(func(*[moved if a is x else a for a in inputs])))
        return [y.detach().cpu().value for y in ys]

    return function


def _random_like(y: Tensor, rng: Any) -> Any:
    """Return random numbers of the shape and type of a tensor, in host memory."""
    v = rng.standard_normal(y.shape)
    return np.asarray(v + 1j * rng.standard_normal(y.shape) if y.is_complex() else v, dtype=y.value.dtype)


def _compare(func: Any, inputs: tuple[Any, ...], x: Tensor, number: int, settings: dict[str, Any]) -> None:
    """Compare random combinations of the rows of the Jacobian; in the fast mode, of its columns too."""
    rng = np.random.default_rng(number)
    with enable_grad():
        ys = _differentiable(_tuple(func(*inputs)))
    function, at = on_host(func, inputs, x), [x.detach().cpu().value]
    u = _random_like(x, rng)
    fast, eps = settings["fast"], settings["eps"]
    numeric: Any = slope(function, at, 0, u, eps) if fast else jacobian(function, at, 0, eps)
    for k, y in enumerate(ys):
        for _ in range(min(y.numel(), 1 if fast else settings["rows"])):
            v = _random_like(y, rng)
            found = _analytical(y, x, v, number)
            with np.errstate(all="ignore"):  # an infinite gradient is told below
                if fast:
                    got, expected = np.sum(np.conj(found) * u).real, np.sum(np.conj(v) * numeric[k]).real
                else:
                    got, expected = found.reshape(-1), pull_back(numeric[k], v) if numeric else np.zeros(0)
            if not np.allclose(got, expected, rtol=settings["rtol"], atol=settings["atol"], equal_nan=True):
                raise GradcheckError(
                    f"Jacobian mismatch for output {k} with respect to input {number} "
                    f"(a random combination of its rows):\nnumerical:  {expected}\nanalytical: {got}"
                )


def _analytical(y: Tensor, x: Tensor, v: Any, number: int) -> Any:
    """Return the gradient that the engine computes, in host memory."""
    found = None
    if y.requires_grad:
        (found,) = grad(y, [x], [as_tensor(v, device=y.device)], retain_graph=True, allow_unused=True)
    found = zeros_like(x) if found is None else found
    if found.shape != x.shape or found.dtype != x.dtype:
        raise GradcheckError(
            f"gradient of input {number}: shape {found.shape}, dtype {found.dtype}; expected {x.shape}, {x.dtype}"
        )
    return found.detach().cpu().value


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = STEP,
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

    Inputs that are checked must be float64 (or complex128) and require grad.  Without `fast_mode` every number of an
    input is moved, one after the other; with it, all of them together in one random direction.

    Raises:  GradcheckError (a RuntimeError) where they disagree, unless `raise_exception=False`.
    """
    xs = _tuple(inputs)
    checked = [(i, x) for i, x in enumerate(xs) if isinstance(x, Tensor) and x.requires_grad]
    if not checked:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )
    for i, x in checked:
        if x.value.dtype.itemsize < 8 or (x.is_complex() and x.value.dtype.itemsize < 16):
            raise ValueError(
                f"gradcheck: input {i} has dtype {x.dtype}; differences need double precision: convert with .double()"
            )
    settings = {"eps": eps, "atol": atol, "rtol": rtol, "rows": rows, "fast": fast_mode}
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
    eps: float = STEP,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    **options: Any,
) -> bool:
    """Check the second derivatives: the gradients of the gradients, in the inputs and in the cotangents."""
    gradient, arguments = gradient_of(func, inputs, grad_outputs)
    return gradcheck(gradient, arguments, eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception, **options)


def gradient_of(
    func: Callable[..., Any], inputs: Any, grad_outputs: Any = None
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    r"""Return the function $(x, v) \mapsto J^\top v$ and arguments for it; cotangents that are not given are random."""
    xs = _tuple(inputs)
    with enable_grad():  # the function may be a gradient itself
        ys = _differentiable(_tuple(func(*xs)))
    rng, n = np.random.default_rng(0), len(xs)
    vs = [as_tensor(_random_like(y, rng), device=y.device).requires_grad_() for y in ys]

    def gradient(*args: Any) -> Any:
        outputs = _differentiable(_tuple(func(*args[:n])))
        pairs = [(y, v) for y, v in zip(outputs, args[n:], strict=True) if y.requires_grad]
        if not pairs:
            return ()
        wanted = [x for x in args[:n] if isinstance(x, Tensor) and x.requires_grad]
        found = grad([y for y, _ in pairs], wanted, [v for _, v in pairs], create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradient, (*xs, *(vs if grad_outputs is None else _tuple(grad_outputs)))
