"""Types: the table of promotion, held by every function that mixes types, and conversions."""

from __future__ import annotations

import itertools
import operator
import warnings
from typing import Any

import numpy as np
import pytest

import minitorch as mt

# PyTorch's documented rules as a table: the type of a mixture of two tensors that both have dimensions.
# Booleans, integers, floats and complex numbers are four categories; the higher one wins, within one the wider type.
NAMES = "bool uint8 int8 int16 int32 int64 float16 float32 float64 complex64 complex128".split()
SHORT = dict(zip("b1 u1 i1 i2 i4 i8 f2 f4 f8 c8 c16".split(), NAMES, strict=True))
ROWS = """
    b1  u1  i1  i2  i4  i8  f2  f4  f8  c8  c16
    u1  u1  i2  i2  i4  i8  f2  f4  f8  c8  c16
    i1  i2  i1  i2  i4  i8  f2  f4  f8  c8  c16
    i2  i2  i2  i2  i4  i8  f2  f4  f8  c8  c16
    i4  i4  i4  i4  i4  i8  f2  f4  f8  c8  c16
    i8  i8  i8  i8  i8  i8  f2  f4  f8  c8  c16
    f2  f2  f2  f2  f2  f2  f2  f4  f8  c8  c16
    f4  f4  f4  f4  f4  f4  f4  f4  f8  c8  c16
    f8  f8  f8  f8  f8  f8  f8  f8  f8  c16 c16
    c8  c8  c8  c8  c8  c8  c8  c8  c16 c8  c16
    c16 c16 c16 c16 c16 c16 c16 c16 c16 c16 c16
"""
TABLE = {
    (a, b): SHORT[cell]
    for a, row in zip(NAMES, ROWS.strip().splitlines(), strict=True)
    for b, cell in zip(NAMES, row.split(), strict=True)
}
CATEGORY = {name: min(NAMES.index(name), 1) + (NAMES.index(name) > 5) + (NAMES.index(name) > 8) for name in NAMES}
NUMBERS = {True: "bool", 3: "int64", 2.5: "float32", 1j: "complex64"}  # and the type that each has on its own
PAIRS = list(itertools.product(NAMES, NAMES))


def of(name: str, shape: Any, torch: Any = mt) -> Any:
    """Ones of a type."""
    return torch.ones(shape, dtype=getattr(torch, name))


def mixed(strong: str, weak: str) -> str:
    """The type of a mixture where one side weighs less: only its category counts, unless that is the higher one."""
    if CATEGORY[weak] <= CATEGORY[strong]:
        return strong
    return TABLE[strong, weak] if CATEGORY[strong] < 2 else {"float64": "complex128"}.get(strong, "complex64")


def refused(name: str, a: str, b: str) -> bool:
    """Whether PyTorch has no answer: differences of booleans, powers of booleans."""
    return (name == "sub" and "bool" in (a, b)) or (name == "pow" and a == b == "bool")


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_promotion_of_two_types_is_the_table(a, b):
    assert str(mt.promote_types(getattr(mt, a), getattr(mt, b))) == f"torch.{TABLE[a, b]}"
    assert str(mt.result_type(of(a, 2), of(b, 2))) == f"torch.{TABLE[a, b]}"


def test_the_table_is_pytorchs(oracle):
    for a, b in PAIRS:
        assert str(oracle.promote_types(getattr(oracle, a), getattr(oracle, b))) == f"torch.{TABLE[a, b]}"


OPERATORS = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "pow": operator.pow}
JOINS = {
    "where": lambda t, x, y: t.where(t.tensor([True, False]), x, y),
    "cat": lambda t, x, y: t.cat([x, y]),
    "stack": lambda t, x, y: t.stack([x, y]),
    "maximum": lambda t, x, y: t.maximum(x, y),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_on_tensors_follow_the_table(name):
    for a, b in PAIRS:
        if not refused(name, a, b):
            assert str(OPERATORS[name](of(a, 2), of(b, 2)).dtype) == f"torch.{TABLE[a, b]}", (a, b)


@pytest.mark.parametrize("name", OPERATORS)
def test_a_tensor_without_dimensions_raises_the_category_only(name):
    for a, b in PAIRS:
        if not refused(name, a, b):
            assert str(OPERATORS[name](of(a, 2), of(b, ())).dtype) == f"torch.{mixed(a, b)}", (a, b)
        if not refused(name, b, a):
            assert str(OPERATORS[name](of(b, ()), of(a, 2)).dtype) == f"torch.{mixed(a, b)}", (b, a)
        if not refused(name, a, b):
            assert str(OPERATORS[name](of(a, ()), of(b, ())).dtype) == f"torch.{TABLE[a, b]}", (a, b)


@pytest.mark.parametrize("shape", [(2,), ()])
@pytest.mark.parametrize("name", OPERATORS)
def test_a_python_number_raises_the_category_only(name, shape):
    for a, (number, b) in itertools.product(NAMES, NUMBERS.items()):
        if not refused(name, a, b):
            assert str(OPERATORS[name](of(a, shape), number).dtype) == f"torch.{mixed(a, b)}", (a, number)
        if not refused(name, b, a):
            assert str(OPERATORS[name](number, of(a, shape)).dtype) == f"torch.{mixed(a, b)}", (number, a)


@pytest.mark.parametrize("name", JOINS)
def test_joins_and_choices_follow_the_table(name):
    for a, b in PAIRS:
        if name != "maximum" or "complex" not in TABLE[a, b]:
            assert str(JOINS[name](mt, of(a, 2), of(b, 2)).dtype) == f"torch.{TABLE[a, b]}", (a, b)


@pytest.mark.parametrize("compare", [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge])
def test_comparisons_are_boolean_whatever_is_compared(compare):
    for a, b in PAIRS:
        if compare in (operator.eq, operator.ne) or "complex" not in TABLE[a, b]:
            for x, y in ((of(a, 2), of(b, 2)), (of(a, 2), of(b, ())), (of(a, 2), 1), (1.5, of(b, 2))):
                assert compare(x, y).dtype is mt.bool, (a, b)


def test_division_of_integers_gives_the_default_float():
    for a, b in PAIRS:
        quotient = of(a, 2) / of(b, 2)
        expected = TABLE[a, b] if CATEGORY[TABLE[a, b]] > 1 else "float32"
        assert str(quotient.dtype) == f"torch.{expected}", (a, b)
        mt.set_default_dtype(mt.float64)
        assert (
            str((of(a, 2) / of(b, 2)).dtype) == f"torch.{expected if expected != 'float32' else quotient_default(a, b)}"
        )
        mt.set_default_dtype(mt.float32)


def quotient_default(a: str, b: str) -> str:
    return "float64" if CATEGORY[TABLE[a, b]] < 2 else "float32"


def test_types_of_mixtures_are_pytorchs(oracle):
    """The same expressions in both libraries: two dimensions, none, and numbers, on either side."""
    shapes: list[Any] = [(2,), ()]
    functions = {**OPERATORS, "div": operator.truediv, "floordiv": operator.floordiv, "mod": operator.mod}
    compared = 0
    for name, f in functions.items():
        for a, b in PAIRS:
            for s, t in itertools.product(shapes, shapes):
                compared += same_type(oracle, name, lambda torch: f(of(a, s, torch), of(b, t, torch)))  # noqa: B023
        for a, number, s in itertools.product(NAMES, NUMBERS, shapes):
            if (name, a, number) == ("pow", "bool", True):  # docs/differences.md
                continue
            compared += same_type(oracle, name, lambda torch: f(of(a, s, torch), number))  # noqa: B023
            compared += same_type(oracle, name, lambda torch: f(number, of(a, s, torch)))  # noqa: B023
    for name, g in JOINS.items():
        for a, b in PAIRS:
            compared += same_type(oracle, name, lambda torch: g(torch, of(a, 2, torch), of(b, 2, torch)))  # noqa: B023
    assert compared > 4000


def same_type(oracle: Any, name: str, expression: Any) -> int:
    results = []
    for torch in (mt, oracle):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                results.append(str(expression(torch).dtype).replace("complex32", "complex64"))  # there is none here
        except (RuntimeError, TypeError) as error:
            if "ComplexHalf" in str(error):
                return 0
            results.append(f"refused: {type(error).__name__.replace('NotImplementedError', 'RuntimeError')}")
    assert results[0] == results[1], name
    return 1


# ---- integers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["uint8", "int8", "int16", "int32", "int64"])
def test_integers_wrap_around(name):
    kind = getattr(mt, name)
    top, bottom = mt.iinfo(kind).max, mt.iinfo(kind).min
    x = mt.tensor([top, bottom], dtype=kind)
    assert (x + 1)[0].item() == bottom
    assert (x - 1)[1].item() == top
    assert (x * 2).tolist() == [-2 if bottom else top - 1, 0]
    assert x.clone().add_(1)[0].item() == bottom


def test_numbers_beside_small_integers_wrap_around_too():
    x = mt.tensor([1, 2], dtype=mt.uint8)
    assert (x + 257).tolist() == [2, 3]
    assert (x - 3).tolist() == [254, 255]
    assert (x + (-1)).tolist() == [0, 1]
    assert (x > -1).tolist() == [False, False]  # -1 is 255 there


@pytest.mark.parametrize("write", [lambda x: x.fill_(300), lambda x: x.__setitem__(0, 300), lambda x: x.clamp(0, 300),
                                   lambda x: mt.full((2,), 300, dtype=mt.uint8), lambda x: mt.tensor(300, dtype=mt.uint8),
                                   lambda x: mt.where(mt.tensor([True, False]), x, 300),
                                   lambda x: x.masked_fill(mt.tensor([True, False]), 300)])  # fmt: skip
def test_what_is_written_or_chosen_must_fit(write):
    with pytest.raises(RuntimeError, match="value cannot be converted to type uint8"):
        write(mt.tensor([1, 2], dtype=mt.uint8))


@pytest.mark.parametrize("kind", ["int64", "int32", "uint8", "bool"])
def test_integers_and_booleans_cannot_require_grad(kind):
    x = of(kind, 2)
    for ask in (lambda: x.requires_grad_(), lambda: setattr(x, "requires_grad", True),
                lambda: mt.tensor([1], requires_grad=True), lambda: mt.zeros(2, dtype=x.dtype, requires_grad=True)):  # fmt: skip
        with pytest.raises(RuntimeError, match="floating point and complex dtype can require gradients"):
            ask()
    assert not x.requires_grad


def test_integer_division_and_remainder_round_down():
    a, b = mt.tensor([7, -7, 7, -7]), mt.tensor([2, 2, -2, -2])
    assert (a // b).tolist() == [3, -4, -4, 3]
    assert (a % b).tolist() == [1, 1, -1, -1]
    assert mt.div(a, b, rounding_mode="trunc").tolist() == [3, -3, -3, 3]
    for divide in (lambda: a // 0, lambda: a % 0, lambda: mt.div(a, 0, rounding_mode="floor")):
        with pytest.raises(RuntimeError, match="ZeroDivisionError"):
            divide()


def test_booleans_add_and_multiply_but_do_not_subtract():
    x, y = mt.tensor([True, True, False]), mt.tensor([True, False, False])
    assert (x + y).tolist() == [True, True, False]
    assert (x * y).tolist() == [True, False, False]
    assert (x + True).dtype is mt.bool
    for subtract in (lambda: x - y, lambda: x - 1, lambda: 1 - x, lambda: x.sub_(y), lambda: -x):
        with pytest.raises(RuntimeError, match="with two bool tensors|with a bool tensor|on a bool tensor"):
            subtract()


@pytest.mark.parametrize("function", [mt.abs, mt.floor, mt.ceil, mt.round, mt.trunc, mt.relu])
def test_functions_without_values_for_booleans_say_so(function):
    with pytest.raises(
        (NotImplementedError, RuntimeError), match="not implemented for 'Bool'|Boolean inputs not supported"
    ):
        function(mt.tensor([True]))


@pytest.mark.parametrize("function", [mt.floor, mt.ceil, mt.round, mt.trunc, mt.abs, mt.neg, mt.sign, mt.square])
def test_integers_stay_integers(function):
    x = mt.tensor([1, -2], dtype=mt.int32)
    assert function(x).dtype is mt.int32
    assert function(x) is not x


@pytest.mark.parametrize("kind", ["uint8", "int8", "int16", "int32", "int64", "bool"])
def test_sums_of_integers_are_int64(kind):
    x = of(kind, (2, 3))
    for y in (x.sum(), x.sum(1), x.prod(), x.prod(1), x.cumsum(1)):
        assert y.dtype is mt.int64
    assert x.sum(dtype=mt.int32).dtype is mt.int32
    assert x.sum(dtype=mt.float64).dtype is mt.float64


# ---- in place --------------------------------------------------------------------------------------------------------


def test_a_write_keeps_the_type_and_refuses_a_higher_category():
    words = {"uint8": "Byte", "int64": "Long", "float32": "Float", "complex64": "ComplexFloat", "bool": "Bool"}
    for a, b in PAIRS:
        x = of(a, 2)
        if CATEGORY[b] <= CATEGORY[a]:
            assert str(x.mul_(of(b, 2)).dtype) == f"torch.{a}"
        else:
            message = f"result type {words.get(TABLE[a, b], '')}.* can't be cast to the desired output type {words.get(a, '')}"
            with pytest.raises(RuntimeError, match=message):
                x.mul_(of(b, 2))


def test_copy_and_setitem_convert_to_any_type():
    for a, b in PAIRS:
        assert str(of(a, 2).copy_(of(b, 2)).dtype) == f"torch.{a}"
        x = of(a, 2)
        x[0] = of(b, ())
        assert str(x.dtype) == f"torch.{a}"


# ---- conversions -----------------------------------------------------------------------------------------------------


def test_conversion_of_floats_to_integers_truncates():
    x = mt.tensor([1.9, -1.9, 0.5, -0.5])
    assert x.int().tolist() == x.long().tolist() == [1, -1, 0, 0]
    assert x.bool().tolist() == [True] * 4
    assert mt.tensor([0.0, math_nan()]).bool().tolist() == [False, True]
    assert mt.tensor([-1, 256, 300]).byte().tolist() == [255, 0, 44]
    assert mt.tensor([200]).to(mt.int8).item() == -56


def math_nan() -> float:
    return float("nan")


def test_conversion_to_the_same_type_is_the_tensor_itself():
    x = mt.zeros(3)
    assert x.float() is x.to(mt.float32) is x.to("cpu") is x.to(x) is x.type_as(x) is x.type(mt.float32) is x.cpu() is x
    assert x.to(mt.float32, copy=True) is not x


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "complex64", "complex128"])
def test_gradients_come_back_in_the_type_of_their_variable(kind):
    x = of(kind, 3).requires_grad_()
    (x.to(mt.complex128) * 2).abs().sum().backward()
    assert x.grad is not None
    assert x.grad.dtype is x.dtype
    np.testing.assert_allclose(x.grad.numpy(), 2)


@pytest.mark.parametrize(("data", "name"), [
    (1, "int64"), (1.0, "float32"), (True, "bool"), (1j, "complex64"), ([], "float32"), ([[]], "float32"), ([1, 2], "int64"),
    ([1, 2.0], "float32"), ([True, 2], "int64"), ([True, 2.0], "float32"), ([1, 2j], "complex64"),
    (np.float64(1), "float64"), (np.float32(1), "float32"), (np.int8(1), "int8"), ([np.float32(1)], "float32"),
    ([1, np.float64(2)], "float64"), ([np.int64(1), 2.0], "float32"), (np.zeros(2), "float64"),
    (np.zeros(2, np.float16), "float16"), ([np.zeros(2), np.zeros(2)], "float64"), (range(3), "int64"), ((1, 2), "int64"),
    ([mt.tensor(1.0), 2], "float32"), ([mt.tensor(1), 2], "int64"), ([mt.tensor([1.0])], "float32"),
])  # fmt: skip
def test_the_type_of_data_is_inferred(data, name):
    assert str(mt.tensor(data).dtype) == f"torch.{name}"


@pytest.mark.parametrize("default", ["float64", "float16"])
def test_the_default_type_is_that_of_new_floats(default):
    kind = getattr(mt, default)
    mt.set_default_dtype(kind)
    try:
        for x in (mt.tensor(1.5), mt.tensor([1.0]), mt.zeros(1), mt.ones(1), mt.empty(1), mt.eye(1), mt.rand(1), mt.randn(1),
                  mt.arange(2.0), mt.linspace(0, 1, 2), mt.full((1,), 1.5), mt.tensor([1]) / 2, mt.tensor([1]) * 1.5,
                  mt.tensor([1]).exp(), mt.Tensor([1]), mt.logspace(0, 1, 2)):  # fmt: skip
            assert x.dtype is kind
        assert mt.tensor(1).dtype is mt.int64
        assert mt.tensor(1j).dtype is kind.to_complex()
        assert mt.zeros(1, dtype=mt.float32).dtype is mt.float32
    finally:
        mt.set_default_dtype(mt.float32)


@pytest.mark.parametrize("wrong", [mt.int64, "float32", float, None])
def test_only_floating_types_can_be_the_default(wrong):
    with pytest.raises(TypeError, match="only floating-point types are supported as the default type"):
        mt.set_default_dtype(wrong)


def test_half_precision_computes_in_half_precision():
    x = mt.tensor([1.0, 2.0, 3.0], dtype=mt.float16)
    for y in (x + x, x * 1.5, x.exp(), x.sum(), x.mean(), x @ x, x.softmax(0), x.sqrt(), x / 3):
        assert y.dtype is mt.float16
    np.testing.assert_allclose((x * 1.5).numpy(), [1.5, 3.0, 4.5])
