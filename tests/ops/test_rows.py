"""Every row of the table of rows, in every way there is to check it."""

from __future__ import annotations

import contextlib
from itertools import product

import numpy as np
import pytest

import minitorch
from minitorch import Scalar, Tensor
from minitorch.autograd import grad
from minitorch.ops import elementwise as e
from minitorch.testing import LAYOUTS, check_gradients, check_twins
from minitorch.testing.checks import as_tuple, random_like
from minitorch.testing.close import on_host

from .. import strict
from .rows import ROWS, TABLE_OF_MINITORCH

DIFFERENTIABLE = [row for row in ROWS if row.differentiable]
CONSTANT = [row for row in ROWS if row.entry.constant]


def rows(chosen):
    return pytest.mark.parametrize("row", chosen, ids=[row.name for row in chosen])


def outputs(row, leaves):
    return [y for y in as_tuple(row.apply(*leaves))]


def gradients(ys, leaves, seed=0):
    """Pull random cotangents back; return what arrives at the floating leaves."""
    rng = np.random.default_rng(seed)
    ys = [y for y in ys if y.requires_grad]
    vs = [minitorch.tensor(random_like(on_host(y), rng), device=y.device) for y in ys]
    return grad(ys, [x for x in leaves if x.requires_grad], vs, allow_unused=True)


def test_every_primitive_has_a_row():
    assert {op.name for f, op in TABLE_OF_MINITORCH.items()} - {row.entry.name for row in ROWS} == set()
    assert len(TABLE_OF_MINITORCH) >= 111


@rows([row for row in ROWS if row.reference is not None])
def test_value_is_numpys(row, device):
    for y, expected in zip(outputs(row, row.leaves(device)), as_tuple(row.reference(*row.inputs)), strict=True):
        assert y.device == device or row.entry.name == "move"
        assert y.value.dtype == np.asarray(expected).dtype
        np.testing.assert_allclose(on_host(y), expected, rtol=1e-10, atol=1e-12)


@rows(DIFFERENTIABLE)
def test_derivatives_of_first_and_second_order_agree_with_differences(row, device):
    check_gradients(row.apply, *row.inputs, device=device, fast=device.type != "cpu")


@rows(CONSTANT)
def test_constant_is_never_recorded(row, device):
    assert not any(y.requires_grad for y in outputs(row, row.leaves(device)))


@rows(ROWS)
def test_layout_of_memory_does_not_matter(row, device):
    plain = row.leaves(device)
    expected = outputs(row, plain)
    slopes = gradients(expected, plain) if row.differentiable else ()
    for layout in LAYOUTS.values():
        xs = row.leaves(device, change=layout)
        ys = outputs(row, xs)
        for y, other in zip(ys, expected, strict=True):
            np.testing.assert_allclose(on_host(y), on_host(other), rtol=1e-12, atol=1e-14)
        for g, other in zip(gradients(ys, xs) if row.differentiable else (), slopes, strict=True):
            np.testing.assert_allclose(on_host(g), on_host(other), rtol=1e-11, atol=1e-13)


@rows(ROWS)
def test_float32_stays_float32(row, device):
    double = contextlib.nullcontext()
    if device.type == "strict":
        double = strict.forbid("float64", "complex128")  # not even on the way
    xs = row.leaves(device, "float32")
    with double:
        ys = outputs(row, xs)
        found = gradients(ys, xs) if row.differentiable else ()
    leaves = [x for x in xs if x.requires_grad and row.differentiable]
    assert {y.value.dtype.name for y in ys} <= {"float32", "complex64", "int64", "bool"}
    for g, x in zip(found, leaves, strict=True):
        assert g.value.dtype == x.value.dtype


@rows([row for row in ROWS if row.entry.name != "move"])
def test_nothing_waits_for_the_device(row):
    xs = row.leaves("strict:0")
    with strict.no_sync():
        ys = row.apply(*xs)
        loss = [y.sum() if y.value.dtype.kind == "f" else y.real.sum() for y in as_tuple(ys) if y.requires_grad]
        if loss:
            sum(loss[1:], loss[0]).backward()


@rows([row for row in DIFFERENTIABLE if row.entry.twins or row.entry.run is not row.entry.forward])
def test_tuned_twin_agrees_with_the_plain_formula(row, device):
    check_twins(row.apply, *row.inputs, device=device)


# ---- the same table on floats ----------------------------------------------------------------------------------------


def on_floats(row):
    return row.op.__module__ == e.__name__ and all(x.dtype.kind in "fb" for x in row.inputs) and row.entry.rules


@rows([row for row in ROWS if on_floats(row)])
def test_tensor_agrees_with_scalars(row):
    inputs = np.broadcast_arrays(*row.inputs)
    y = row.apply(*[Tensor.wrap(x.copy()) for x in inputs])
    for place in product(*map(range, inputs[0].shape)):
        numbers = [bool(x[place]) if x.dtype == bool else Scalar(x[place]) for x in inputs]
        leaves = [x for x in numbers if isinstance(x, Scalar)]
        z = row.apply(*numbers)
        assert z.item() == pytest.approx(on_host(y)[place], rel=1e-13)
        z.backward(create_graph=True)
        tensors = [minitorch.tensor(x[place], requires_grad=x.dtype != bool) for x in inputs]
        found = grad(row.apply(*tensors), [t for t in tensors if t.requires_grad], create_graph=True)
        for leaf, g in zip(leaves, found, strict=True):
            assert leaf.grad.item() == pytest.approx(g.item(), rel=1e-13)


def test_second_derivative_of_scalars_is_that_of_tensors():
    x, t = Scalar(0.7), minitorch.tensor(0.7, dtype=minitorch.float64, requires_grad=True)
    (x * e.tanh(x) ** 3.0).backward(create_graph=True)
    (g,) = grad(t * e.tanh(t) ** 3.0, [t], create_graph=True)
    first = x.grad
    x.grad = None
    first.backward()
    g.backward()
    assert x.grad.item() == pytest.approx(t.grad.item(), rel=1e-12)
