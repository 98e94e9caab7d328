"""`grad`, `backward`, and what they say when something is wrong."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import minitorch
from minitorch import Tensor, tensor
from minitorch.autograd import Variable, backward, grad


def leaf(*numbers, dtype=minitorch.float64):
    return tensor(list(numbers), dtype=dtype, requires_grad=True)


# ---- grad ------------------------------------------------------------------------------------------------------------


def test_grad_returns_a_tuple_and_leaves_grad_alone():
    x, w = leaf(2.0), leaf(3.0)
    found = grad((x * w).sum(), [x, w])
    assert type(found) is tuple
    assert [g.item() for g in found] == [3.0, 2.0]
    assert x.grad is None
    assert w.grad is None
    assert grad((x * w).sum(), x)[0].item() == 3.0


def test_grad_at_inner_tensors_and_at_the_output_itself():
    x = leaf(2.0)
    a = x * 3
    y = (a * a).sum()
    found = grad(y, [a, x, y])
    assert [g.item() for g in found] == [12.0, 36.0, 1.0]


def test_grad_of_a_leaf_by_itself():
    x = leaf(2.0, 3.0)
    assert grad(x, x, tensor([1.0, 2.0], dtype=minitorch.float64))[0].tolist() == [1.0, 2.0]


def test_grad_by_one_output_of_a_node():
    x = leaf(1.0, 2.0)
    a, b = x.split(1)
    found = grad((a * b * b).sum(), [a, b])
    assert [g.item() for g in found] == [4.0, 4.0]


def test_grad_sums_several_outputs():
    x = leaf(2.0, 3.0)
    v = tensor([1.0, 10.0], dtype=minitorch.float64)
    assert grad([x.sum(), x * x], x, [None, v])[0].tolist() == [5.0, 61.0]
    assert grad([x * x, x * x], x, [v, v])[0].tolist() == [8.0, 120.0]


def test_grad_does_not_alias_cotangent_or_other_gradients():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    v = minitorch.ones(2, dtype=minitorch.float64)
    a, b = grad(x + w, [x, w], v)
    a.zero_()
    assert b.tolist() == v.tolist() == [1.0, 1.0]


def test_grad_of_what_is_not_used():
    x, w = leaf(1.0), leaf(2.0)
    y = (x * x).sum()
    with pytest.raises(
        RuntimeError, match="One of the differentiated Tensors appears to not have been used in the graph"
    ):
        grad(y, [x, w], retain_graph=True)
    g, nothing = grad(y, [x, w], allow_unused=True, retain_graph=True)
    assert g.item() == 2.0
    assert nothing is None
    g, zeros = grad(y, [x, w], materialize_grads=True)
    assert zeros.tolist() == [0.0]
    assert zeros.dtype == w.dtype
    with pytest.raises(ValueError, match="allow_unused to be True or not passed when materialize_grads=True"):
        grad(y, w, allow_unused=False, materialize_grads=True)


def test_grad_refuses_what_does_not_require_grad():
    x, c = leaf(1.0), tensor([1.0], dtype=minitorch.float64)
    with pytest.raises(RuntimeError, match="One of the differentiated Tensors does not require grad"):
        grad((x * c).sum(), c)
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require grad and does not have a grad_fn"):
        grad(c.sum(), x)
    with pytest.raises(RuntimeError, match="element 1 of tensors does not require grad"):
        grad([x.sum(), c.sum()], x)
    with pytest.raises(NotImplementedError, match="is_grads_batched"):
        grad(x.sum(), x, is_grads_batched=True)


def test_grad_walks_only_where_it_must():
    seen = []
    x, w = leaf(1.0), leaf(2.0)
    a, b = x * 2, w * 3
    b.register_hook(lambda g: seen.append(g))
    y = (a * b).sum()
    grad(y, x, retain_graph=True)
    assert seen == []
    grad(y, w)
    assert len(seen) == 1


def test_higher_derivatives_by_nesting():
    x = leaf(0.3)
    y = x.tanh()
    found = []
    for _ in range(6):
        (y,) = grad(y.sum(), x, create_graph=True)
        found.append(y.item())
    t = np.tanh(0.3)
    assert found[0] == pytest.approx(1 - t**2, rel=1e-12)
    assert found[1] == pytest.approx(-2 * t * (1 - t**2), rel=1e-12)
    assert found[2] == pytest.approx((6 * t**2 - 2) * (1 - t**2), rel=1e-12)
    assert found[3] == pytest.approx(8 * t * (2 - 3 * t**2) * (1 - t**2), rel=1e-12)
    assert found[4] == pytest.approx(8 * (2 - 15 * t**2 + 15 * t**4) * (1 - t**2), rel=1e-12)
    assert found[5] == pytest.approx(-16 * t * (17 - 60 * t**2 + 45 * t**4) * (1 - t**2), rel=1e-12)


def test_second_derivative_by_another_argument():
    x, w = leaf(2.0), leaf(3.0)
    (g,) = grad((x * x * w * w * w).sum(), x, create_graph=True)
    assert grad(g.sum(), w)[0].item() == 2 * 2 * 3 * 9.0
    assert g.requires_grad


def test_derivative_in_the_cotangent():
    x, v = leaf(2.0, 3.0), leaf(5.0, 7.0)
    (g,) = grad(x * x, x, v, create_graph=True)
    assert grad(g.sum(), v)[0].tolist() == [4.0, 6.0]


def test_grad_inside_a_differentiated_function_does_not_confuse_perturbations():
    x, y = leaf(1.0), leaf(1.0)

    def inner(x, y):  # d/dy (x + y) = 1, not 2
        return grad((x + y).sum(), y, create_graph=True)[0]

    assert grad((x * inner(x, y)).sum(), x)[0].item() == 1.0


# ---- backward --------------------------------------------------------------------------------------------------------


def test_backward_of_a_number_and_with_a_cotangent():
    x = leaf(2.0, 3.0)
    (x * x).backward(tensor([1.0, 10.0], dtype=minitorch.float64))
    assert x.grad.tolist() == [4.0, 60.0]
    x.grad = None
    (x[0] * x[1]).reshape(1, 1).backward()
    assert x.grad.tolist() == [3.0, 2.0]


def test_backward_says_what_is_wrong():
    x = leaf(2.0, 3.0)
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar outputs") as error:
        (x * x).backward()
    assert "[2]" in str(error.value)
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require grad and does not have a grad_fn"):
        minitorch.ones(1).backward()
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require grad"):
        minitorch.no_grad()(lambda: (x * x).sum())().backward()
    with pytest.raises(
        RuntimeError,
        match=r"Mismatch in shape: grad_output\[0\] has a shape of \[3\] and output\[0\] has a shape of "
        r"\[2\]",
    ):
        (x * x).backward(minitorch.ones(3, dtype=minitorch.float64))
    with pytest.raises(TypeError, match="gradients can be either Tensors or None, but got float"):
        x.sum().backward(1.0)
    with pytest.raises(RuntimeError, match="argument to .?backward.* cannot be empty"):
        x.sum().backward(inputs=[])
    with pytest.raises(RuntimeError, match="got 1 tensors and 2 gradients"):
        backward([x.sum()], [None, None])
    assert x.grad is None


def test_backward_of_several_outputs_walks_once():
    x, count = leaf(2.0), []
    a = x * x
    a.register_hook(lambda g: count.append(g.item()))
    backward([a.sum(), (a * 3).sum()], [None, tensor(2.0, dtype=minitorch.float64)])
    assert x.grad.item() == 28.0
    assert count == [7.0]


def test_backward_restricted_to_inputs():
    x, w = leaf(2.0), leaf(3.0)
    a = x * w
    y = (a * a).sum()
    y.backward(inputs=[x], retain_graph=True)
    assert x.grad.item() == 36.0
    assert w.grad is None
    y.backward(inputs=w, retain_graph=True)
    assert (x.grad.item(), w.grad.item()) == (36.0, 24.0)
    y.backward(inputs=[x, a], retain_graph=True)
    assert (x.grad.item(), a.grad.item()) == (72.0, 12.0)
    backward([y], inputs=[x])
    assert x.grad.item() == 108.0
    with pytest.raises(RuntimeError, match="does not require grad"):
        y.backward(inputs=[tensor(1.0)])


def test_backward_restricted_to_inputs_adds_in_place_and_owns():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (x + w).sum().backward(inputs=[x, w])
    g = x.grad
    assert not np.may_share_memory(g.value, w.grad.value)
    (x * 2).sum().backward(inputs=[x])
    assert x.grad is g
    assert g.tolist() == [3.0, 3.0]


def test_gradients_of_two_graphs_add_up_until_they_are_cleared():
    x = leaf(2.0)
    for _ in range(2):
        (x * x).sum().backward()
    assert x.grad.item() == 8.0
    x.grad.zero_()
    (x * x).sum().backward()
    assert x.grad.item() == 4.0
    x.grad = None
    (x * x).sum().backward()
    assert x.grad.item() == 4.0


def test_inner_gradients_do_not_survive_into_a_second_backward():
    x = leaf(2.0)
    a = x * x
    y = (a * a).sum()
    y.backward(retain_graph=True)
    assert x.grad.item() == 32.0
    y.backward()
    assert x.grad.item() == 64.0  # not 96: what was at a came anew


def test_leaf_that_no_longer_wants_a_gradient_gets_none():
    x = leaf(2.0)
    y = (x * 3).sum()
    x.requires_grad_(False)
    y.backward()
    assert x.grad is None


def test_leaf_that_was_moved_into_the_graph_is_refused():
    x, w = leaf(2.0), leaf(3.0)
    y = (x * 3).sum()
    x.detach_()
    x.mul_(w)
    with pytest.raises(RuntimeError, match="leaf variable has been moved into the graph interior"):
        y.backward()


def test_graph_shared_by_two_losses():
    x = leaf(2.0)
    a = x.exp()
    one, two = a.sum(), (a * a).sum()
    one.backward(retain_graph=True)
    two.backward()
    assert x.grad.item() == pytest.approx(np.exp(2) + 2 * np.exp(4))


# ---- the grad attribute ----------------------------------------------------------------------------------------------


def test_grad_attribute_accepts_what_is_like_the_tensor():
    x = leaf(1.0, 2.0)
    x.grad = tensor([5.0, 6.0], dtype=minitorch.float64)
    x.sum().backward()
    assert x.grad.tolist() == [6.0, 7.0]
    with pytest.raises(TypeError, match="assigned grad expected to be a Tensor or None but got grad of type"):
        x.grad = 0.0
    with pytest.raises(RuntimeError, match="assigned grad has data of"):
        x.grad = minitorch.ones(3, dtype=minitorch.float64)
    with pytest.raises(RuntimeError, match="assigned grad has data of"):
        x.grad = minitorch.ones(2)


def test_grad_of_an_inner_tensor_warns():
    a = leaf(1.0) * 2
    with pytest.warns(UserWarning, match="is not a leaf Tensor is being accessed"):
        assert a.grad is None


def test_integers_cannot_require_grad():
    for make in (
        lambda: tensor([1, 2], requires_grad=True),
        lambda: tensor([1]).requires_grad_(),
        lambda: tensor([True], requires_grad=True),
    ):
        with pytest.raises(RuntimeError, match=r"(?i)only Tensors of floating point"):
            make()
    assert not (leaf(1.0) * 2).long().requires_grad


def test_requires_grad_of_inner_tensors_cannot_be_taken_away():
    a = leaf(1.0) * 2
    assert a.requires_grad_() is a
    with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf variables"):
        a.requires_grad = False


# ---- Variable, copies ------------------------------------------------------------------------------------------------


def test_variable_is_pytorchs_old_name_for_a_tensor():
    data = tensor([1.0, 2.0])
    x = Variable(data, requires_grad=True)
    assert isinstance(x, Tensor)
    assert isinstance(x, Variable)
    assert isinstance(data, Variable)
    assert not isinstance(1.0, Variable)
    assert np.may_share_memory(x.value, data.value)
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]
    assert not data.requires_grad
    with pytest.raises(TypeError, match="Variable data has to be a tensor, but got list"):
        Variable([1.0])


def test_deepcopy_of_a_leaf_copies_values_and_gradient():
    x = leaf(1.0, 2.0)
    (x * 3).sum().backward()
    y = copy.deepcopy({"a": x, "b": [x]})
    assert y["a"] is y["b"][0]
    y = y["a"]
    assert y.is_leaf
    assert y.requires_grad
    assert y.grad.tolist() == [3.0, 3.0]
    with minitorch.no_grad():
        y.add_(1)
        y.grad.zero_()
    assert x.tolist() == [1.0, 2.0]
    assert x.grad.tolist() == [3.0, 3.0]
    assert x._version == 0


def test_deepcopy_refuses_inner_tensors_and_pickle_keeps_leaves():
    a = leaf(1.0) * 2
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user"):
        copy.deepcopy(a)
    x = pickle.loads(pickle.dumps(leaf(1.0, 2.0)))
    assert x.requires_grad
    assert x.tolist() == [1.0, 2.0]


def test_graph_can_be_walked_by_hand():
    x, w = leaf(2.0), leaf(3.0)
    y = (x * w).sum()
    assert repr(y.grad_fn) == "<SumBackward0>"
    assert y.grad_fn.name() == "SumBackward0"
    (mul, slot), *_ = y.grad_fn.next_functions
    assert (mul.name(), slot) == ("MulBackward0", 0)
    assert [leaf for leaf, _ in mul.next_functions] == [x, w] or mul.next_functions[0][0] is x
    assert x.grad_fn is None
    assert x.is_leaf
    assert not y.is_leaf
