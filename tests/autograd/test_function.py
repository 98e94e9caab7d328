"""`Function`: a user's own forward and backward."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import minitorch
from minitorch import tensor
from minitorch.autograd import Function, grad, gradcheck, gradgradcheck, once_differentiable


def leaf(*numbers):
    return tensor(list(numbers), dtype=minitorch.float64, requires_grad=True)


class Exp(Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y


class MulAdd(Function):
    """a b + c, of several inputs, one of them no tensor."""

    @staticmethod
    def forward(ctx, a, b, c, factor=1.0):
        ctx.save_for_backward(a, b)
        ctx.factor = factor
        return factor * a * b + c

    @staticmethod
    def backward(ctx, g):
        a, b = ctx.saved_tensors
        MulAdd.needed = ctx.needs_input_grad
        return g * b * ctx.factor, g * a * ctx.factor, g, None


def test_function_is_recorded_under_its_name():
    y = Exp.apply(leaf(1.0))
    assert y.requires_grad
    assert repr(y.grad_fn) == "<ExpBackward>"
    assert not Exp.apply(tensor([1.0])).requires_grad
    with minitorch.no_grad():
        assert not Exp.apply(leaf(1.0)).requires_grad


def test_function_is_differentiable_twice_through_saved_inputs_and_outputs():
    x, a, b, c = leaf(0.3, -0.7), leaf(1.0, 2.0), leaf(0.5, -1.0), leaf(2.0, 3.0)
    assert gradcheck(Exp.apply, (x,))
    assert gradgradcheck(Exp.apply, (x,))
    assert gradcheck(lambda a, b, c: MulAdd.apply(a, b, c, 3.0), (a, b, c))
    assert gradgradcheck(lambda a, b, c: MulAdd.apply(a * 1, b.exp(), c, 3.0), (a, b, c))


def test_sixth_derivative_of_a_function():
    x = leaf(0.5)
    y = Exp.apply(x)
    for _ in range(6):
        (y,) = grad(y.sum(), x, create_graph=True)
    assert y.item() == pytest.approx(np.exp(0.5), rel=1e-14)


def test_needs_input_grad_tells_which_gradients_are_wanted():
    a, b, c = leaf(2.0), tensor([3.0], dtype=minitorch.float64), leaf(5.0)
    MulAdd.apply(a, b, c, 2.0).sum().backward()
    assert MulAdd.needed == (True, False, True, False)
    assert (a.grad.item(), b.grad, c.grad.item()) == (6.0, None, 1.0)


def test_gradient_is_conveyed_to_inner_tensors():
    x = leaf(2.0)
    MulAdd.apply(x * x, x, x, 1.0).sum().backward()
    assert x.grad.item() == 3 * 4.0 + 1.0


def test_saved_tensor_that_was_changed_is_caught():
    for change in (lambda x, y: x.add_(1), lambda x, y: y.mul_(2)):
        x = leaf(1.0) * 1

        class Keep(Function):
            @staticmethod
            def forward(ctx, x):
                y = x * 2
                ctx.save_for_backward(x, y)
                return y

            @staticmethod
            def backward(ctx, g):
                ctx.saved_tensors
                return g * 2

        y = Keep.apply(x)
        z = y.sum()
        change(x, y)
        with pytest.raises(
            RuntimeError, match="has been modified by an inplace operation: 'saved tensor [01]' of Keep"
        ):
            z.backward()


def test_second_backward_raises_where_tensors_were_saved():
    x = leaf(1.0)
    y = Exp.apply(x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()


def test_nothing_but_tensors_can_be_saved():
    class Bad(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x, 3)
            return x * 1

    with pytest.raises(TypeError, match="save_for_backward can only save variables, but argument 1 is of type int"):
        Bad.apply(leaf(1.0))


def test_none_can_be_saved():
    class Maybe(Function):
        @staticmethod
        def forward(ctx, x, w=None):
            ctx.save_for_backward(x, w)
            return x * 2 if w is None else x * w

        @staticmethod
        def backward(ctx, g):
            x, w = ctx.saved_tensors
            return (g * 2, None) if w is None else (g * w, g * x)

    x, w = leaf(2.0), leaf(3.0)
    assert grad(Maybe.apply(x, None), x)[0].item() == 2.0
    assert grad(Maybe.apply(x), x)[0].item() == 2.0
    assert [g.item() for g in grad(Maybe.apply(x, w), [x, w])] == [3.0, 2.0]


# ---- several outputs -------------------------------------------------------------------------------------------------


class SumDiff(Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.set_materialize_grads(SumDiff.materialize)
        return a + b, a - b

    @staticmethod
    def backward(ctx, gs, gd):
        SumDiff.given = (gs, gd)
        if gs is None or gd is None:
            g = gs if gd is None else gd
            return g, g if gd is None else -g
        return gs + gd, gs - gd


@pytest.mark.parametrize("materialize", [True, False])
def test_several_outputs_and_what_arrives_for_unused_ones(materialize):
    SumDiff.materialize = materialize
    a, b = leaf(2.0, 3.0), leaf(5.0, 7.0)
    s, d = SumDiff.apply(a, b)
    assert s.grad_fn is d.grad_fn
    d.sum().backward(retain_graph=True)
    assert (a.grad.tolist(), b.grad.tolist()) == ([1.0, 1.0], [-1.0, -1.0])
    if materialize:
        assert SumDiff.given[0].tolist() == [0.0, 0.0]
        assert SumDiff.given[0].dtype == minitorch.float64
    else:
        assert SumDiff.given[0] is None
    (s * d).sum().backward()
    assert a.grad.tolist() == [1 + 4.0, 1 + 6.0]


def test_zeros_are_made_on_the_device_of_the_output():
    SumDiff.materialize = True
    a = minitorch.ones(2, device="strict:1", requires_grad=True)
    SumDiff.apply(a, a)[1].sum().backward()
    assert SumDiff.given[0].device == a.device == minitorch.device("strict:1")


def test_non_differentiable_and_integer_outputs():
    class SortLike(Function):
        @staticmethod
        def forward(ctx, x):
            order = x.argsort()
            half = x * 0.5
            ctx.mark_non_differentiable(half)
            ctx.save_for_backward(order)
            return x[order], order, half, "a word"

        @staticmethod
        def backward(ctx, g, *others):
            (order,) = ctx.saved_tensors
            return minitorch.zeros_like(g).scatter_add(0, order, g)

    x = leaf(3.0, 1.0, 2.0)
    y, order, half, word = SortLike.apply(x)
    assert y.requires_grad
    assert not order.requires_grad
    assert not half.requires_grad
    assert word == "a word"
    (y * tensor([1.0, 10.0, 100.0], dtype=minitorch.float64)).sum().backward()
    assert x.grad.tolist() == [100.0, 1.0, 10.0]


# ---- written inputs, returned inputs, views --------------------------------------------------------------------------


class Double(Function):
    """x times 2, in place."""

    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(2)

    @staticmethod
    def backward(ctx, g):
        return g * 2


def test_dirty_input_is_returned_itself_with_a_new_history():
    x = leaf(1.0, 2.0)
    a = x * 3
    old = a * 1.0
    b = Double.apply(a)
    assert b is a
    assert a.tolist() == [6.0, 12.0]
    assert a._version == 1
    assert grad(a.sum(), x, retain_graph=True)[0].tolist() == [6.0, 6.0]
    assert grad(old.sum(), x)[0].tolist() == [3.0, 3.0]


def test_dirty_view_changes_its_base():
    x = leaf(1.0, 2.0)
    a = x * 3
    sibling = a[:1]
    Double.apply(a[0])
    assert grad(a.sum(), x, retain_graph=True)[0].tolist() == [6.0, 3.0]
    assert grad(sibling.sum(), x)[0].tolist() == [6.0, 0.0]


def test_dirty_input_is_noticed_by_whoever_saved_it():
    x = leaf(1.0, 2.0)
    a = x * 3
    y = (a * a).sum()
    Double.apply(a)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


def test_dirty_leaf_is_refused_and_dirty_tensors_must_be_returned():
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        Double.apply(leaf(1.0))

    class Forgetful(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            x.mul_(2)
            return x * 1

    with pytest.raises(
        RuntimeError, match="Some elements marked as dirty during the forward method were not returned as output"
    ):
        Forgetful.apply(leaf(1.0) * 1)


def test_input_returned_as_it_is_becomes_another_tensor():
    class Reverse(Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return -g

    x = leaf(1.0, 2.0)
    y = Reverse.apply(x)
    assert y is not x
    assert np.may_share_memory(y.value, x.value)
    assert x.is_leaf
    y.sum().backward()
    assert x.grad.tolist() == [-1.0, -1.0]
    with pytest.raises(RuntimeError, match="cannot be written to"):
        Reverse.apply(leaf(1.0) * 1).mul_(2)


def test_returned_view_of_an_input_cannot_be_written_to():
    class First(Function):
        @staticmethod
        def forward(ctx, x):
            return x[:1]

        @staticmethod
        def backward(ctx, g):
            return minitorch.cat([g, g * 0])

    x = leaf(1.0, 2.0)
    a = x * 1
    v = First.apply(a)
    with pytest.raises(RuntimeError, match="cannot be written to"):
        v.mul_(5)
    v.sum().backward()
    assert x.grad.tolist() == [1.0, 0.0]


# ---- errors ----------------------------------------------------------------------------------------------------------


def returning(*answer):
    class Answer(Function):
        @staticmethod
        def forward(ctx, a, b):
            return a * b

        @staticmethod
        def backward(ctx, g):
            return tuple(x(g) if callable(x) else x for x in answer) if len(answer) != 1 else answer[0](g)

    return Answer


def test_wrong_number_of_gradients_is_refused():
    for answer in ((lambda g: g,), (lambda g: g, lambda g: g, lambda g: g)):
        with pytest.raises(
            RuntimeError, match=r"AnswerBackward returned an incorrect number of gradients \(expected 2, got"
        ):
            returning(*answer).apply(leaf(1.0), leaf(2.0)).sum().backward()
    x = leaf(1.0)
    returning(lambda g: g, None, None, None).apply(
        x, leaf(2.0)
    ).sum().backward()  # surplus None is let pass, as in PyTorch
    assert x.grad.item() == 1.0


def test_gradients_of_a_wrong_kind_are_refused():
    with pytest.raises(TypeError, match=r"AnswerBackward: expected a Tensor or None as gradient 1, but got float"):
        returning(None, lambda g: 2.0).apply(leaf(1.0), leaf(2.0)).sum().backward()
    with pytest.raises(RuntimeError, match="Function AnswerBackward returned an invalid gradient at index 0"):
        returning(lambda g: g.expand(3), None).apply(leaf(1.0), leaf(2.0)).sum().backward()


def test_none_means_no_gradient():
    a, b = leaf(1.0), leaf(2.0)
    returning(None, lambda g: g).apply(a, b).sum().backward()
    assert a.grad is None
    assert b.grad.item() == 1.0


def test_forward_and_backward_must_be_written():
    class Nothing(Function):
        pass

    class Half(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 0.5

    with pytest.raises(NotImplementedError, match="You must implement the forward function"):
        Nothing.apply(leaf(1.0))
    with pytest.raises(NotImplementedError, match="You must implement either the backward or vjp method"):
        Half.apply(leaf(1.0)).sum().backward()


def test_exception_in_forward_or_backward_leaves_the_modes_as_they_were():
    class Broken(Function):
        @staticmethod
        def forward(ctx, x, when):
            if when == "forward":
                raise KeyError(when)
            return x * 1

        @staticmethod
        def backward(ctx, g):
            raise KeyError("backward")

    for when in ("forward", "backward"):
        with pytest.raises(KeyError, match=when):
            Broken.apply(leaf(1.0), when).sum().backward()
        assert minitorch.is_grad_enabled()


# ---- once_differentiable, setup_context, life --------------------------------------------------------------------------


def test_once_differentiable_refuses_a_second_derivative():
    class Once(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            assert not minitorch.is_grad_enabled()
            return 2 * x * g

    x, v = leaf(3.0), leaf(1.0)
    assert grad(Once.apply(x), x)[0].item() == 6.0
    (g,) = grad(Once.apply(x), x, v, create_graph=True)
    with pytest.raises(
        RuntimeError, match="trying to differentiate twice a function that was marked with @once_differentiable"
    ):
        g.sum().backward()


class Scaled(Function):
    @staticmethod
    def forward(x, factor):
        return x * factor

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, ctx.factor = inputs
        ctx.save_for_backward(x, output)

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        assert y.tolist() == (x * ctx.factor).tolist()
        return g * ctx.factor, None


class ScaledChild(Scaled):
    pass


@pytest.mark.parametrize("function", [Scaled, ScaledChild])
def test_setup_context_separates_computing_from_keeping(function):
    x = leaf(2.0)
    y = function.apply(x, 5.0)
    y.sum().backward()
    assert x.grad.item() == 5.0


def test_gradient_mode_inside():
    modes = []

    class Look(Function):
        @staticmethod
        def forward(ctx, x):
            modes.append(minitorch.is_grad_enabled())
            return x * 1

        @staticmethod
        def backward(ctx, g):
            modes.append(minitorch.is_grad_enabled())
            return g * 1

    x = leaf(1.0)
    y = Look.apply(x)
    grad(y.sum(), x, retain_graph=True)
    grad(y.sum(), x, create_graph=True)
    assert modes == [False, False, True]


def test_backward_may_call_backward():
    class Checkpoint(Function):
        """Forget on the way, compute again on the way back."""

        @staticmethod
        def forward(ctx, function, x):
            ctx.function = function
            ctx.save_for_backward(x)
            return function(x)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            with minitorch.enable_grad():
                again = x.detach().requires_grad_()
                ctx.function(again).backward(g)
            return None, again.grad

    x = leaf(0.3)
    a = x * 2
    Checkpoint.apply(lambda t: t.tanh().exp(), a).sum().backward()
    t = np.tanh(0.6)
    assert x.grad.item() == pytest.approx(2 * np.exp(t) * (1 - t * t))


def test_context_does_not_outlive_its_graph_and_makes_no_cycle():
    contexts = []

    class Keep(Function):
        @staticmethod
        def forward(ctx, x):
            contexts.append(ctx)
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    y = Keep.apply(leaf(1.0))
    gc.disable()
    try:
        node = weakref.ref(y.grad_fn)
        assert contexts[0].saved_tensors[0].item() == 1.0
        del y
        assert node() is None
    finally:
        gc.enable()
    with pytest.raises(RuntimeError, match="the graph that this context belongs to is gone"):
        contexts[0].saved_tensors


def test_keyword_arguments_reach_forward():
    class Power(Function):
        @staticmethod
        def forward(ctx, x, *, exponent):
            ctx.save_for_backward(x)
            ctx.exponent = exponent
            return x**exponent

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * ctx.exponent * x ** (ctx.exponent - 1)

    x = leaf(2.0)
    Power.apply(x, exponent=3).sum().backward()
    assert x.grad.item() == 12.0


def test_function_agrees_with_pytorch(oracle):
    def program(torch, x):
        class Cube(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x**3, (x > 0).to(x.dtype)

            @staticmethod
            def backward(ctx, g, _):
                (x,) = ctx.saved_tensors
                return 3 * x * x * g

        y, sign = Cube.apply(x)
        (g,) = torch.autograd.grad((y * sign).sum(), x, create_graph=True)
        (h,) = torch.autograd.grad((g * g).sum(), x)
        return [t.detach().numpy() for t in (y, sign, g, h)]

    numbers = np.array([0.5, -1.5, 2.0])
    ours = program(minitorch, tensor(numbers, requires_grad=True))
    theirs = program(oracle, oracle.tensor(numbers, requires_grad=True))
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b)
