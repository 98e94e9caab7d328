r"""Derivatives as functions of functions: `grad(f)` is the function $x \mapsto \nabla f(x)$.

>>> from minitorch import func, tensor
>>> func.grad(lambda x: x**3)(tensor(2.0))
tensor(12.)
>>> func.grad(func.grad(lambda x: x**3))(tensor(2.0))
tensor(12.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .autograd import enable_grad, functional
from .autograd import grad as _grad
from .tensor import Tensor

Argnums = int | tuple[int, ...]


def grad_and_value(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return the function that computes the gradient with respect to some arguments, and the value."""
    numbers = (argnums,) if isinstance(argnums, int) else argnums

    def differentiated(*args: Any, **kwargs: Any) -> Any:
        with enable_grad():
            xs = [a.view_as(a) if a.requires_grad else a.detach().requires_grad_() for a in (args[i] for i in numbers)]
            moved = list(args)
            for i, x in zip(numbers, xs, strict=True):
                moved[i] = x
            out = func(*moved, **kwargs)
            y, aux = out if has_aux else (out, None)
            if not isinstance(y, Tensor) or y.dim() != 0:
                found_type = f"tensor with {y.dim()} dims" if isinstance(y, Tensor) else type(y).__name__
                raise RuntimeError(
                    f"grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got {found_type}: "
                    f"reduce it with "
                    ".sum() or .mean(), or use vjp or jacrev"
                )
            outer = any(isinstance(a, Tensor) and a.requires_grad for a in args)
            found = _grad(y, xs, create_graph=True, materialize_grads=True)
        found = tuple(g if outer else g.detach() for g in found)
        value = (y if outer else y.detach(), aux) if has_aux else (y if outer else y.detach())
        return (found[0] if isinstance(argnums, int) else found), value

    return differentiated


def grad(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return the function that computes the gradient of `func` with respect to some arguments."""
    both = grad_and_value(func, argnums, has_aux)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        found, value = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def vjp(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    r"""Return $f(x)$ and the function $v \mapsto J^\top v$."""
    with enable_grad():
        xs = [p.view_as(p) if p.requires_grad else p.detach().requires_grad_() for p in primals]
        y = func(*xs)

    def pull_back(v: Any) -> tuple[Any, ...]:
        return _grad(y, xs, v, retain_graph=True, materialize_grads=True)

    return y.detach(), pull_back


def jacrev(func: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    r"""Return the function that computes the Jacobian $\partial y_i / \partial x_j$, of shape (*y, *x)."""

    def jacobian(*args: Any) -> Any:
        create = args[argnums].requires_grad

        def of_one(x: Any) -> Any:
            return func(*args[:argnums], x, *args[argnums + 1 :])

        return functional.jacobian(of_one, args[argnums], create_graph=create)

    return jacobian


def hessian(func: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    r"""Return the function that computes $\partial^2 y / \partial x_i \partial x_j$."""

    def second(*args: Any) -> Any:
        def of_one(x: Any) -> Any:
            return func(*args[:argnums], x, *args[argnums + 1 :])

        return functional.hessian(of_one, args[argnums])

    return second
