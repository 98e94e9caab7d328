"""`grad` and `backward` of several outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import engine
from ..creation import zeros_like
from ..functions.history import check_inputs, start_gradient
from ..tensor import Tensor

Tensors = Tensor | Sequence[Tensor]


def _sequence(x: Any) -> list[Any]:
    return list(x) if isinstance(x, (list, tuple)) else [x]


def _starts(outputs: list[Any], gradients: Any, create_graph: bool) -> list[Any]:
    given = [None] * len(outputs) if gradients is None else _sequence(gradients)
    if len(given) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(given)} gradients")
    return [start_gradient(y, g, create_graph, i) for i, (y, g) in enumerate(zip(outputs, given, strict=True))]


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    r"""Return $\partial L / \partial x$ for each input x, where $L = \sum_i \langle \bar y_i, y_i \rangle$; no `.grad` changes.

    Raises:  RuntimeError for an input that the outputs do not depend on, unless `allow_unused` (then None) or
    `materialize_grads` (then zeros).
    """
    ys, xs = _sequence(outputs), _sequence(inputs)
    if is_grads_batched:
        raise NotImplementedError("grad(): is_grads_batched is not supported: call grad once for every cotangent")
    if allow_unused is False and materialize_grads:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    for i, x in enumerate(xs):
        if not x.requires_grad:
            raise RuntimeError(
                f"One of the differentiated Tensors does not require grad (input {i}): call "
                f"requires_grad_() before computing"
            )
    retain = create_graph if retain_graph is None else retain_graph
    found = engine.gradients(ys, _starts(ys, grad_outputs, create_graph), xs, retain, create_graph)
    results: list[Any] = []
    for i, (x, g) in enumerate(zip(xs, found, strict=True)):
        if g is None and materialize_grads:
            results.append(zeros_like(x))
            continue
        if g is None and not allow_unused:
            raise RuntimeError(
                "One of the differentiated Tensors appears to not have been used in the graph. "
                f"Set allow_unused=True if this is the desired behavior (input {i})."
            )
        g = None if g is None else x.conjugate(g)
        results.append(g if g is None or isinstance(g, Tensor) else Tensor.wrap(x.own(g)))
    return tuple(results)


def backward(
    tensors: Tensors,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add the gradients of several outputs to the leaves' `.grad`, in one walk."""
    ys = _sequence(tensors)
    retain = create_graph if retain_graph is None else retain_graph
    starts = _starts(ys, grad_tensors, create_graph)
    engine.backward(ys, starts, retain, create_graph, None if inputs is None else check_inputs(inputs))
