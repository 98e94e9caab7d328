"""The engine's promises 1 to 3: the walk, the life of the graph, and mutation (docs: the design, section 3)."""

from __future__ import annotations

import contextlib
import gc
import weakref

import numpy as np
import pytest

import minitorch
from minitorch import Scalar, Tensor, tensor
from minitorch.autograd import grad
from minitorch.engine import Node, Primitive, defvjp, lift, observe
from minitorch.engine.backward import in_order

TWICE = "Trying to backward through the graph a second time"
MUTATED = "one of the variables needed for gradient computation has been modified by an inplace operation"


def leaf(*numbers):
    return tensor(list(numbers), dtype=minitorch.float64, requires_grad=True)


def ones(*shape):
    return minitorch.ones(*shape, dtype=minitorch.float64, requires_grad=True)


@contextlib.contextmanager
def no_collector():
    """Leave everything to reference counting."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.fixture
def visits(monkeypatch):
    """Every node that is asked for its steps, in order."""
    seen = []
    steps = Node.steps
    monkeypatch.setattr(Node, "steps", lambda node, *args: seen.append(node) or steps(node, *args))
    return seen


# ---- 1: the walk is iterative, linear, and visits each node once; a leaf owns its .grad --------------------------------


def test_1_chain_of_100000_nodes_needs_no_recursion():
    x, one = leaf(1.0), tensor([1.0], dtype=minitorch.float64)
    with no_collector():
        y = x
        for _ in range(100_000):
            y = y * one
        y.sum().backward()
        del y  # freeing a deep graph must not recurse either
    assert x.grad.item() == 1.0


def test_1_chain_of_20000_views_needs_no_recursion_and_no_search():
    x = leaf(1.0, 2.0)
    y = x * 1
    for _ in range(20_000):
        y = y.view(2)
    y.mul_(3.0)
    (y[0] * 1).backward()
    assert x.grad.tolist() == [3.0, 0.0]


@pytest.mark.parametrize("kind", ["tensor", "scalar"])
def test_1_each_node_is_visited_once_though_2_to_the_40_paths_lead_there(visits, kind):
    x = leaf(1.0) if kind == "tensor" else Scalar(1.0)
    y = x
    for _ in range(40):
        y = y + y
    (y.sum() if kind == "tensor" else y).backward()
    assert len(visits) == len(set(visits)) == 40 + (kind == "tensor")
    assert x.grad.item() == 2.0**40


def test_1_work_grows_linearly(visits):
    def count(n):
        visits.clear()
        x = y = leaf(1.0)
        for _ in range(n):
            y = (y + x) * x
        y.sum().backward()
        return len(visits)

    assert [count(10), count(100)] == [21, 201]


def test_1_node_waits_for_all_of_its_consumers():
    x = leaf(3.0)
    a = x * x
    b = a * x  # uses a, and so does y, at another depth
    y = a * b
    assert grad(y.sum(), x)[0].item() == 5 * 3.0**4


def test_1_consumers_made_later_come_first_whatever_their_depth():
    x = leaf(2.0)
    a = x * 3
    short = a * 1
    long = a * 1
    for _ in range(5):
        long = long * 1
    (long + short).sum().backward()
    assert x.grad.item() == 6.0


def test_1_sums_on_the_way_do_not_write_into_a_shared_step():
    a, b, c = leaf(1.0, 2.0), leaf(3.0, 4.0), leaf(5.0, 6.0)
    s = a + b  # one step, for a and for b
    t = s + a  # more arrives at a
    (t + s * c).sum().backward()
    assert a.grad.tolist() == [7.0, 8.0]
    assert b.grad.tolist() == [6.0, 7.0]
    assert c.grad.tolist() == [4.0, 6.0]


def test_1_cotangent_given_by_the_user_is_not_written_to():
    x, v = leaf(1.0, 2.0), tensor([3.0, 4.0], dtype=minitorch.float64)
    y = x + x
    (y + y).backward(v)
    assert v.tolist() == [3.0, 4.0]
    assert x.grad.tolist() == [12.0, 16.0]


def grads_of_all_kinds():
    """Leaves whose gradients would share memory, or could not be written to, if the walk handed on what it has."""
    a, b, c, d = ones(2, 3), ones(2, 3), ones(2, 3), ones(3, 2)
    v = minitorch.ones(2, 3, dtype=minitorch.float64)
    y = a + b + c.sum() + d.t()
    y.backward(v)
    return {"a": a.grad, "b": b.grad, "c": c.grad, "d": d.grad, "v": v}


def test_1_leaf_owns_its_grad_writable_and_contiguous():
    for name, g in grads_of_all_kinds().items():
        assert type(g) is Tensor, name
        assert g.is_leaf, name
        assert not g.requires_grad, name
        assert g.value.flags.writeable, name
        assert g.is_contiguous(), name
        assert g.value.base is None, name


def test_1_leaf_shares_its_grad_with_nobody():
    found = grads_of_all_kinds()
    for name, g in found.items():
        for other, h in found.items():
            assert name == other or not np.may_share_memory(g.value, h.value), (name, other)


def test_1_leaf_keeps_a_gradient_that_nobody_else_holds_without_a_copy():
    made = []

    def twice(g):
        result = g * 2
        made.append(id(result))
        return result

    op = lift(Primitive(lambda x: x * 2))
    defvjp(op, x=twice)
    x = ones(2, 3)
    y = op(x)
    y.backward(minitorch.ones(2, 3, dtype=minitorch.float64))
    assert id(x.grad.value) == made[0]


def test_1_leaf_copies_a_gradient_that_a_hook_a_rule_or_a_view_holds():
    kept = []

    def keep(g):
        kept.append(g * 2)
        return kept[-1]

    def show_part(g):
        result = g * 2
        kept.append(result[0])
        return result

    for rule in (keep, show_part):
        op = lift(Primitive(lambda x: x * 2))
        defvjp(op, x=rule)
        x = ones(2, 3)
        op(x).sum().backward()
        assert not np.may_share_memory(x.grad.value, kept[-1])
    x = ones(2, 3)
    x.register_hook(lambda g: kept.append(g.value))
    (x * 2).sum().backward()
    assert not np.may_share_memory(x.grad.value, kept[-1])


def test_1_later_contributions_are_added_in_place():
    x = leaf(1.0, 2.0)
    (x * 2).sum().backward()
    g, memory = x.grad, x.grad.value
    (x * 3).sum().backward()
    assert x.grad is g
    assert g.value is memory
    assert g.tolist() == [5.0, 5.0]
    assert g._version == 1  # whoever kept it for a derivative will notice


def test_1_under_create_graph_contributions_are_added_functionally():
    x = leaf(3.0)
    (x * x).sum().backward(create_graph=True)
    first = x.grad
    (x * x * x).sum().backward(create_graph=True)
    assert first.item() == 6.0
    assert x.grad.item() == 6.0 + 27.0
    (second,) = grad(x.grad.sum(), x)
    assert second.item() == 2.0 + 18.0
    x.grad = None  # it refers to the graph, which refers to x


def test_1_under_create_graph_two_leaves_do_not_share_a_grad():
    a, b = leaf(1.0), leaf(2.0)
    (a + b).sum().backward(create_graph=True)
    assert a.grad is not b.grad
    with minitorch.no_grad():
        a.grad.zero_()
    assert b.grad.item() == 1.0


def test_1_scalars_do_not_share_a_grad_either():
    a, b = Scalar(1.0), Scalar(2.0)
    (a + b).backward(create_graph=True)
    a.grad.data = 0.0
    assert b.grad.item() == 1.0


def test_1_grad_that_has_a_history_is_left_to_whoever_holds_it():
    x = leaf(3.0)
    (x * x).sum().backward(create_graph=True)
    first = x.grad
    (x * 1).sum().backward()
    assert (first.item(), x.grad.item()) == (6.0, 7.0)
    assert grad(first.sum(), x)[0].item() == 2.0


# ---- 2: the graph is nodes only --------------------------------------------------------------------------------------


def test_2_inner_tensors_die_at_once_and_the_graph_lives_on():
    x = leaf(1.0, 2.0)
    with no_collector():
        a = x * 2
        b = a.exp()  # keeps its value, not itself
        y = (a * b).sum()
        dead = [weakref.ref(a), weakref.ref(b)]
        del a, b
        assert [ref() for ref in dead] == [None, None]
    y.backward()
    np.testing.assert_allclose(x.grad.numpy(), (2 * np.exp(2 * x.value)) * (1 + 2 * x.value))


class Cube(minitorch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x**3
        ctx.save_for_backward(x, y)
        return y

    @staticmethod
    def backward(ctx, g):
        x, _ = ctx.saved_tensors
        return g * 3 * x * x


def programs():
    """Graphs of every kind, each made from a leaf; what is returned is their root."""

    def written_view(x):
        y = x * 1
        y[0].mul_(x[1])
        y[1:] = x[:1] * 2
        return (y * y).sum()

    return {
        "elementwise": lambda x: ((x * x).exp() + x).sum(),
        "views": lambda x: (x.view(2, 1).expand(2, 3)[1] * x[0]).sum(),
        "written view": written_view,
        "in place": lambda x: (x * 1).mul_(x).sin_().add_(1).sum(),
        "several outputs": lambda x: (lambda a, b: (a * b).sum())(*(x * 1).split(1)),
        "variadic": lambda x: (minitorch.cat([x, x * 2]) ** 2).sum(),
        "products": lambda x: (x @ x) * x.softmax(0).var(),
        "custom function": lambda x: Cube.apply(x).sum(),
    }


def nodes_of(y):
    """Weak references to all nodes of a graph."""
    return [weakref.ref(node) for node in in_order([y.grad_fn]) if isinstance(node, Node)]


@pytest.mark.parametrize("name", list(programs()))
def test_2_graph_dies_by_reference_counting_with_its_root(name):
    x, program = leaf(1.0, 2.0), programs()[name]
    with no_collector():
        y = program(x)
        nodes = nodes_of(y)
        assert len(nodes) >= 2
        del y
        assert [node() for node in nodes if node()] == [], "something but the root holds the graph, or there is a cycle"


@pytest.mark.parametrize("name", list(programs()))
@pytest.mark.parametrize("retain", [False, True])
def test_2_backward_leaves_no_reference_cycle(name, retain):
    x, program = leaf(1.0, 2.0), programs()[name]
    with no_collector():
        y = program(x)
        nodes = nodes_of(y)
        y.backward(retain_graph=retain)
        del y
        assert [node() for node in nodes if node()] == []
        assert gc.collect() == 0


def test_2_grad_with_create_graph_makes_no_cycle():
    x = leaf(3.0)
    with no_collector():
        y = (x * x * x).sum()
        (g,) = grad(y, x, create_graph=True)
        nodes = [weakref.ref(y.grad_fn), weakref.ref(g.grad_fn)]
        del y, g
        assert [ref() for ref in nodes] == [None, None]


def test_2_array_is_freed_as_soon_as_its_node_has_been_walked():
    x = ones(1000)
    y = (x * 2).exp()
    kept = weakref.ref(y.value)
    z = y.sum()
    del y
    assert kept() is not None
    z.backward()
    assert kept() is None


def test_2_second_backward_raises_pytorchs_message():
    x = leaf(3.0)
    y = (x * x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match=TWICE):
        y.backward()
    with pytest.raises(RuntimeError, match="retain_graph=True"):
        grad(y, x)


def test_2_retain_graph_allows_a_second_backward():
    x = leaf(3.0)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 12.0


def test_2_node_that_kept_no_value_may_be_walked_again():
    x = leaf(1.0, 2.0)
    y = (x + 1).view(2, 1).sum()
    y.backward()
    y.backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_2_part_of_a_graph_that_was_not_walked_is_not_freed():
    a, b = leaf(2.0), leaf(3.0)
    inner = a * a
    y = (inner * b).sum()
    grad(y, b)
    inner.sum().backward()
    assert a.grad.item() == 4.0


def test_2_only_what_the_rules_read_is_kept():
    big = minitorch.ones(1000, dtype=minitorch.float64)
    w = leaf(1.0)
    with no_collector():
        arrays = []
        x = big
        for _ in range(5):
            x = x + w
            arrays.append(weakref.ref(x.value))
        assert [a() is not None for a in arrays] == [False] * 4 + [True], "x + w keeps no array"


def test_2_only_the_rules_that_will_run_decide_what_is_kept():
    x = minitorch.ones(1000, dtype=minitorch.float64)
    w = leaf(1.0)
    y = x * 2
    kept = weakref.ref(y.value)
    z = y * w  # the derivative by w reads y, the derivative by y would read w
    assert [v.shape for v in z.grad_fn.values] == [(1000,)]
    del y
    assert kept() is not None


# ---- 3: mutation is caught -------------------------------------------------------------------------------------------


def test_3_changed_argument_is_caught_by_name_shape_and_version():
    x = leaf(1.0, 2.0)
    a = x * 1
    y = (a * a).sum()
    a.add_(1)
    with pytest.raises(RuntimeError, match=MUTATED) as error:
        y.backward()
    for part in ("mul", "[2]", "version 1", "expected version 0"):
        assert part in str(error.value).replace("(2,)", "[2]")


def test_3_changed_output_is_caught():
    x = leaf(1.0, 2.0)
    y = x.exp()
    z = y.sum()
    y.mul_(2)
    with pytest.raises(RuntimeError, match=MUTATED):
        z.backward()


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.detach().add_(1), lambda a: a[0].add_(1), lambda a: a.view(2, 1).add_(1), lambda a: a.detach()[1:].zero_(),
        lambda a: a.__setitem__(0, 5.0), lambda a: a.copy_(a + 1), lambda a: a.t()[1].zero_(),
    ],
    ids=["detach", "view", "reshaped view", "view of detach", "setitem", "copy_", "transposed"],
)  # fmt: skip
def test_3_change_through_a_view_or_detach_is_caught(change):
    x = leaf(1.0, 2.0)
    a = x * 1
    y = (a * a).sum()
    with minitorch.no_grad():
        change(a)
    with pytest.raises(RuntimeError, match=MUTATED):
        y.backward()


def test_3_change_of_a_leaf_under_no_grad_is_caught():
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    with minitorch.no_grad():
        x -= 0.1
    with pytest.raises(RuntimeError, match=MUTATED):
        y.backward()


def test_3_change_that_nobody_reads_is_allowed():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    a = x * 1
    y = a + w  # its rules read nothing
    a.mul_(100.0)
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


def test_3_change_of_what_no_running_rule_reads_is_allowed():
    x, c = leaf(1.0, 2.0), tensor([3.0, 4.0], dtype=minitorch.float64)
    a = x * 1
    y = a * c  # c needs no gradient, so a is not read
    a.zero_()
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 4.0]


def test_3_in_place_result_is_read_where_it_was_written():
    x = leaf(0.5, 1.0)
    y = (x * 1).exp_()
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), np.exp(x.value))
    z = (x * 1).exp_()
    loss = z.sum()
    z.add_(1)
    with pytest.raises(RuntimeError, match=MUTATED):
        loss.backward()


def test_3_create_graph_checks_too():
    x = leaf(1.0, 2.0)
    a = x * 1
    y = (a * a).sum()
    a.add_(1)
    with pytest.raises(RuntimeError, match=MUTATED):
        grad(y, x, create_graph=True)


def test_3_second_derivative_notices_a_change_after_the_first():
    x = leaf(2.0)
    a = x * 1
    (g,) = grad((a * a * a).sum(), x, create_graph=True)
    with minitorch.no_grad():
        a.add_(1)
    with pytest.raises(RuntimeError, match=MUTATED):
        g.sum().backward()


def test_3_versions_are_shared_by_views_and_detach_and_not_by_copies():
    a = minitorch.zeros(4)
    v, d, c = a[1:], a.detach(), a.clone()
    v.add_(1)
    d.mul_(2)
    assert [t._version for t in (a, v, d, c)] == [2, 2, 2, 0]


def test_observer_of_the_fixture_is_off():  # the promises above must hold without one
    with observe(None):
        assert leaf(1.0).tanh().grad_fn is not None
