"""Checks of functions of tensors: derivatives of any order, and good manners about memory."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..autograd import backward, grad
from ..autograd.differences import STEP
from ..autograd.gradcheck import GradcheckError, gradcheck, gradient_of
from ..backend.devices import library
from ..creation import as_tensor
from ..engine import Variable, observe
from ..tensor import Tensor
from .checks import as_tuple, random_like
from .close import assert_close, on_host


def check_gradients(
    function: Callable[..., Any],
    *inputs: Any,
    order: int = 2,
    device: Any = None,
    freeze: bool = True,
    fast: bool = False,
    rtol: float = 1e-3,
    atol: float = 1e-5,
    eps: float = STEP,
    seed: int = 0,
) -> None:
    r"""Check the gradients of a function of tensors, up to an order, against differences, with random cotangents.

    Inputs are arrays, numbers or tensors; those of type float64 and complex128 are differentiated by, all others
    are handed on as they are.  Derivatives of order n are those of $(x, v) \mapsto J^\top v$ of order n - 1, in the
    cotangent as well; with `fast`, along one random direction only.

    Checked are also: shape, type and device of the gradients; that they share memory with nothing; that inputs and
    cotangents stay as they are; that the graph is freed as soon as nobody holds its outputs.  Everything computed on
    the way is read-only, in forward and backward (on the CPU), so that a rule which writes into what it is given
    fails; a function that works in place on its own intermediate results needs `freeze=False`.

    Raises:  AssertionError.
    """
    xs = [_leaf(x, device) for x in inputs]
    if not any(isinstance(x, Tensor) and x.requires_grad for x in xs):
        raise ValueError("check_gradients: no input is of type float64 or complex128: nothing to differentiate by")
    _check_manners(function, xs, freeze, np.random.default_rng(seed))
    arguments: tuple[Any, ...] = tuple(xs)
    for n in range(1, order + 1):
        try:
            gradcheck(function, arguments, eps=eps, rtol=rtol, atol=atol, fast_mode=fast)
        except GradcheckError as error:
            raise AssertionError(f"derivative of order {n}: {error}") from error
        if n < order:
            function, arguments = gradient_of(function, arguments)


def check_twins(
    function: Callable[..., Any],
    *inputs: Any,
    device: Any = None,
    rtol: float = 1e-7,
    atol: float = 1e-10,
    seed: int = 0,
) -> None:
    """Check that tuned twins agree with the plain formulas: forward functions, first and second derivatives.

    Without `create_graph` the twins of the rules run, with it the rules themselves; the plain forward function of
    every primitive that is applied stands beside its tuned one in the table.

    Raises:  AssertionError.
    """
    rng = np.random.default_rng(seed)
    xs = [_leaf(x, device) for x in inputs]

    def compare(op: Any, args: Any, options: Any, result: Any) -> None:
        plain = op.forward(*[getattr(a, "value", a) for a in args], **options)
        for a, b in zip(as_tuple(result), as_tuple(plain), strict=True):
            np.testing.assert_allclose(on_host(a), _array_on_host(b), rtol, atol, err_msg=f"{op.name} is not its twin")

    with observe(compare):
        function(*xs)
    arguments: tuple[Any, ...] = tuple(xs)
    for n in (1, 2):
        wanted = [x for x in arguments if isinstance(x, Tensor) and x.requires_grad]
        ys = [y for y in as_tuple(function(*arguments)) if y.requires_grad]
        vs = [as_tensor(random_like(on_host(y), rng), device=y.device) for y in ys]
        if not ys:
            return
        tuned = grad(ys, wanted, vs, retain_graph=True, allow_unused=True)
        plain = grad(ys, wanted, vs, create_graph=True, allow_unused=True)
        for i, (a, b) in enumerate(zip(tuned, plain, strict=True)):
            if (a is None) != (b is None):
                raise AssertionError(f"derivative of order {n}: of input {i}, the twin or the plain rule has none")
            if a is not None:
                assert_close(a, b, rtol=rtol, atol=atol, msg=f"derivative {n} by input {i}: twin and rule differ")
        function, arguments = gradient_of(function, arguments)


def _leaf(x: Any, device: Any) -> Any:
    """Return an input as a tensor on a device, which requires grad if it can and has double precision."""
    if not isinstance(x, (Tensor, np.ndarray, np.generic, float, complex)):
        return x
    array = np.array(on_host(x))
    leaf = as_tensor(array, device=x.device if isinstance(x, Tensor) and device is None else device)
    if array.dtype.kind in "fc":
        if array.dtype not in (np.float64, np.complex128):
            raise ValueError(f"check_gradients: an input is {array.dtype}; differences need float64: convert it")
        leaf.requires_grad_()
    return leaf


def _check_manners(function: Callable[..., Any], xs: list[Any], freeze: bool, rng: np.random.Generator) -> None:
    """Walk forward and back once, with everything read-only, and look at what came out."""
    tensors = [x for x in xs if isinstance(x, Tensor)]
    before = [on_host(x).copy() for x in tensors]
    if freeze:
        _freeze_values(tensors)
    try:
        with observe(_freeze_result if freeze else None):
            ys = [y for y in as_tuple(function(*xs)) if isinstance(y, Tensor) and y.requires_grad]
            if not ys:
                raise AssertionError("no output requires grad: the function is constant, or computes outside the graph")
            gs = [as_tensor(random_like(on_host(y), rng), device=y.device) for y in ys]
            given = [on_host(g).copy() for g in gs]
            if freeze:
                _freeze_values(gs)
        backward(ys, gs)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise AssertionError(f"something is written to that was given, or is shared: {error}") from error
    for name, old, now in (("input", before, tensors), ("cotangent", given, gs)):
        for i, (a, b) in enumerate(zip(old, now, strict=True)):
            if a.tobytes() != on_host(b).tobytes():
                raise AssertionError(f"{name} {i} was changed")
    _check_gradients_of([x for x in tensors if x.requires_grad], gs)
    nodes = [weakref.ref(y.grad_fn) for y in ys if y.grad_fn is not None]
    del ys
    if any(node() is not None for node in nodes):
        raise AssertionError("the graph outlives its outputs: something holds it, or it has a reference cycle")


def _freeze_values(tensors: list[Any]) -> None:
    for x in tensors:
        if isinstance(x.value, np.ndarray):
            x.value.flags.writeable = False


def _freeze_result(op: Any, args: Any, options: Any, result: Any) -> None:
    """Make a result read-only, and the gradient that will arrive for it."""
    for y in as_tuple(result):
        _freeze_values([y])
        if y.requires_grad and y.grad_fn is not None:
            y.register_hook(lambda g: _freeze_values([g]))


def _check_gradients_of(leaves: list[Any], cotangents: list[Any]) -> None:
    seen: list[tuple[str, Variable]] = [(f"cotangent {i}", g) for i, g in enumerate(cotangents)]
    for i, x in enumerate(leaves):
        if x.grad is None:
            continue
        if x.meta(x.grad.value) != x.meta(x.value):
            raise AssertionError(f"gradient {i} is {x.meta(x.grad.value)}, its input {x.meta(x.value)}")
        for name, other in [*seen, (f"input {i}", x)]:
            together = x.meta(other.value)[2] == x.meta(x.value)[2]  # on one device
            if together and library(x.value).may_share_memory(x.grad.value, other.value):
                raise AssertionError(f"gradient {i} shares memory with {name}")
        seen.append((f"gradient {i}", x.grad))


def _array_on_host(x: Any) -> Any:
    return on_host(x if isinstance(x, (np.ndarray, np.generic, float, int)) else Tensor.wrap(x))
