"""Types of mixtures, whatever is mixed: functions of two and three operands, with and without dimensions, and numbers.

`test_types.py` has the table and goes through all pairs for the operators; here Hypothesis draws function, operands and the
default type.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitorch as mt

from .test_types import CATEGORY, NAMES, TABLE, mixed

NUMBERS = [True, False, 0, 1, -3, 2.5, 1j]
FORMS = ["tensor", "0-d", "number"]
TWO = (
    "add sub mul div true_divide pow floor_divide remainder maximum minimum atan2 eq ne lt le gt ge logical_and logical_or "
    "logical_xor bitwise_and bitwise_or bitwise_xor outer result_type"
).split()
THREE = "where clamp addcmul addcdiv lerp cat stack sum_of_three".split()
ONE = (
    "abs acos asin atan ceil cos cosh erf exp exp2 expm1 floor log log10 log1p log2 neg positive reciprocal relu round rsqrt "
    "sigmoid sign sin sinh sqrt square tan tanh trunc sum mean prod std var amax amin argmax argmin max min any all cumsum "
    "logsumexp norm softmax log_softmax isnan isinf isfinite logical_not bitwise_not sort topk nonzero flip tril unsqueeze"
).split()
ARGUMENTS = {
    "cumsum": (0,),
    "logsumexp": (0,),
    "softmax": (0,),
    "log_softmax": (0,),
    "topk": (1,),
    "flip": (0,),
    "unsqueeze": (0,),
}


def operand(torch: Any, what: tuple[str, str, Any]) -> Any:
    """A tensor of ones, one without dimensions, or a number."""
    form, name, number = what
    return number if form == "number" else torch.ones((2,) if form == "tensor" else (), dtype=getattr(torch, name))


def apply(torch: Any, name: str, operands: list[Any]) -> Any:
    """Call a function of several operands."""
    if name in TWO:
        return getattr(torch, name)(*operands[:2])
    a, b, c = operands
    if name == "where":
        return torch.where(torch.tensor([True, False]), a, b)
    if name in ("cat", "stack"):
        return getattr(torch, name)([a, b, c])
    if name == "sum_of_three":
        return a + b * c
    return getattr(torch, name)(a, b, c)


def type_of(torch: Any, name: str, operands: list[Any]) -> str:
    """The type of the result, or the class of the refusal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = apply(torch, name, [operand(torch, o) for o in operands])
        except (RuntimeError, TypeError, AttributeError) as error:
            return "ComplexHalf" if "ComplexHalf" in str(error) else "refused"
    found = found[0] if isinstance(found, tuple) else found
    return str(getattr(found, "dtype", type(found) if not str(found).startswith("torch.") else found))


operands = st.tuples(st.sampled_from(FORMS), st.sampled_from(NAMES), st.sampled_from(NUMBERS))
# minitorch answers where PyTorch refuses: numbers on the left, a number as one of two bounds (docs/differences.md)
ACCEPTED = {"clamp", "eq", "ne", "lt", "le", "gt", "ge"}


@settings(max_examples=600)
@given(st.sampled_from(TWO + THREE), operands, operands, operands, st.sampled_from(["float32", "float64"]))
def test_types_and_refusals_of_mixtures_are_pytorchs(oracle, name, a, b, c, default):
    if "number" in (a[0], b[0]) and a[0] == b[0]:
        return  # two numbers: Python's business
    results = []
    for torch in (mt, oracle):
        torch.set_default_dtype(getattr(torch, default))
        try:
            results.append(type_of(torch, name, [a, b, c]))
        finally:
            torch.set_default_dtype(torch.float32)
    ours, theirs = results
    if "complex32" in theirs or "ComplexHalf" in theirs:
        return  # there is none here
    if (name, a[1], b[0], type(b[2])) == ("pow", "bool", "number", bool):
        return  # docs/differences.md
    assert ours == theirs or (theirs == "refused" and name in ACCEPTED), (ours, theirs)


@settings(max_examples=300)
@given(st.sampled_from(ONE), st.sampled_from(NAMES), st.sampled_from(["float32", "float64"]))
def test_types_of_functions_of_one_tensor_are_pytorchs(oracle, name, kind, default):
    results = []
    for torch in (mt, oracle):
        torch.set_default_dtype(getattr(torch, default))
        try:
            x = torch.ones(2, 2, dtype=getattr(torch, kind))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                y = getattr(x, name)(*ARGUMENTS.get(name, ()))
            results.append(str((y[0] if isinstance(y, tuple) else y).dtype))
        except (RuntimeError, TypeError):
            results.append("refused")
        finally:
            torch.set_default_dtype(torch.float32)
    accepted = kind.startswith("complex") and name in ("sign", "softmax", "log_softmax")  # docs/differences.md
    assert results[0] == results[1] or accepted


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), min_size=1, max_size=5))
def test_sums_of_many_are_of_the_type_of_the_tables(parts):
    """Left to right, by the table alone; PyTorch need not be there."""
    (first, flat), *rest = parts
    total, name, dimensions = mt.ones(() if flat else (2,), dtype=getattr(mt, first)), first, not flat
    for other, is_flat in rest:
        total = total + mt.ones(() if is_flat else (2,), dtype=getattr(mt, other))
        if dimensions == (not is_flat):
            name = TABLE[name, other]
        else:
            name = mixed(name, other) if dimensions else mixed(other, name)
        dimensions = dimensions or not is_flat
        assert str(total.dtype) == f"torch.{name}"


@given(st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from(NAMES))
def test_promotion_is_a_lattice(a, b, c):
    kinds = [getattr(mt, n) for n in (a, b, c)]
    x, y, z = kinds
    join = mt.promote_types
    assert join(x, y) is join(y, x)
    assert join(x, x) is x
    if a != "float16" or "complex" not in (b, c):
        assert join(join(x, y), z) is join(x, join(y, z))
    assert mt.can_cast(x, join(x, y))
    assert CATEGORY[str(join(x, y))[6:]] == max(CATEGORY[a], CATEGORY[b])


@pytest.mark.parametrize(
    "number", [np.float64(2.5), np.float32(2.5), np.int64(3), np.int8(3), np.bool_(True), np.complex128(1j)]
)
@pytest.mark.parametrize("name", NAMES)
def test_numbers_of_numpy_weigh_no_more_than_pythons(name, number):
    x = mt.ones(2, dtype=getattr(mt, name))
    for mine, plain in (
        (x * number, x * number.item()),
        (number * x, number.item() * x),
        (x + number, x + number.item()),
    ):
        assert mine.dtype is plain.dtype
        assert mine.tolist() == plain.tolist()


@given(st.sampled_from(NAMES), st.sampled_from(NAMES), st.data())
def test_cast_there_and_back_keeps_what_fits(a, b, data):
    """A number that both types have comes back, with its gradient where both are floating."""
    number = data.draw(st.sampled_from([0, 1]))
    x = mt.full((2,), number, dtype=getattr(mt, a))
    if CATEGORY[a] > 1 and CATEGORY[b] > 1:
        x.requires_grad_()
    y = x.to(getattr(mt, b)).to(getattr(mt, a))
    assert y.tolist() == x.tolist()
    if x.requires_grad:
        y.abs().sum().backward()
        assert x.grad is not None
        assert x.grad.dtype is x.dtype
        assert all(math.isfinite(abs(g)) for g in x.grad.tolist())
