"""The engine's promises 11 and 12: numbers and arrays on either side, keywords and defaults; modes."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import minitorch
from minitorch import Scalar, Tensor, tensor
from minitorch.autograd import (
    detect_anomaly,
    enable_grad,
    grad,
    inference_mode,
    no_grad,
    set_detect_anomaly,
    set_grad_enabled,
)
from minitorch.engine import Primitive, current, defvjp, lift, observe


def leaf(*numbers):
    return tensor(list(numbers), dtype=minitorch.float64, requires_grad=True)


# ---- 11: strangers on either side ------------------------------------------------------------------------------------

OPERATORS = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b, "**": lambda a, b: a**b,
}  # fmt: skip
COMPANY = {
    "array": np.array([2.0, 3.0]), "0-d array": np.array(2.0), "float64": np.float64(2.0), "float32": np.float32(2.0),
    "int64": np.int64(2), "int": 2, "float": 2.0, "bool": True, "tensor": tensor([2.0, 3.0], dtype=minitorch.float64),
}  # fmt: skip


@pytest.mark.parametrize(
    ("operator", "company"), [(o, c) for o in OPERATORS for c in COMPANY if (o, c) != ("-", "bool")]
)
@pytest.mark.parametrize("left", [False, True], ids=["right", "left"])
def test_11_operators_with_company_on_either_side(operator, company, left):
    f, other = OPERATORS[operator], COMPANY[company]
    x = leaf(1.5, 2.5)
    y = f(other, x) if left else f(x, other)
    numbers, plain = (
        x.detach().numpy(),
        other.numpy() if isinstance(other, Tensor) else np.asarray(other, dtype=np.float64),
    )
    assert type(y) is Tensor
    assert y.dtype == minitorch.float64
    np.testing.assert_allclose(y.detach().numpy(), f(plain, numbers) if left else f(numbers, plain))
    y.sum().backward()
    h = 1e-6
    up, down = (f(plain, numbers + s) if left else f(numbers + s, plain) for s in (h, -h))
    np.testing.assert_allclose(x.grad.numpy(), (up - down) / (2 * h), rtol=1e-6)


@pytest.mark.parametrize("number", [2, 2.5, True, np.float64(2.5), np.int64(2)])
def test_11_numbers_do_not_change_the_type(number):
    x = minitorch.ones(2, requires_grad=True)
    for y in (
        x * number,
        number * x,
        x + number,
        x / number,
        number / x,
        x**number,
        number**x,
        x.mul(number),
        x.mul(other=number),
    ):
        assert y.dtype == minitorch.float32
    i = minitorch.ones(2, dtype=minitorch.int64)
    for y in (i * 2.5, i.mul(2.5), i.mul(other=2.5), minitorch.mul(input=i, other=2.5), 2.5 * i):
        assert y.dtype == minitorch.float32
        assert y.tolist() == [2.5, 2.5]


def test_11_comparisons_with_company():
    x = leaf(1.0, 3.0)
    assert (x > np.array([2.0, 2.0])).tolist() == [False, True]
    assert (np.array([2.0, 2.0]) > x).tolist() == [True, False]
    assert (np.float64(2.0) < x).tolist() == [False, True]
    assert (2 == x - 1).tolist() == [False, True]


@pytest.mark.parametrize(
    "stranger", ["2", None, [1.0, 2.0], {}, object()], ids=["str", "None", "list", "dict", "object"]
)
def test_11_strangers_are_refused_with_a_clear_type_error(stranger):
    x = leaf(1.0, 2.0)
    for f in (lambda: x * stranger, lambda: stranger * x, lambda: minitorch.add(x, stranger), lambda: x - stranger):
        with pytest.raises(
            TypeError,
            match=r"must be Tensor|unsupported operand|can only|can't multiply|argument|converted to an index",
        ):
            f()


def test_11_scalars_and_tensors_do_not_mix():
    for f in (lambda: Scalar(2.0) * leaf(1.0), lambda: leaf(1.0) + Scalar(2.0), lambda: tensor(1.0) / Scalar(2.0)):
        with pytest.raises(TypeError, match="cannot mix a (Scalar and a Tensor|Tensor and a Scalar)"):
            f()


def test_11_scalar_refuses_an_array():
    with pytest.raises(TypeError, match="use a Tensor for arrays"):
        Scalar(2.0) * np.ones(3)
    with pytest.raises(TypeError, match="use a Tensor for arrays"):
        np.ones(3) * Scalar(2.0)
    assert (np.float64(3.0) * Scalar(2.0)).item() == 6.0


# ---- 11: keywords, defaults, None ------------------------------------------------------------------------------------


def test_11_tensors_passed_by_keyword():
    for call in (
        lambda a, b: minitorch.mul(input=a, other=b), lambda a, b: minitorch.mul(a, other=b), lambda a, b: a.mul(other=b),
        lambda a, b: minitorch.mul(other=b, input=a),
    ):  # fmt: skip
        a, b = leaf(2.0), leaf(3.0)
        call(a, b).sum().backward()
        assert (a.grad.item(), b.grad.item()) == (3.0, 2.0)


@pytest.mark.parametrize(
    ("call", "at_a", "at_b"),
    [
        (lambda a, b: minitorch.add(input=a, other=b, alpha=3), 1.0, 3.0),
        (lambda a, b: minitorch.div(input=a, other=b), 1 / 3, -2 / 9),
        (lambda a, b: minitorch.pow(input=a, exponent=b), 12.0, 8 * np.log(2)),
        (lambda a, b: minitorch.where(condition=a < b, input=a, other=b), 1.0, 0.0),
        (lambda a, b: minitorch.maximum(input=a, other=b), 0.0, 1.0),
        (lambda a, b: minitorch.matmul(input=a[None], other=b[:, None]), 3.0, 2.0),
        (lambda a, b: minitorch.atan2(input=a, other=b), 3 / 13, -2 / 13),
        (lambda a, b: minitorch.nn.functional.linear(input=a[None], weight=b[None], bias=None), 3.0, 2.0),
    ],
    ids=["add", "div", "pow", "where", "maximum", "matmul", "atan2", "linear"],
)
def test_11_keywords_of_pytorch(call, at_a, at_b):
    a, b = leaf(2.0), leaf(3.0)
    found = grad(call(a, b).sum(), [a, b], materialize_grads=True)
    np.testing.assert_allclose([g.item() for g in found], [at_a, at_b])


def test_11_wrong_keywords_are_a_type_error_that_names_the_function():
    x = leaf(1.0)
    for call in (
        lambda: minitorch.mul(x, factor=x),
        lambda: minitorch.mul(x, x, other=x),
        lambda: minitorch.mul(input=x),
    ):
        with pytest.raises(TypeError, match="mul"):
            call()


def shifted(x, shift=None, scale=2.0):
    return x * scale if shift is None else x * scale + shift


optional = lift(Primitive(shifted))
defvjp(optional, x=lambda g, scale: g * scale, shift=lambda g: g)


def test_11_defaults_left_out_are_known_to_the_rules():
    x, b = leaf(1.0), leaf(5.0)
    for call, slope in (
        (lambda: optional(x), 2.0), (lambda: optional(x, b), 2.0), (lambda: optional(x, None), 2.0), (lambda: optional(x, None, 3.0), 3.0),
        (lambda: optional(x, scale=3.0), 3.0), (lambda: optional(x, shift=b), 2.0), (lambda: optional(scale=4.0, x=x), 4.0),
        (lambda: optional(x, scale=4.0, shift=b), 4.0), (lambda: optional(x, shift=None), 2.0),
    ):  # fmt: skip
        assert grad(call(), x)[0].item() == slope


def test_11_optional_tensors_that_are_none():
    F = minitorch.nn.functional
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    F.layer_norm(x, (2,), None, None).sum().backward()
    F.linear(x[None], w[None], None).sum().backward()
    assert w.grad.tolist() == [1.0, 2.0]


# ---- 12: modes as context managers, decorators, for generators, after exceptions, for each thread ----------------------


def test_12_no_grad_as_context_manager_and_reentrant():
    x, off = leaf(1.0), no_grad()
    with off:
        assert not (x * 2).requires_grad
        with off, enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


DECORATORS = {
    "no_grad": no_grad, "no_grad()": no_grad(), "inference_mode": inference_mode, "inference_mode()": inference_mode(),
    "set_grad_enabled": lambda f: set_grad_enabled(False)(f),
}  # fmt: skip


@pytest.mark.parametrize("decorator", list(DECORATORS.values()), ids=list(DECORATORS))
def test_12_decorator_with_and_without_parentheses(decorator):
    @decorator
    def f(x, *, factor=2):
        """Multiply."""
        return x * factor

    assert f.__name__ == "f"
    assert f.__doc__ == "Multiply."
    for _ in range(2):
        assert not f(leaf(1.0), factor=3).requires_grad
        assert minitorch.is_grad_enabled()


def test_12_decorated_recursion_and_nesting():
    @no_grad()
    def f(n):
        return n if n == 0 else f(n - 1) + (not minitorch.is_grad_enabled())

    assert f(5) == 5
    assert minitorch.is_grad_enabled()


def test_12_mode_is_restored_after_an_exception():
    before = current.mode
    for mode in (no_grad, inference_mode, detect_anomaly, lambda: set_grad_enabled(False), lambda: observe(print)):
        with pytest.raises(ZeroDivisionError), mode():
            1 / 0
        assert current.mode is before


def test_12_mode_is_restored_after_an_exception_in_backward_or_in_an_operation():
    x = leaf(1.0, 2.0)
    y = x * 1
    y.register_hook(lambda g: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        y.sum().backward()
    with pytest.raises(RuntimeError):
        minitorch.ones(2) + minitorch.ones(3)
    assert minitorch.is_grad_enabled()
    assert (x * 2).requires_grad


def test_12_set_grad_enabled_as_a_function_and_as_a_context():
    set_grad_enabled(False)
    try:
        assert not minitorch.is_grad_enabled()
    finally:
        set_grad_enabled(True)
    with set_grad_enabled(False):
        assert not minitorch.is_grad_enabled()
    assert minitorch.is_grad_enabled()
    with no_grad(), set_grad_enabled(True):
        assert minitorch.is_grad_enabled()


def test_12_generator_runs_in_its_mode_and_its_consumer_in_his():
    log = []

    @no_grad()
    def numbers():
        try:
            for i in range(3):
                log.append(minitorch.is_grad_enabled())
                got = yield i
                log.append(got)
        finally:
            log.append(minitorch.is_grad_enabled())
        return "done"

    g = numbers()
    assert next(g) == 0
    assert minitorch.is_grad_enabled()
    assert g.send("sent") == 1
    assert minitorch.is_grad_enabled()
    with pytest.raises(KeyError):
        g.throw(KeyError("thrown"))
    assert log == [False, "sent", False, False]
    log.clear()
    assert list(numbers()) == [0, 1, 2]
    assert log == [False, None, False, None, False, None, False]
    log.clear()
    closed = numbers()
    next(closed)
    closed.close()
    assert log == [False, False]
    assert minitorch.is_grad_enabled()


def test_12_each_thread_has_its_mode():
    seen, inside, leave = [], threading.Event(), threading.Event()

    def other():
        seen.append(minitorch.is_grad_enabled())
        with no_grad():
            inside.set()
            leave.wait(10)
            seen.append(minitorch.is_grad_enabled())

    with no_grad():
        thread = threading.Thread(target=other)
        thread.start()
        inside.wait(10)
        with enable_grad():
            assert minitorch.is_grad_enabled()
            leave.set()
            thread.join()
        assert not minitorch.is_grad_enabled()
    assert seen == [True, False]


def test_12_backward_works_under_no_grad_and_records_nothing():
    x = leaf(2.0)
    y = (x * x).sum()
    with no_grad():
        y.backward()
    assert x.grad.item() == 4.0
    assert not x.grad.requires_grad


def test_12_inference_tensors_never_enter_a_graph():
    x = leaf(1.0, 2.0)
    with inference_mode():
        assert minitorch.is_inference_mode_enabled()
        y = x * 2
        v = x[:1]
    assert not y.requires_grad
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
        x * y
    (x + y).sum().backward()  # keeps nothing of it
    assert x.grad.tolist() == [1.0, 1.0]
    for write in (lambda: y.add_(1), lambda: no_grad()(y.add_)(1)):
        with pytest.raises(
            RuntimeError, match="Inplace update to inference tensor outside InferenceMode is not allowed"
        ):
            write()
    with inference_mode():
        y.add_(1)
    assert y.tolist() == [3.0, 5.0]
    with pytest.raises(RuntimeError, match="requires_grad=True on inference tensor"):
        y.requires_grad_()
    (x[:1] * v).sum().backward()  # a view of a normal tensor is a normal tensor
    (x * y.clone()).sum().backward()


def test_12_inference_mode_can_be_left_inside():
    x = leaf(1.0)
    with inference_mode(), inference_mode(False):
        assert not minitorch.is_inference_mode_enabled()
        assert (x * 2).requires_grad


# ---- 12: anomaly -----------------------------------------------------------------------------------------------------


def bad_forward(x):
    return (x * 0).sqrt()  # this is the line


def test_12_anomaly_reports_the_forward_line():
    x = leaf(1.0)
    with detect_anomaly():
        y = bad_forward(x) * 0
        with pytest.raises(
            RuntimeError, match="Function 'SqrtBackward0' returned nan values in its gradient 0"
        ) as error:
            y.sum().backward()
    assert "this is the line" in str(error.value)
    assert "test_promises_use.py" in str(error.value)


def test_12_anomaly_in_a_function_of_ones_own():
    class Bad(minitorch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g * float("nan")

    x = leaf(1.0)
    with detect_anomaly():
        y = Bad.apply(x)  # made here
        with pytest.raises(RuntimeError, match="Function 'BadBackward' returned nan values") as error:
            y.sum().backward()
    assert "made here" in str(error.value)


def test_12_anomaly_off_says_nothing_and_without_a_forward_line_says_how_to_get_it():
    x = leaf(0.0)
    y = bad_forward(x) * 0
    y.sum().backward(retain_graph=True)
    assert np.isnan(x.grad.item())
    with detect_anomaly(), pytest.raises(RuntimeError, match=r"Run the forward pass inside detect_anomaly\(\)"):
        y.sum().backward()


def test_12_set_detect_anomaly_as_function_and_context():
    with set_detect_anomaly(True):
        assert current.mode.anomaly
    assert not current.mode.anomaly
    set_detect_anomaly(True)
    assert current.mode.anomaly
    set_detect_anomaly(False)
    assert not current.mode.anomaly
    current.mode = type(current.mode)()


def test_12_scalars_have_anomaly_mode_too():
    x = Scalar(1.0)
    with detect_anomaly():
        y = (x * 0).sqrt() * 0
        with pytest.raises(RuntimeError, match="SqrtBackward0"):
            y.backward()


# ---- 12: the observer ------------------------------------------------------------------------------------------------


def test_12_observer_sees_every_operation_with_arguments_and_result():
    seen = []
    x = leaf(1.0, 2.0)
    with observe(lambda op, args, options, result: seen.append((op.name, args, options, result))):
        y = x * 2
        z = y[0] + 1
        a, b = y.split(1)
        y.add_(1)
        k = minitorch.cat([a, b]) > 0
    names = [name for name, *_ in seen]
    assert names == ["mul", "index", "add", "split", "add", "cat", "gt"]
    assert seen[0][1] == (x, 2) or seen[0][1][0] is x
    assert seen[0][3] is y
    assert seen[2][3] is z
    assert seen[3][3] == (a, b) or seen[3][3][0] is a
    assert seen[-1][3] is k
    x * 3
    assert len(seen) == 7


def test_12_observer_sees_casts_and_the_second_derivative_but_not_plain_backward():
    seen = []
    x = leaf(2.0)
    with observe(lambda op, *_: seen.append(op.name)):
        y = x * minitorch.ones(1)
        assert seen == ["cast", "mul"]
        grad(y.sum(), x, retain_graph=True)
        assert seen == ["cast", "mul", "sum"]
        grad(y.sum(), x, create_graph=True)
        assert len(seen) > 4


def test_12_observer_may_count_and_scalars_are_seen():
    count = [0]

    def observer(*_):
        count[0] += 1

    with observe(observer), no_grad():
        x = Scalar(1.0)
        x * x + x.tanh()
    assert count == [3]
