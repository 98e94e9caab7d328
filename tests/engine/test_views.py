"""Promise 4: views and in-place writes give PyTorch's gradients."""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
from minitorch import tensor
from minitorch.autograd import grad

LEAF = "a leaf Variable that requires grad is being used in an in-place operation"
ONE_PLACE = "more than one element of the written-to tensor refers to a single memory location"


def leaf(*numbers):
    return tensor(list(numbers), dtype=minitorch.float64, requires_grad=True)


def square(n=3):
    return tensor(np.arange(1.0, n * n + 1).reshape(n, n), requires_grad=True)


# ---- a view remembers its base ---------------------------------------------------------------------------------------

VIEWS = {
    "index": lambda x: x[1], "slice": lambda x: x[1:], "step": lambda x: x[::2, 1], "none": lambda x: x[None, 0],
    "view": lambda x: x.view(9), "reshape": lambda x: x.reshape(1, 9), "t": lambda x: x.t(), "T": lambda x: x.T,
    "mT": lambda x: x.mT, "transpose": lambda x: x.transpose(0, 1), "permute": lambda x: x.permute(1, 0),
    "expand": lambda x: x.expand(2, 3, 3), "narrow": lambda x: x.narrow(1, 1, 2), "select": lambda x: x.select(0, 2),
    "diagonal": lambda x: x.diagonal(1), "unsqueeze": lambda x: x.unsqueeze(0), "squeeze": lambda x: x[:1].squeeze(0),
    "flatten": lambda x: x.flatten(), "unbind": lambda x: x.unbind(1)[2], "split": lambda x: x.split(2)[0],
    "chunk": lambda x: x.chunk(2, 1)[1], "iteration": lambda x: list(x)[1], "detach": lambda x: x.detach(),
}  # fmt: skip


@pytest.mark.parametrize("name", list(VIEWS))
def test_view_shares_memory_and_version_with_its_base(name):
    x = square() * 1
    v = VIEWS[name](x)
    assert np.may_share_memory(v.value, x.value)
    with minitorch.no_grad():
        x.add_(100.0)
    assert v._version == x._version == 1
    assert (v > 100).all()


@pytest.mark.parametrize("name", [name for name in VIEWS if name != "detach"])
def test_view_of_a_written_base_sees_the_new_history(name):
    x, w = square(), leaf(2.0, 3.0, 5.0)
    y = x * 1
    v = VIEWS[name](y)
    assert v._base is y
    y.mul_(w)
    expected = VIEWS[name](x * w)
    for got, should in zip(
        grad(v.sum(), [x, w], materialize_grads=True), grad(expected.sum(), [x, w], materialize_grads=True), strict=True
    ):
        np.testing.assert_allclose(got.numpy(), should.numpy())


@pytest.mark.parametrize(
    "name", [name for name in VIEWS if name not in ("detach", "expand", "unbind", "split", "chunk", "iteration")]
)
def test_write_through_a_view_changes_the_base_and_its_history(name):
    x, w = square(), leaf(7.0)
    y = x * 1
    v = VIEWS[name](y)
    v.mul_(w)
    mask = np.zeros((3, 3))
    VIEWS[name](minitorch.Tensor.wrap(mask)).fill_(1.0)
    np.testing.assert_array_equal(y.detach().numpy(), np.where(mask, 7 * x.value, x.value))
    c = np.arange(9.0).reshape(3, 3) + 1
    found = grad((y * tensor(c)).sum(), [x, w])
    np.testing.assert_allclose(found[0].numpy(), np.where(mask, 7 * c, c))
    np.testing.assert_allclose(found[1].numpy(), [(mask * c * x.value).sum()])


def test_copy_is_not_a_view():
    x = square() * 1
    for copy in (x.clone(), x[[0, 1]], x.t().reshape(9), x.t().contiguous(), x[x > 0], x.flip(0), x.repeat(1, 1)):
        assert copy._base is None
        assert not np.may_share_memory(copy.value, x.value)


def test_view_of_a_view_has_the_first_base():
    x = square() * 1
    assert x[1:].t()[0]._base is x


# ---- writes through views of views, siblings, older readers ----------------------------------------------------------


def test_write_through_a_view_of_a_view_reaches_the_base():
    x = square()
    y = x * 1
    y[1:].t()[0].mul_(10.0)  # y[1, 0] and y[2, 0]
    assert grad(y.sum(), x)[0].tolist() == [[1, 1, 1], [10, 1, 1], [10, 1, 1]]


def test_sibling_view_is_rebuilt_when_it_is_next_used():
    x = square()
    y = x * 1
    row, column = y[0], y[:, 1]
    row.mul_(5.0)  # y[0, 1] is in both
    assert column.tolist() == [10.0, 5.0, 8.0]
    assert grad(column.sum(), x)[0].tolist() == [[0, 5, 0], [0, 1, 0], [0, 1, 0]]
    column.mul_(2.0)
    assert grad(row.sum(), x)[0].tolist() == [[5, 10, 5], [0, 0, 0], [0, 0, 0]]


def test_unused_sibling_costs_nothing_until_then():
    y = square() * 1
    row = y[0]
    before = row.node
    y[1].zero_()
    assert row.node is before
    assert row.grad_fn is not before


def test_older_reader_keeps_the_old_history():
    x = leaf(1.0, 2.0)
    y = x * 1
    old = y * 3.0  # keeps no part of y
    y.mul_(10.0)
    new = y * 3.0
    assert grad(old.sum(), x, retain_graph=True)[0].tolist() == [3.0, 3.0]
    assert grad(new.sum(), x)[0].tolist() == [30.0, 30.0]


def test_older_view_that_was_read_keeps_its_reader_right():
    x = leaf(1.0, 2.0)
    y = x * 1
    v = y[0]
    old = v * 3.0
    y.zero_()
    assert grad(old, x)[0].tolist() == [3.0, 0.0]
    assert grad(v * 3.0, x)[0].tolist() == [0.0, 0.0]


# ---- setitem ---------------------------------------------------------------------------------------------------------


def test_setitem_gives_the_value_its_gradient_and_the_overwritten_none():
    x, w = square(), leaf(5.0, 6.0)
    y = x * 1
    y[0, :2] = w
    found = grad((y * y).sum(), [x, w])
    assert found[0].tolist() == [[0, 0, 6], [8, 10, 12], [14, 16, 18]]
    assert found[1].tolist() == [10.0, 12.0]


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1), (1, 1, 2, 3)])
def test_setitem_broadcasts_the_value_and_sums_its_gradient(shape):
    w = minitorch.ones(shape, dtype=minitorch.float64, requires_grad=True)
    y = minitorch.zeros(4, 3, dtype=minitorch.float64)
    y[1:3] = w
    y.sum().backward()
    assert w.grad.shape == shape
    assert w.grad.sum().item() == 6.0
    assert w.grad.tolist() == np.full(shape, 6.0 / max(w.numel(), 1)).tolist()


@pytest.mark.parametrize(
    "key",
    [[2, 0], np.array([True, False, True]), (slice(None), [0, 2]), (slice(None), np.array([[True] * 3, [False] * 3, [False] * 3]))[1], ([0, 1], [1, 2])],
    ids=["rows", "mask", "columns", "full mask", "pairs"],
)  # fmt: skip
def test_setitem_with_arrays_of_indices(key):
    x, w = square(), leaf(7.0)
    y = x * 1
    y[key] = w
    mask = np.zeros((3, 3))
    mask[key] = 1
    found = grad(y.sum(), [x, w])
    np.testing.assert_array_equal(found[0].numpy(), 1 - mask)
    assert found[1].item() == mask.sum()


def test_setitem_with_duplicates_keeps_the_last_value():
    y = minitorch.zeros(3)
    y[[0, 0, 2]] = tensor([1.0, 2.0, 3.0])
    assert y.tolist() == [2.0, 0.0, 3.0]


def test_getitem_with_duplicates_adds_their_gradients_up():
    x = leaf(1.0, 2.0, 3.0)
    assert grad(x[[0, 0, 2]].sum(), x)[0].tolist() == [2.0, 0.0, 1.0]


def test_setitem_of_a_tensor_into_itself():
    x = leaf(1.0, 2.0, 3.0)
    y = x * 1
    y[...] = y
    y[1:] = y[:-1]  # overlapping
    assert y.tolist() == [1.0, 1.0, 2.0]
    assert grad(y.sum(), x)[0].tolist() == [2.0, 1.0, 0.0]


def test_augmented_assignment_to_a_part():
    x = leaf(1.0, 2.0, 3.0)
    y = x * 1
    y[1] *= 10.0
    y[2] += y[0]
    assert y.tolist() == [1.0, 20.0, 4.0]
    assert grad(y.sum(), x)[0].tolist() == [2.0, 10.0, 1.0]


def test_constant_written_over_everything_leaves_gradients_of_zero():
    for fill in (
        lambda y: y.zero_(),
        lambda y: y.fill_(2.0),
        lambda y: y.copy_(minitorch.ones(2)),
        lambda y: y.__setitem__(Ellipsis, 5),
    ):
        x = leaf(1.0, 2.0)
        y = x * 1
        fill(y)
        assert y.requires_grad
        y.sum().backward()
        assert x.grad.tolist() == [0.0, 0.0]


def test_base_without_history_gets_one_from_what_is_written():
    w = leaf(3.0, 4.0)
    y = minitorch.zeros(2, 2, dtype=minitorch.float64)
    other = y[1]
    y[0] = w * w
    assert y.requires_grad
    assert other.requires_grad
    assert grad(y.sum(), w)[0].tolist() == [6.0, 8.0]


def test_copied_tensor_keeps_a_place_of_its_own_in_the_graph():
    x = leaf(1.0, 2.0)
    y = x * 2
    target = minitorch.zeros(2, dtype=minitorch.float64)
    target.copy_(y)
    for t in (y, target):
        t.retain_grad()
    (target + 3 * y).sum().backward()
    assert target.grad.tolist() == [1.0, 1.0]
    assert y.grad.tolist() == [4.0, 4.0]
    target.add_(1)  # is of no concern to what computed y
    y = x.exp()
    target.detach_().copy_(y)
    target.mul_(2)
    y.sum().backward()


# ---- in-place operations and what their rules read -------------------------------------------------------------------

IN_PLACE = {
    "add_": lambda y, w: y.add_(w), "sub_": lambda y, w: y.sub_(w, alpha=2), "mul_": lambda y, w: y.mul_(w),
    "div_": lambda y, w: y.div_(w), "pow_": lambda y, w: y.pow_(w), "exp_": lambda y, w: y.exp_(), "sqrt_": lambda y, w: y.sqrt_(),
    "tanh_": lambda y, w: y.tanh_(), "sigmoid_": lambda y, w: y.sigmoid_(), "relu_": lambda y, w: y.relu_(),
    "clamp_": lambda y, w: y.clamp_(1.5, 2.5), "lerp_": lambda y, w: y.lerp_(w, 0.3), "addcmul_": lambda y, w: y.addcmul_(y, w),
    "addcdiv_": lambda y, w: y.addcdiv_(w, y), "abs_": lambda y, w: y.abs_(), "neg_": lambda y, w: y.neg_(),
    "reciprocal_": lambda y, w: y.reciprocal_(), "masked_fill_": lambda y, w: y.masked_fill_(y > 2, 0.0), "tril_": lambda y, w: y.tril_(),
    "mul_ by itself": lambda y, w: y.mul_(y), "remainder_": lambda y, w: y.remainder_(w), "floor_": lambda y, w: y.floor_(),
    "square_": lambda y, w: y.square_(), "relu inplace": lambda y, w: minitorch.functions.activation.relu(y, inplace=True),
    "silu inplace": lambda y, w: minitorch.functions.activation.silu(y, inplace=True),
    "elu inplace": lambda y, w: minitorch.functions.activation.elu(y, inplace=True),
}  # fmt: skip


@pytest.mark.parametrize("name", list(IN_PLACE))
@pytest.mark.parametrize("through", ["itself", "a view"])
def test_in_place_operation_has_the_gradient_of_the_plain_one(name, through):
    x, w = square(), tensor([[1.3, 0.7, 2.1]], dtype=minitorch.float64, requires_grad=True)
    c = tensor(np.arange(9.0).reshape(3, 3) + 1)
    y = x * 1
    target = y if through == "itself" else y.view(3, 3)
    assert IN_PLACE[name](target, w) is target
    found = grad((y * c).sum(), [x, w], materialize_grads=True)
    plain = IN_PLACE[name]((x * 1).clone(), w)  # written to a copy: the reference is checked elsewhere
    z = x.detach().requires_grad_()
    functional = {
        "add_": lambda: z + w,
        "mul_": lambda: z * w,
        "exp_": lambda: z.exp(),
        "clamp_": lambda: z.clamp(1.5, 2.5),
    }
    np.testing.assert_allclose(y.detach().numpy(), plain.detach().numpy())
    if name in functional:
        expected = grad((functional[name]() * c).sum(), [z, w], materialize_grads=True)
        for got, should in zip(found, expected, strict=True):
            np.testing.assert_allclose(got.numpy(), should.numpy())


@pytest.mark.parametrize("name", list(IN_PLACE))
def test_in_place_operation_agrees_with_differences(name):
    def function(x, w):
        y = x * 1
        IN_PLACE[name](y[:2], w)
        return y * y.detach().cos()

    x = tensor(np.array([[1.1, 1.7, 2.2], [2.8, 3.3, 0.6], [1.0, 1.0, 1.0]]), requires_grad=True)
    w = tensor([[1.3, 0.7, 2.1]], dtype=minitorch.float64, requires_grad=True)
    v = np.linspace(0.5, 1.5, 9).reshape(3, 3)

    def value(a, b):
        with minitorch.no_grad():
            y = tensor(a)
            IN_PLACE[name](y[:2], tensor(b))
        return y.numpy()

    y = x * 1
    IN_PLACE[name](y[:2], w)
    for got, at in zip(grad(y, [x, w], tensor(v), materialize_grads=True), (0, 1), strict=True):
        arrays, h = [x.detach().numpy(), w.detach().numpy()], 1e-6
        expected = np.zeros_like(arrays[at])
        for i in np.ndindex(*expected.shape):
            up, down = [a.copy() for a in arrays], [a.copy() for a in arrays]
            up[at][i] += h
            down[at][i] -= h
            expected[i] = ((value(*up) - value(*down)) * v).sum() / (2 * h)
        np.testing.assert_allclose(got.numpy(), expected, rtol=1e-6, atol=1e-7)


# ---- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "write", [lambda x: x.add_(1), lambda x: x.__setitem__(0, 1.0), lambda x: x.zero_(), lambda x: x.copy_(x), lambda x: x.__iadd__(1)],
)  # fmt: skip
def test_leaf_that_requires_grad_refuses(write):
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match=LEAF):
        write(x)
    assert x.tolist() == [1.0, 2.0]
    assert x._version == 0


def test_view_of_a_leaf_refuses():
    x = leaf(1.0, 2.0)
    with pytest.raises(
        RuntimeError, match="a view of a leaf Variable that requires grad is being used in an in-place operation"
    ):
        x[:1].mul_(2)
    with pytest.raises(RuntimeError, match="a view of a leaf"):
        x.view(2, 1)[0].zero_()


def test_leaf_may_be_written_under_no_grad_and_stays_a_leaf():
    x = leaf(1.0, 2.0)
    with minitorch.no_grad():
        x -= 0.5
        x[0] = 7.0
        x.view(2, 1)[1].mul_(2.0)
    assert x.is_leaf
    assert x.requires_grad
    assert x.tolist() == [7.0, 3.0]
    assert x._version == 3


def test_expanded_view_refuses_and_its_clone_does_not():
    x = minitorch.ones(1, 2) * 1
    for write in (lambda v: v.add_(1), lambda v: v.zero_(), lambda v: v.__setitem__(0, 1.0)):
        v = x.expand(3, 2)
        with pytest.raises(RuntimeError, match=ONE_PLACE):
            write(v if write(v.clone()) is not None else v.t())
    assert x.tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize(
    "take",
    [lambda y: y.unbind(0), lambda y: y.split(1), lambda y: y.chunk(2), list],
    ids=["unbind", "split", "chunk", "iteration"],
)
def test_one_of_several_views_refuses(take):
    for y, w in ((square(2) * 1, 2.0), (minitorch.zeros(2, 2, dtype=minitorch.float64), leaf(2.0))):
        first = take(y)[0]
        with pytest.raises(RuntimeError, match="is the output of a function that returns multiple views"):
            first.view(2).mul_(w)
        assert y._version == 0
        with minitorch.no_grad():
            first.mul_(w)  # what is not recorded is allowed
        assert y._version == 1


def test_view_taken_under_no_grad_refuses_a_recorded_write():
    for y, w in ((leaf(1.0, 2.0) * 1, 2.0), (minitorch.zeros(2, dtype=minitorch.float64), leaf(2.0))):
        with minitorch.no_grad():
            v = y[:1]
        with pytest.raises(
            RuntimeError,
            match="A view was created in no_grad mode and is being modified inplace with grad mode enabled",
        ):
            v.mul_(w)
        assert y._version == 0


def test_write_cannot_change_shape_or_kind():
    x = minitorch.ones(2)
    with pytest.raises(RuntimeError, match=r"output with shape \[2\] doesn't match the broadcast shape \[3, 2\]"):
        x.add_(minitorch.ones(3, 2))
    with pytest.raises(RuntimeError, match="result type Float can't be cast to the desired output type Long"):
        minitorch.ones(2, dtype=minitorch.int64).add_(0.5)
    with pytest.raises(RuntimeError, match="does not broadcast"):
        x[:] = minitorch.ones(3)
    assert x.tolist() == [1.0, 1.0]


# ---- detach, requires_grad_, retained gradients, other shapes in place -----------------------------------------------


def test_detach_shares_memory_and_not_history():
    x = leaf(1.0, 2.0)
    y = x * 1
    d = y.detach()
    d.mul_(5.0)
    assert y.tolist() == [5.0, 10.0]
    assert not d.requires_grad
    assert grad(y.sum(), x)[0].tolist() == [1.0, 1.0]


def test_view_that_becomes_a_leaf_has_no_further_business_with_its_base():
    base = minitorch.zeros(2, 2)
    v = base[0].requires_grad_()
    assert v.is_leaf
    base[1] = 3.0
    (v * 2).sum().backward()
    assert v.grad.tolist() == [2.0, 2.0]


def test_retained_gradient_is_that_of_the_new_value_after_a_write():
    x = leaf(1.0, 2.0)
    y = x * 1
    y.retain_grad()
    y.mul_(4.0)
    (y * 2).sum().backward()
    assert y.grad.tolist() == [2.0, 2.0]
    assert x.grad.tolist() == [8.0, 8.0]


def test_retained_gradient_of_a_view_follows_it_when_its_base_is_written():
    x = leaf(1.0, 2.0)
    y = x * 1
    v = y[0]
    v.retain_grad()
    y.mul_(4.0)
    (v * 3.0).backward()
    assert v.grad.item() == 3.0


@pytest.mark.parametrize("name", ["squeeze_", "unsqueeze_", "t_", "transpose_"])
def test_new_shape_in_place_keeps_values_and_gradients(name):
    args = {"squeeze_": (0,), "unsqueeze_": (1,), "t_": (), "transpose_": (0, 1)}[name]
    x = tensor(np.arange(3.0)[None], requires_grad=True)
    y = x * 1
    assert getattr(y, name)(*args) is y
    assert y.shape == getattr(x, name[:-1])(*args).shape
    y.mul_(tensor(np.arange(3.0)).view(y.shape))
    y.view(-1)[0].add_(1.0)
    assert grad(y.sum(), x)[0].tolist() == [[0.0, 1.0, 2.0]]


def test_new_shape_in_place_of_a_view():
    x = square()
    y = x * 1
    v = y[:, 0:1]
    v.squeeze_(1)
    v.mul_(10.0)
    assert v.shape == (3,)
    assert grad(y.sum(), x)[0].tolist() == [[10, 1, 1]] * 3


def test_view_whose_base_was_turned_in_place_is_not_silently_wrong():
    x = square()
    y = x * 1
    row = y[0]
    y.t_()
    with pytest.raises(RuntimeError, match="take the view again"):
        (row * 1).sum()
    assert grad(y[0].sum(), x)[0].tolist() == [[1, 0, 0]] * 3
