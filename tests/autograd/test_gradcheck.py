"""`gradcheck` and `gradgradcheck`: right gradients pass, planted errors do not."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import tensor
from minitorch.autograd import Function, gradcheck, gradgradcheck
from minitorch.engine import Primitive, defvjp, lift

RNG = np.random.default_rng(1)


def leaf(*shape, dtype=None):
    return tensor(RNG.standard_normal(shape), dtype=dtype, requires_grad=True)


def complex_leaf(*shape):
    return tensor(RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape), requires_grad=True)


RIGHT = {
    "product": (lambda a, b: a * b, lambda: (leaf(2, 3), leaf(3))),
    "matmul": (lambda a, b: a @ b, lambda: (leaf(2, 3), leaf(3, 2))),
    "softmax": (lambda x: x.softmax(1), lambda: (leaf(2, 3),)),
    "several outputs": (lambda x: (x.sin(), x.sum(0), x.argmax()), lambda: (leaf(2, 3),)),
    "split": (lambda x: x.split(1), lambda: (leaf(3),)),
    "one input fixed": (lambda a, b: a * b, lambda: (leaf(3), tensor(RNG.standard_normal(3)))),
    "an input that is no tensor": (lambda x, n: x**n, lambda: (leaf(3), 3)),
    "zero-dimensional": (lambda x: x * x, lambda: (leaf(),)),
    "empty": (lambda x: x * 2, lambda: (leaf(0, 2),)),
    "complex": (lambda z: z * z.exp(), lambda: (complex_leaf(3),)),
    "complex to real": (lambda z: z.abs(), lambda: (complex_leaf(3),)),
    "real to complex": (lambda x: x * (1 + 2j), lambda: (leaf(3),)),
    "in place": (lambda x: (x * 1).mul_(x), lambda: (leaf(3),)),
}  # fmt: skip


@pytest.mark.parametrize("name", list(RIGHT))
@pytest.mark.parametrize("fast", [False, True], ids=["full", "fast"])
def test_right_gradients_pass(name, fast):
    function, inputs = RIGHT[name]
    xs = inputs()
    assert gradcheck(function, xs, fast_mode=fast)
    assert gradgradcheck(function, xs, fast_mode=fast)


def planted(forward, rule):
    lifted = lift(Primitive(forward))
    defvjp(lifted, x=rule)
    return lifted


PLANTED = {
    "zero": lambda g, x: g * 0, "twice": lambda g, x: g * (2 * (2 * x)), "negative": lambda g, x: -g * (2 * x),
    "no factor": lambda g, x: g, "a term dropped": lambda g, x: g * x, "mixed up": lambda g, x: (g * (2 * x))[::-1],
    "sum for product": lambda g, x: g + 2 * x,
}  # fmt: skip


@pytest.mark.parametrize("name", list(PLANTED))
@pytest.mark.parametrize("fast", [False, True], ids=["full", "fast"])
def test_planted_errors_are_found(name, fast):
    wrong = planted(lambda x: x * x, PLANTED[name])
    with pytest.raises(RuntimeError, match="Jacobian mismatch for output 0 with respect to input 0"):
        gradcheck(wrong, (leaf(4),), fast_mode=fast)
    assert not gradcheck(wrong, (leaf(4),), fast_mode=fast, raise_exception=False)


def test_error_in_one_of_several_inputs_or_outputs_is_located():
    wrong = planted(lambda x: x * x, lambda g, x: g * x)
    with pytest.raises(RuntimeError, match="with respect to input 1"):
        gradcheck(lambda a, b: a + wrong(b), (leaf(2), leaf(2)))
    with pytest.raises(RuntimeError, match="for output 1"):
        gradcheck(lambda a: (a * 2, wrong(a)), (leaf(2),))


def test_cotangents_are_random_so_a_softmax_without_gradient_is_found():
    """The rows of softmax add up to one: a cotangent of ones would let a gradient of zero pass."""
    wrong = planted(lambda x: np.exp(x) / np.exp(x).sum(), lambda g, x: g * 0)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        gradcheck(wrong, (leaf(4),))


def test_missing_conjugate_is_found():
    class Wrong(Function):
        @staticmethod
        def forward(ctx, z):
            ctx.save_for_backward(z)
            return z * z

        @staticmethod
        def backward(ctx, g):
            (z,) = ctx.saved_tensors
            return g * 2 * z  # in PyTorch's convention it is the conjugate of 2z

    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        gradcheck(Wrong.apply, (complex_leaf(2),))


def test_wrong_second_derivative_is_found_though_the_first_is_right():
    class Detached(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 3 * (x * x).detach()

    x = leaf(3)
    assert gradcheck(Detached.apply, (x,))
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        gradgradcheck(Detached.apply, (x,))


def test_function_that_cuts_the_graph_is_found():
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        gradcheck(lambda x: x.detach() * 2, (leaf(3),))


def test_inputs_must_be_doubles_that_require_grad():
    with pytest.raises(ValueError, match="expects at least one input tensor to require gradient"):
        gradcheck(lambda x: x, (tensor([1.0], dtype=minitorch.float64),))
    with pytest.raises(ValueError, match=r"input 0 has dtype torch.float32; differences need double precision"):
        gradcheck(lambda x: x * 2, (leaf(3, dtype=minitorch.float32),))
    with pytest.raises(ValueError, match="complex64"):
        gradcheck(lambda x: x * 2, (complex_leaf(2).to(minitorch.complex64).detach().requires_grad_(),))


def test_a_single_tensor_may_be_given_and_tolerances_matter():
    assert gradcheck(lambda x: x.exp(), leaf(3))
    near = planted(lambda x: x * x, lambda g, x: g * (2.0001 * x))
    assert gradcheck(near, leaf(3))
    assert not gradcheck(near, leaf(3), rtol=1e-6, atol=1e-8, raise_exception=False)


def test_cotangents_of_the_second_check_may_be_given():
    x, v = leaf(3), leaf(3)
    assert gradgradcheck(lambda x: x**3, (x,), (v,))


def test_inputs_are_left_as_they_were():
    x = leaf(3)
    before = x.detach().numpy().copy()
    gradcheck(lambda x: x.sin(), (x,))
    gradgradcheck(lambda x: x.sin(), (x,))
    assert x.grad is None
    np.testing.assert_array_equal(x.detach().numpy(), before)
    with minitorch.no_grad():
        assert gradcheck(lambda x: x.sin(), (x,))
