"""Hooks: who sees a gradient on its way, in which order, and what a hook may answer."""

from __future__ import annotations

import gc
import weakref

import pytest

import minitorch
from minitorch import tensor
from minitorch.autograd import grad


def leaf(*numbers):
    return tensor(list(numbers), dtype=minitorch.float64, requires_grad=True)


def test_hook_sees_the_whole_gradient_once():
    x, seen = leaf(2.0), []
    a = x * 3
    a.register_hook(lambda g: seen.append(g.item()))
    (a * a + a).sum().backward()
    assert seen == [13.0]
    assert x.grad.item() == 39.0


def test_hook_at_a_leaf_sees_the_contribution_not_the_sum():
    x, seen = leaf(2.0), []
    x.register_hook(lambda g: seen.append(g.item()))
    (x * 3 + x).sum().backward()
    (x * 5).sum().backward()
    assert seen == [4.0, 5.0]
    assert x.grad.item() == 9.0


@pytest.mark.parametrize("where", ["leaf", "inner"])
def test_hook_that_returns_replaces(where):
    x = leaf(2.0)
    a = x * 3
    (x if where == "leaf" else a).register_hook(lambda g: g * 10)
    (a * 1).sum().backward()
    assert x.grad.item() == 30.0


@pytest.mark.parametrize("where", ["leaf", "inner"])
def test_hooks_are_called_in_order_each_with_the_answer_of_the_last(where):
    x = leaf(2.0)
    a = x * 1
    target, seen = x if where == "leaf" else a, []
    target.register_hook(lambda g: g + 1)
    target.register_hook(lambda g: seen.append(g.item()))
    target.register_hook(lambda g: g * 10)
    a.sum().backward()
    assert seen == [2.0]
    assert x.grad.item() == 20.0


def test_hook_is_removed_by_its_handle():
    x = leaf(2.0)
    first, second = x.register_hook(lambda g: g * 2), x.register_hook(lambda g: g + 5)
    first.remove()
    first.remove()  # twice is once
    x.sum().backward()
    assert x.grad.item() == 6.0
    second.remove()
    x.sum().backward()
    assert x.grad.item() == 7.0
    with x.register_hook(lambda g: g * 100):
        x.sum().backward()
    x.sum().backward()
    assert x.grad.item() == 108.0


def test_hook_may_remove_itself():
    x, seen = leaf(2.0), []
    handle = x.register_hook(lambda g: (seen.append(g.item()), handle.remove())[0])
    for _ in range(2):
        x.sum().backward()
    assert seen == [1.0]


@pytest.mark.parametrize("answer", [1.0, "gradient", lambda g: g.sum(), lambda g: g.float(), lambda g: g[None]])
def test_hook_that_returns_something_else_is_refused(answer):
    x = leaf(2.0, 3.0)
    x.register_hook(answer if callable(answer) else lambda g: answer)
    with pytest.raises((RuntimeError, TypeError), match="hook"):
        x.sum().backward()
    assert minitorch.is_grad_enabled()
    assert x.grad is None


def test_hook_needs_a_tensor_that_requires_grad():
    for register in ("register_hook", "register_post_accumulate_grad_hook"):
        with pytest.raises(RuntimeError, match="cannot register a hook on a tensor that doesn't require gradient"):
            getattr(minitorch.ones(2), register)(print)
    with pytest.raises(RuntimeError, match="post accumulate grad hooks cannot be registered on non-leaf tensors"):
        (leaf(1.0) * 2).register_post_accumulate_grad_hook(print)


def test_hooks_work_for_grad_too_at_its_inputs_and_on_the_way():
    x = leaf(2.0)
    a = x * 3
    a.register_hook(lambda g: g * 10)
    x.register_hook(lambda g: g + 1)
    assert grad((a * 1).sum(), x, retain_graph=True)[0].item() == 31.0
    assert grad((a * 1).sum(), a)[0].item() == 10.0


def test_hooks_at_one_of_several_outputs():
    x, seen = leaf(1.0, 2.0), []
    a, b = x.split(1)
    b.register_hook(lambda g: seen.append(g.item()) or g * 100)
    a.sum().backward(retain_graph=True)
    assert seen == []
    (a * b).sum().backward()
    assert seen == [1.0]
    assert x.grad.tolist() == [3.0, 100.0]


def test_hook_is_differentiated_under_create_graph():
    x = leaf(2.0)
    a = x * x
    a.register_hook(lambda g: g * g * x)
    (g,) = grad((a * 3).sum(), x, create_graph=True)  # 9x * 2x = 18x²
    assert g.item() == 72.0
    assert grad(g.sum(), x)[0].item() == 72.0


def test_hook_dies_with_the_graph():
    class Counter:
        def __call__(self, g):
            pass

    counter, x = Counter(), leaf(2.0)
    a = x * 2
    a.register_hook(counter)
    dead = weakref.ref(counter)
    gc.disable()
    try:
        del counter, a
        assert dead() is None
    finally:
        gc.enable()


def test_hook_keeps_to_the_value_it_was_registered_on():
    x, seen = leaf(2.0), []
    a = x * 1
    a.register_hook(lambda g: seen.append(g.item()))
    a.mul_(4)
    (a * 3).sum().backward()
    assert seen == [12.0]  # of the value before the write, as in PyTorch


# ---- after accumulation ----------------------------------------------------------------------------------------------


def test_post_accumulate_hook_sees_the_leaf_with_its_gradient():
    x, seen = leaf(2.0), []
    handle = x.register_post_accumulate_grad_hook(lambda p: seen.append((p is x, p.grad.item())))
    for _ in range(2):
        (x * 3).sum().backward()
    assert seen == [(True, 3.0), (True, 6.0)]
    (x * 3).sum().backward(inputs=[x])
    assert seen[-1] == (True, 9.0)
    grad((x * 3).sum(), x)
    handle.remove()
    (x * 3).sum().backward()
    assert len(seen) == 3


def test_post_accumulate_hook_may_step_and_clear():
    x = leaf(2.0)

    def step(p):
        with minitorch.no_grad():
            p -= 0.1 * p.grad
        p.grad = None

    x.register_post_accumulate_grad_hook(step)
    (x * 3).sum().backward()
    assert x.grad is None
    assert x.item() == pytest.approx(1.7)


# ---- retain_grad -----------------------------------------------------------------------------------------------------


def test_retain_grad_keeps_the_gradient_of_an_inner_tensor():
    x = leaf(2.0)
    a = x * 3
    a.retain_grad()
    a.retain_grad()
    assert a.retains_grad
    (a * a).sum().backward()
    assert a.grad.item() == 12.0
    (x * 1 + a.detach()).sum().backward()
    assert a.grad.item() == 12.0


def test_retained_gradients_add_up_and_are_owned():
    x = leaf(2.0, 3.0)
    a = x * 1
    b = a + 0.0
    for t in (a, b):
        t.retain_grad()
    b.sum().backward(retain_graph=True)
    b.sum().backward()
    assert a.grad.tolist() == b.grad.tolist() == [2.0, 2.0]
    a.grad.zero_()
    assert b.grad.tolist() == [2.0, 2.0]


def test_retain_grad_sees_what_the_hooks_made_of_it_whatever_the_order():
    x = leaf(2.0)
    a = x * 1
    a.register_hook(lambda g: g * 3)
    a.retain_grad()
    a.register_hook(lambda g: g * 5)
    (a * 1).sum().backward()
    assert a.grad.item() == x.grad.item() == 15.0


def test_retain_grad_of_a_leaf_changes_nothing_and_without_grad_is_refused():
    x = leaf(2.0)
    x.retain_grad()
    assert not x.retains_grad
    with pytest.raises(RuntimeError, match="can't retain_grad on Tensor that has requires_grad=False"):
        minitorch.ones(1).retain_grad()


def test_retain_grad_does_not_keep_the_tensor_alive():
    x = leaf(2.0)
    gc.disable()
    try:
        a = x * 3
        a.retain_grad()
        b = a * 2
        dead = weakref.ref(a)
        del a
        assert dead() is None
    finally:
        gc.enable()
    b.sum().backward()
    assert x.grad.item() == 6.0


def test_retained_gradient_under_create_graph_can_be_differentiated():
    x = leaf(2.0)
    a = x * x
    a.retain_grad()
    (a * a * a).sum().backward(create_graph=True)
    assert a.grad.item() == 3 * 16.0
    assert grad(a.grad.sum(), x)[0].item() == 6 * 4.0 * 4.0
    x.grad = a.grad = None
