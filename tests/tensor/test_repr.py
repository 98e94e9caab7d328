"""Whole tensors printed: the numbers, and what follows them: device, type, size, history.  PyTorch is the referee."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitorch as mt
from minitorch import nn
from minitorch.printing import printoptions

NAN, INF = float("nan"), float("inf")
FIXED = [  # what PyTorch 2.13 prints
    (lambda: mt.tensor(1.5, requires_grad=True), "tensor(1.5000, requires_grad=True)"),
    (lambda: mt.tensor([1.0, 2.0], requires_grad=True), "tensor([1., 2.], requires_grad=True)"),
    (lambda: mt.ones(2, requires_grad=True) * 2, "tensor([2., 2.], grad_fn=<MulBackward0>)"),
    (lambda: mt.ones(2, requires_grad=True).sum(), "tensor(2., grad_fn=<SumBackward0>)"),
    (lambda: (mt.ones(2, requires_grad=True) * 2).detach(), "tensor([2., 2.])"),
    (lambda: mt.ones(2, dtype=mt.float64, requires_grad=True), "tensor([1., 1.], dtype=torch.float64, requires_grad=True)"),
    (lambda: nn.Parameter(mt.tensor([1.0, -1.0])), "Parameter containing:\ntensor([ 1., -1.], requires_grad=True)"),
    (lambda: mt.zeros(0, 3, requires_grad=True), "tensor([], size=(0, 3), requires_grad=True)"),
    (lambda: mt.tensor([True, False]), "tensor([ True, False])"),
    (lambda: mt.tensor([1, -20]), "tensor([  1, -20])"),
    (lambda: mt.tensor([1, 2], dtype=mt.uint8), "tensor([1, 2], dtype=torch.uint8)"),
    (lambda: mt.tensor([NAN, INF, -INF, 1.5]), "tensor([   nan,    inf,   -inf, 1.5000])"),
    (lambda: mt.tensor([1 + 2j]), "tensor([1.+2.j])"),
    (lambda: mt.arange(4.0).view(2, 2).t(), "tensor([[0., 2.],\n        [1., 3.]])"),
    (lambda: mt.tensor([1e-8, 1.0]), "tensor([1.0000e-08, 1.0000e+00])"),
    (lambda: mt.arange(2000), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"),
    (lambda: mt.tensor([[3.0, 1.0]]).max(1), "torch.return_types.max(\nvalues=tensor([3.]),\nindices=tensor([0]))"),
    (lambda: mt.tensor([3.0, 1.0]).sort(), "torch.return_types.sort(\nvalues=tensor([1., 3.]),\nindices=tensor([1, 0]))"),
    (lambda: mt.Size([2, 3]), "torch.Size([2, 3])"),
    (lambda: mt.ones(2).to("strict"), "tensor([1., 1.], device='strict:0')"),
    (lambda: mt.ones(2, device="strict:1", dtype=mt.float64), "tensor([1., 1.], device='strict:1', dtype=torch.float64)"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "expected"), FIXED, ids=range(len(FIXED)))
def test_tensor_is_printed_as_pytorch_prints_it(make, expected):
    assert repr(make()) == str(make()) == expected


def test_default_type_is_not_named():
    mt.set_default_dtype(mt.float64)
    try:
        assert repr(mt.ones(1)) == "tensor([1.], dtype=torch.float64)".replace(", dtype=torch.float64", "")
        assert repr(mt.ones(1, dtype=mt.float32)) == "tensor([1.], dtype=torch.float32)"
    finally:
        mt.set_default_dtype(mt.float32)


def test_options_change_what_tensors_print():
    x = mt.tensor([1.23456789, 1000.0])
    mt.set_printoptions(precision=2, sci_mode=False)
    try:
        assert repr(x) == "tensor([   1.23, 1000.00])"
        assert f"{x[0]:.3f}" == "1.235"
    finally:
        mt.set_printoptions(profile="default")
    assert repr(x) == "tensor([   1.2346, 1000.0000])"


NUMBERS = st.one_of(
    st.floats(width=32),
    st.integers(-2000, 2000).map(float),
    st.sampled_from([0.0, -0.0, 1.0, INF, -INF, NAN, 1e-4, 9.9e-5, 1e8, 1.0001e8, 1000.0, 1001.0, 0.5]),
    st.floats(-10, 10, width=32).map(lambda x: round(x, 2)),
)
KINDS = ["float32"] * 4 + ["float64", "float16", "int64", "int32", "uint8", "int8", "bool", "complex64", "complex128"]


@st.composite
def printed(draw: Any) -> tuple[np.ndarray, dict[str, Any], str]:
    """An array, some options, and what was done to the tensor."""
    shape = tuple(draw(st.lists(st.sampled_from([0, 1, 2, 2, 3, 3, 4, 9]), max_size=4)))
    size = int(np.prod(shape))
    pool = draw(st.lists(NUMBERS, min_size=1, max_size=6))
    numbers = np.array([pool[i % len(pool)] for i in range(size)]).reshape(shape)
    kind = np.dtype(draw(st.sampled_from(KINDS)))
    with np.errstate(all="ignore"):
        if kind.kind == "c":
            numbers = numbers + 1j * numbers[..., ::-1] if shape else numbers + 0j
        elif kind.kind in "iub":
            numbers = np.nan_to_num(numbers, posinf=0, neginf=0) % 1e6 // 1
        array = np.asarray(numbers).astype(kind)
    options = {
        name: draw(st.sampled_from(values))
        for name, values in {"precision": [0, 2, 6], "threshold": [0, 10, 50], "edgeitems": [1, 2], "linewidth": [30, 60, 120],
                             "sci_mode": [True, False], "profile": ["short", "full"]}.items()
        if draw(st.integers(0, 3)) == 0
    }  # fmt: skip
    done = draw(st.sampled_from(["", "requires_grad", "clone", "parameter", "transpose"]))
    return array, options, done


def prepared(torch: Any, array: np.ndarray, done: str) -> Any:
    """The tensor after what was done to it."""
    x = torch.from_numpy(array.copy())
    if done == "transpose":
        return x.mT if x.ndim >= 2 else x
    if done and array.dtype.kind in "fc":
        x = torch.nn.Parameter(x) if done == "parameter" else x.requires_grad_()
        return x.clone() if done == "clone" else x
    return x


@settings(max_examples=300)
@given(printed())
def test_tensor_is_printed_as_pytorch_prints_it_whatever_is_in_it(oracle, case):
    array, options, done = case
    oracle.set_printoptions(**options)
    try:
        expected = repr(prepared(oracle, array, done))
    finally:
        oracle.set_printoptions(profile="default")
    with printoptions(**options):
        assert repr(prepared(mt, array, done)) == expected
