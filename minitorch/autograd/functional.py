r"""Derivatives of functions: vector products with the Jacobian, the Jacobian and the Hessian themselves.

For $y = f(x)$ with Jacobian J: `vjp` gives $J^\top v$, `jvp` gives $J v$ (as the derivative of $J^\top u$ in u).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..creation import ones_like, zeros_like
from ..functions.shape import stack
from ..tensor import Tensor
from .grad import grad
from .modes import enable_grad

Function = Callable[..., Any]


def _tuple(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, (list, tuple)) else (x,)


def _prepare(name: str, inputs: Any, create_graph: bool) -> tuple[Any, ...]:
    """Return the inputs as tensors to differentiate by; under `create_graph` still connected to what they came from."""
    xs = []
    for i, x in enumerate(_tuple(inputs)):
        if not isinstance(x, Tensor):
            raise TypeError(
                f"The inputs given to {name} must be either a Tensor or a tuple of Tensors but the value at "
                f"index {i} has type {type(x)}."
            )
        xs.append(x.view_as(x) if create_graph and x.requires_grad else x.detach().clone().requires_grad_())
    return tuple(xs)


def _call(name: str, func: Function, xs: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Return what the function returns, and the same as a tuple of tensors."""
    out = func(*xs)
    ys = _tuple(out)
    for i, y in enumerate(ys):
        if not isinstance(y, Tensor):
            raise TypeError(
                f"The outputs of the user-provided function given to {name} must be either a Tensor or a tuple "
                f"of Tensors "
                f"but the value at index {i} has type {type(y)}."
            )
    return out, ys


def _unpack(results: Any, like: Any) -> Any:
    return tuple(results) if isinstance(like, (list, tuple)) else results[0]


def _finish(results: Any, like: Any, create_graph: bool) -> Any:
    return _unpack([x if create_graph else x.detach() for x in results], like)


def _gradients(ys: Any, xs: Any, vs: Any, create_graph: bool, strict: bool = False) -> list[Any]:
    used = [i for i, y in enumerate(ys) if y.requires_grad]
    if strict and len(used) < len(ys):
        missing = next(i for i in range(len(ys)) if i not in used)
        raise RuntimeError(
            f"Output {missing} of the user-provided function does not require gradients. The outputs must be computed "
            "in a differentiable manner from the input when running in strict mode."
        )
    if not used:
        return [zeros_like(x) for x in xs]
    starts = None if vs is None else [vs[i] for i in used]
    found = grad([ys[i] for i in used], xs, starts, retain_graph=True, create_graph=create_graph, allow_unused=True)
    if strict and any(g is None for g in found):
        missing = next(i for i, g in enumerate(found) if g is None)
        raise RuntimeError(
            f"The user-provided function is independent of input {missing}. This is not allowed in strict mode."
        )
    return [zeros_like(x) if g is None else g for x, g in zip(xs, found, strict=True)]


def _cotangents(v: Any, ys: tuple[Any, ...], name: str) -> list[Any]:
    if v is None:
        if len(ys) != 1 or ys[0].numel() != 1:
            raise RuntimeError(
                f"{name}: The vector v can only be None if the user-provided function returns (for jvp, vhp and "
                f"hvp: takes) "
                "a single Tensor with a single element."
            )
        return [ones_like(ys[0])]
    vs = list(_tuple(v))
    if len(vs) != len(ys) or any(a.shape != b.shape for a, b in zip(vs, ys, strict=True)):
        raise RuntimeError(
            f"{name}: v has shapes {[list(x.shape) for x in vs]}, expected {[list(y.shape) for y in ys]}"
        )
    return vs


def vjp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    r"""Return $f(x)$ and $J^\top v$."""
    with enable_grad():
        xs = _prepare("vjp", inputs, create_graph)
        out, ys = _call("vjp", func, xs)
        found = _gradients(ys, xs, _cotangents(v, ys, "vjp"), create_graph, strict)
    return _finish(ys, out, create_graph), _finish(found, inputs, create_graph)


def jvp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    r"""Return $f(x)$ and $Jv$: $J^\top u$ is linear in u, and its transpose applied to v is $Jv$."""
    with enable_grad():
        xs = _prepare("jvp", inputs, create_graph)
        vs = _cotangents(v, xs, "jvp")
        out, ys = _call("jvp", func, xs)
        us = [zeros_like(y).requires_grad_() for y in ys]
        pulled = _gradients(ys, xs, us, True, strict)
        found = _gradients(pulled, us, vs, create_graph)
    return _finish(ys, out, create_graph), _finish(found, out, create_graph)


def jacobian(
    func: Function, inputs: Any, create_graph: bool = False, strict: bool = False, vectorize: bool = False
) -> Any:
    r"""Return $J_{ij} = \partial y_i / \partial x_j$, of shape (*y, *x); nested tuples for several outputs or inputs."""
    with enable_grad():
        xs = _prepare("jacobian", inputs, create_graph)
        out, ys = _call("jacobian", func, xs)
        table = []
        for y in ys:
            rows = [_gradients([row], xs, None, create_graph, strict) for row in y.reshape(-1)]
            blocks = []
            for j, x in enumerate(xs):
                block = stack([r[j] for r in rows]) if rows else zeros_like(x).unsqueeze(0)[:0]
                blocks.append(block.reshape(*y.shape, *x.shape))
            table.append(_finish(blocks, inputs, create_graph))
    return _unpack(table, out)


def _scalar(func: Function) -> Function:
    def checked(*xs: Any) -> Tensor:
        y = func(*xs)
        if not isinstance(y, Tensor) or y.numel() != 1:
            raise RuntimeError("The Tensor returned by the function given to hessian should contain a single element")
        return y.reshape(())

    return checked


def hessian(
    func: Function, inputs: Any, create_graph: bool = False, strict: bool = False, vectorize: bool = False
) -> Any:
    r"""Return $H_{ij} = \partial^2 y / \partial x_i \partial x_j$ of a function with one number as its value."""

    def gradient(*xs: Any) -> Any:
        found = jacobian(_scalar(func), xs, create_graph=True)
        return found if isinstance(inputs, (list, tuple)) else found[0]

    return jacobian(gradient, inputs, create_graph=create_graph, strict=strict)


def vhp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    r"""Return $f(x)$ and $v^\top H$ (the Hessian is symmetric: the same as `hvp`)."""
    with enable_grad():
        xs = _prepare("vhp", inputs, create_graph)
        vs = _cotangents(v, xs, "vhp")
        y = _scalar(func)(*xs)
        pulled = _gradients([y], xs, None, True, strict)
        found = _gradients(pulled, xs, vs, create_graph)
    return _finish([y], y, create_graph), _finish(found, inputs, create_graph)


hvp = vhp
