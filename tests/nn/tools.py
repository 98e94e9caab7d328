"""What the tests of layers share: arrays and tensors, derivatives of whole layers, PyTorch as a referee."""

from __future__ import annotations

from typing import Any

import numpy as np

import minitorch
from minitorch.testing import check_gradients

RNG = np.random.default_rng(0)


def randn(*shape: int) -> Any:
    """Return normally distributed numbers."""
    return RNG.standard_normal(shape)


def numbers(tensor: Any) -> Any:
    """Return the numbers of a tensor as an array of the host."""
    return tensor.detach().cpu().numpy()


def on(device: Any, array: Any) -> Any:
    """Return an array as a tensor on a device."""
    return minitorch.tensor(array, device=device)


def check_layer(layer: Any, *inputs: Any, device: Any, order: int = 2, **options: Any) -> None:
    """Check the derivatives of a layer, by its inputs and all its parameters, along random directions."""
    layer = layer.double().to(device)
    places = [(m, name) for m in layer.modules() for name, p in m._parameters.items() if p is not None]
    start = [numbers(m._parameters[name]) for m, name in places]

    def function(*values: Any) -> Any:
        for (module, name), value in zip(places, values[len(inputs) :], strict=True):
            module._parameters[name] = value
        return layer(*values[: len(inputs)])

    check_gradients(function, *inputs, *start, device=device, order=order, fast=True, **options)


# ---- PyTorch ---------------------------------------------------------------------------------------------------------


def pair(torch: Any, name: str, *args: Any, **options: Any) -> tuple[Any, Any]:
    """Return the layer of both libraries, which print alike, with the same numbers in every entry, moved by key."""
    ours, theirs = getattr(minitorch.nn, name)(*args, **options), getattr(torch.nn, name)(*args, **options)
    assert repr(ours) == repr(theirs)
    state = {k: v if v.ndim == 0 else abs(randn(*v.shape)) + 0.1 for k, v in theirs.state_dict().items()}
    assert list(ours.state_dict()) == list(state)
    theirs.double().load_state_dict({k: torch.as_tensor(v) for k, v in state.items()})
    ours.double().load_state_dict({k: minitorch.tensor(np.asarray(v)) for k, v in state.items()})
    return ours, theirs


class Fixed:
    """An array that becomes a tensor without a gradient."""

    def __init__(self, array: Any) -> None:
        self.array = array


def convert(library: Any, value: Any, leaves: list[Any]) -> Any:
    """Return arrays as tensors of a library, those of floats as leaves that require grad; anything else as it is."""
    if isinstance(value, (tuple, list)) and any(isinstance(v, (np.ndarray, Fixed)) for v in value):
        return type(value)(convert(library, v, leaves) for v in value)
    if isinstance(value, Fixed):
        return library.tensor(value.array)
    if not isinstance(value, np.ndarray):
        return value
    tensor = library.tensor(value)
    if value.dtype.kind == "f":
        leaves.append(tensor.requires_grad_())
    return tensor


def flat(result: Any) -> list[Any]:
    """Return all tensors of a result."""
    if isinstance(result, (tuple, list)):
        return [tensor for part in result for tensor in flat(part)]
    return [] if result is None else [result]


def run(library: Any, function: Any, args: Any, options: Any, parameters: Any = ()) -> list[Any]:
    """Return the outputs of a function, and the gradients of its inputs and parameters for fixed random cotangents."""
    leaves: list[Any] = []
    for parameter in parameters:
        parameter.grad = None
    args = [convert(library, a, leaves) for a in args]
    ys = flat(function(*args, **{k: convert(library, v, leaves) for k, v in options.items()}))
    rng = np.random.default_rng(1)
    loss = sum((y * library.tensor(rng.standard_normal(tuple(y.shape)))).sum() for y in ys if y.is_floating_point())
    loss.backward()
    found = [leaf.grad for leaf in (*leaves, *parameters)]
    return [y.detach().numpy() for y in ys] + [np.zeros(0) if g is None else g.numpy() for g in found]


def same(ours: list[Any], theirs: list[Any], rtol: float = 1e-7, atol: float = 1e-10) -> None:
    """Compare two lists of arrays, shapes included."""
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        assert a.shape == b.shape, i
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg=f"result {i}")


def same_layer(torch: Any, name: str, args: Any, options: Any, inputs: Any, extra: Any = None) -> None:
    """Compare a layer with PyTorch's: its text, its state, outputs, gradients of inputs and parameters."""
    ours, theirs = pair(torch, name, *args, **options)
    extra = extra or {}
    same(
        run(minitorch, ours, inputs, extra, list(ours.parameters())),
        run(torch, theirs, inputs, extra, list(theirs.parameters())),
    )


def same_function(torch: Any, name: str, args: Any, options: Any) -> None:
    """Compare a function with PyTorch's: outputs and gradients."""
    functions = (getattr(library.nn.functional, name) for library in (minitorch, torch))
    ours, theirs = (run(lib, f, args, options) for lib, f in zip((minitorch, torch), functions, strict=True))
    same(ours, theirs)
