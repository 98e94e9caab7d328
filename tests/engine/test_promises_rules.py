"""The engine's promises 5, 7, 8, 9 and 10: what a gradient is like, outputs, non-derivatives, complex numbers, twins."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

import minitorch
from minitorch import Scalar, Tensor, tensor
from minitorch.autograd import grad, gradcheck, gradgradcheck
from minitorch.engine import TABLE, Primitive, defjoint, deftwin, defvjp, lift, make, untuned
from minitorch.ops import elementwise as e
from minitorch.ops.declare import constant, elementwise, primitive

SEED = 0


def leaf(*numbers, dtype=None):
    return tensor(list(numbers), dtype=dtype or minitorch.float64, requires_grad=True)


def new_primitive(forward, **rules):
    """Lift a function of the test's own."""
    lifted = lift(Primitive(forward))
    defvjp(lifted, **rules)
    return lifted


def identity(x):
    return x + 0


# ---- 5: the gradient has the shape, type and device of its variable --------------------------------------------------

WRONG = {
    "shape": lambda g: g[:1], "one dimension more": lambda g: g[None], "no dimension": lambda g: g.sum(),
    "type": lambda g: g.astype(np.float64), "a Python number": lambda g: 1.0, "nothing": lambda g: None,
}  # fmt: skip


@pytest.mark.parametrize("wrong", list(WRONG))
@pytest.mark.parametrize("depth", ["leaf", "inner"])
def test_5_wrong_gradient_is_refused_wherever_it_goes(wrong, depth):
    bad = new_primitive(lambda x: x + 0, x=WRONG[wrong])
    x = minitorch.ones(3, requires_grad=True)
    y = bad(x if depth == "leaf" else x * 2)
    with pytest.raises(
        (RuntimeError, AttributeError), match="returned an invalid gradient at index 0|has no attribute"
    ):
        y.backward(minitorch.ones(3))
    assert x.grad is None


def test_5_gradient_on_the_wrong_device_is_refused():
    def moved(g):
        return minitorch.functions.convert.put(g, minitorch.device("strict", 1))

    bad = new_primitive(lambda x: x + 0, x=moved)
    x = minitorch.ones(3, device="strict:0", requires_grad=True)
    with pytest.raises(RuntimeError, match=r"invalid gradient.*strict"):
        bad(x).backward(minitorch.ones(3, device="strict:0"))


def test_5_refusal_names_operation_argument_and_both_forms():
    def add_total(a, b):
        return a + b.sum()

    bad = lift(Primitive(add_total))
    defvjp(bad, a=lambda g: g, b=lambda g: g)
    with pytest.raises(
        RuntimeError, match=r"Function AddTotalBackward0 returned an invalid gradient at index 1"
    ) as error:
        bad(leaf(1.0, 2.0), leaf(1.0, 2.0, 3.0)).sum().backward()
    assert "(2,)" in str(error.value)
    assert "(3,)" in str(error.value)


def test_5_check_is_made_under_create_graph_too():
    bad = new_primitive(lambda x: x + 0, x=lambda g: g[:1])
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="invalid gradient"):
        grad(bad(x).sum(), x, create_graph=True)


@pytest.mark.parametrize("dtype", [minitorch.float16, minitorch.float32, minitorch.float64])
def test_5_grad_has_the_type_of_its_leaf_in_mixed_company(dtype):
    x = minitorch.ones(2, dtype=dtype, requires_grad=True)
    w = minitorch.ones(3, 2, dtype=minitorch.float64, requires_grad=True)
    i = minitorch.ones(2, dtype=minitorch.int64)
    ((x * 2 + 1) / 3 * i * np.float64(2) * w + 2**x).sum().backward()
    assert (x.grad.dtype, x.grad.shape) == (dtype, (2,))
    assert (w.grad.dtype, w.grad.shape) == (minitorch.float64, (3, 2))


def test_5_door_inserts_recorded_casts():
    x = minitorch.ones(2, requires_grad=True)
    y = x * minitorch.ones(2, dtype=minitorch.float64)
    assert y.dtype == minitorch.float64
    cast_node = y.grad_fn.next_functions[0][0]
    assert cast_node.op.name == "cast"


def test_5_zero_dim_results_are_arrays_not_numpys_scalars():
    x = tensor(2.0, requires_grad=True)
    for y in (x * x, x.exp(), x + 1, x.sum(), minitorch.ones(2)[0], minitorch.ones(2).max(), x == 2):
        assert type(y.value) is np.ndarray
    (x * x * 3).backward()
    assert type(x.grad.value) is np.ndarray
    assert x.grad.shape == ()


@pytest.mark.parametrize(
    ("shape", "other"), [((3, 1), (4,)), ((), (2, 3)), ((1, 1), (2, 3)), ((2, 1, 3), (4, 1)), ((0, 1), (1, 4))]
)
def test_5_gradient_is_summed_over_broadcast_axes(shape, other):
    a = minitorch.ones(shape, dtype=minitorch.float64, requires_grad=True)
    b = minitorch.ones(other, dtype=minitorch.float64, requires_grad=True)
    y = a * b
    y.sum().backward()
    assert a.grad.shape == shape
    assert a.grad.tolist() == np.full(shape, y.numel() / max(a.numel(), 1)).tolist()
    assert b.grad.tolist() == np.full(other, y.numel() / max(b.numel(), 1)).tolist()


# ---- 7: several outputs, joint rules, variadic rules -----------------------------------------------------------------


def sum_and_product(a, b):
    return a + b, a * b, np.asarray(a > b)


both = lift(Primitive(sum_and_product, outputs=("s", "p", "larger")))
seen: list = []


def both_rule(g, needs, a, b):
    """A joint rule that remembers what it was told."""
    seen.append((needs, [x is not None for x in g]))
    gs, gp, _ = g
    zero = e.zeros_like(gs if gs is not None else gp)
    gs, gp = zero if gs is None else gs, zero if gp is None else gp
    return gs + gp * b if needs[0] else None, gs + gp * a if needs[1] else None


defjoint(both, ("a", "b"), both_rule)


def test_7_several_outputs_have_one_node():
    s, p, larger = both(leaf(2.0), leaf(3.0))
    assert s.grad_fn is p.grad_fn
    assert (s.output_nr, p.output_nr) == (0, 1)
    assert larger.grad_fn is None
    assert not larger.requires_grad


def test_7_integer_and_boolean_outputs_are_constants():
    values, indices = leaf(3.0, 1.0).sort()
    assert values.requires_grad
    assert not indices.requires_grad
    assert (values * indices).requires_grad


def test_7_absent_cotangents_are_none_and_the_node_is_asked_once():
    for use, expected in (
        (lambda s, p: s, (1.0, 1.0)),
        (lambda s, p: p, (3.0, 2.0)),
        (lambda s, p: s + p * p, (37.0, 25.0)),
    ):
        a, b = leaf(2.0), leaf(3.0)
        seen.clear()
        s, p, _ = both(a, b)
        use(s, p).sum().backward()
        assert (a.grad.item(), b.grad.item()) == expected
        assert len(seen) == 1
    assert seen[0] == ((True, True), [True, True, False])


def test_7_joint_rule_is_told_which_arguments_need_a_gradient():
    a, b = leaf(2.0), tensor([3.0], dtype=minitorch.float64)
    seen.clear()
    both(a, b)[1].sum().backward()
    assert seen == [((True, False), [False, True, False])]
    assert a.grad.item() == 3.0


def test_7_joint_rule_is_differentiable():
    def product(a, b):
        s, p, _ = both(a, b)
        return s * p

    assert gradcheck(product, (leaf(2.0, 3.0), leaf(0.5, -1.0)))
    assert gradgradcheck(product, (leaf(2.0, 3.0), leaf(0.5, -1.0)))


def test_7_joint_rule_with_optional_argument_left_out():
    def affine(x, w, b=None):
        return x * w if b is None else x * w + b

    def rule(g, needs, x, w):
        return g * w, g * x, g

    lifted = lift(Primitive(affine))
    defjoint(lifted, ("x", "w", "b"), rule)
    x, w, b = leaf(2.0), leaf(3.0), leaf(5.0)
    assert [g.item() for g in grad(lifted(x, w), [x, w])] == [3.0, 2.0]
    assert [g.item() for g in grad(lifted(x, w, b), [x, w, b])] == [3.0, 2.0, 1.0]
    assert [g.item() for g in grad(lifted(x, w, None), [x])] == [3.0]
    assert [g.item() for g in grad(lifted(x, b=b, w=w), [b])] == [1.0]


def test_7_joint_twin_runs_for_plain_values_only():
    def double(a):
        return a * 2

    lifted = lift(Primitive(double))
    called = []
    defjoint(lifted, ("a",), lambda g, needs: (called.append("rule") or g * 2,))
    deftwin(lifted, a=lambda g, needs: (called.append("twin") or g * 2,))
    x = leaf(1.0)
    grad(lifted(x), x)
    grad(lifted(x), x, create_graph=True)
    assert called == ["twin", "rule"]


def test_7_variadic_rule_is_told_which_argument_is_meant():
    told = []

    def weighted(*xs):
        return sum((i + 1) * x for i, x in enumerate(xs))

    lifted = lift(Primitive(weighted))
    defvjp(lifted, xs=lambda g, k: told.append(k) or g * (k + 1))
    a, b, c = leaf(1.0), tensor([1.0], dtype=minitorch.float64), leaf(1.0)
    lifted(a, b, c).sum().backward()
    assert sorted(told) == [0, 2]
    assert (a.grad.item(), c.grad.item()) == (1.0, 3.0)


def test_7_variadic_rule_may_read_all_arguments():
    def product(*xs):
        y = 1.0
        for x in xs:
            y = y * x
        return y

    def rule(g, k, xs):
        for j, x in enumerate(xs):
            g = g if j == k else g * x
        return g

    lifted = lift(Primitive(product))
    defvjp(lifted, xs=rule)
    xs = (leaf(2.0), leaf(3.0), leaf(5.0))
    assert [g.item() for g in grad(lifted(*xs), xs)] == [15.0, 10.0, 6.0]
    assert gradgradcheck(lifted, xs)
    y = lifted(*(x * 1 for x in xs))
    assert [g.item() for g in grad(y, xs)] == [15.0, 10.0, 6.0]


def test_7_cat_and_stack_give_each_part_its_slice():
    a, b = leaf(1.0, 2.0), leaf(3.0)
    (minitorch.cat([a, b, a]) * tensor([1.0, 2.0, 3.0, 4.0, 5.0], dtype=minitorch.float64)).sum().backward()
    assert a.grad.tolist() == [5.0, 7.0]
    assert b.grad.tolist() == [3.0]


@pytest.mark.parametrize(
    "take", [lambda x: x.split(1), lambda x: x.unbind(0), lambda x: x.chunk(4)], ids=["split", "unbind", "chunk"]
)
def test_7_split_and_unbind_are_one_node_with_zeros_for_what_nobody_used(take):
    x = leaf(1.0, 2.0, 3.0, 4.0)
    parts = take(x)
    assert len({id(p.grad_fn) for p in parts}) == 1
    (parts[1] * 5 + parts[3] * parts[3]).sum().backward()
    assert x.grad.tolist() == [0.0, 5.0, 0.0, 8.0]


def test_7_max_pooling_is_a_constant_choice_and_a_gather():
    from minitorch.nn.functional import max_pool2d

    y, where = max_pool2d(minitorch.randn(1, 1, 4, 4, requires_grad=True), 2, return_indices=True)
    assert y.requires_grad
    assert not where.requires_grad


# ---- 8: three kinds of non-derivative --------------------------------------------------------------------------------


def test_8_constant_is_never_recorded():
    x = leaf(1.0, -2.0)
    for y in (x > 0, x == x, x.argmax(), x.isnan(), x.argsort()):
        assert not y.requires_grad
        assert y.grad_fn is None
    half = constant(lambda x: x * 0.5)  # of floats, and yet a constant
    assert not half(x).requires_grad


def test_8_zero_derivative_is_recorded_and_gives_zeros():
    for f in (minitorch.floor, minitorch.sign, minitorch.round, minitorch.trunc, minitorch.ceil):
        x = leaf(1.3, -2.6)
        y = f(x)
        assert y.requires_grad
        y.sum().backward()
        assert x.grad.tolist() == [0.0, 0.0]


def test_8_derivative_that_is_not_written_raises_naming_operation_and_argument():
    def skewed(a, b):
        return a * b

    lifted = lift(Primitive(skewed))
    defvjp(lifted, a=lambda g, b: g * b)
    x, w = leaf(2.0), tensor([3.0], dtype=minitorch.float64)
    assert grad(lifted(x, w), x)[0].item() == 3.0
    y = lifted(w, x)  # computing is allowed, as in PyTorch
    assert y.item() == 6.0
    assert y.requires_grad
    with pytest.raises(NotImplementedError, match=r"the derivative of skewed with respect to 'b' is not implemented"):
        y.backward()
    with pytest.raises(NotImplementedError, match="'b'"):
        lifted(Scalar(2.0, requires_grad=False), Scalar(3.0)).backward()


def test_8_argument_of_a_rule_that_is_neither_argument_nor_output_is_refused_at_once():
    lifted = lift(Primitive(lambda a: a))
    with pytest.raises(TypeError, match="a rule reads 'c', which is neither an argument nor an output"):
        defvjp(lifted, a=lambda g, c: g)
    with pytest.raises(TypeError, match=r"there is no argument \['z'\]; the arguments are"):
        defvjp(lifted, z=lambda g: g)
    with pytest.raises(TypeError, match="belong to the gradient and the outputs"):
        Primitive(lambda y: y)


# ---- 9: complex numbers ----------------------------------------------------------------------------------------------


def complex_leaf(*numbers):
    return tensor(np.array(numbers, dtype=np.complex128), requires_grad=True)


CONVENTION = {  # L, and dL/da + i dL/db at z = a + ib, by hand
    "re": (lambda z: z.real, lambda z: 1),
    "im": (lambda z: z.imag, lambda z: 1j),
    "abs": (lambda z: z.abs(), lambda z: z / np.abs(z)),
    "square of abs": (lambda z: (z * z.conj()).real, lambda z: 2 * z),
    "re of square": (lambda z: (z * z).real, lambda z: 2 * np.conj(z)),
    "im of square": (lambda z: (z * z).imag, lambda z: 2j * np.conj(z)),
    "re of exp": (lambda z: z.exp().real, lambda z: np.conj(np.exp(z))),
    "re of constant times z": (lambda z: (z * (2 - 3j)).real, lambda z: 2 + 3j),
    "re of reciprocal": (lambda z: (1 / z).real, lambda z: np.conj(-1 / z**2)),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CONVENTION))
def test_9_gradient_of_a_real_loss_points_uphill(name):
    loss, by_hand = CONVENTION[name]
    z = complex_leaf(1 + 2j, -0.5 + 0.25j)
    loss(z).sum().backward()
    np.testing.assert_allclose(z.grad.numpy(), np.broadcast_to(by_hand(z.detach().numpy()), 2), rtol=1e-12)


@pytest.mark.parametrize("name", list(CONVENTION))
def test_9_agrees_with_pytorch(name, oracle):
    numbers = np.array([1 + 2j, -0.5 + 0.25j])
    z, other = complex_leaf(*numbers), oracle.tensor(numbers, requires_grad=True)
    loss = CONVENTION[name][0]
    (g,), (expected,) = (
        grad(loss(z).sum(), z, create_graph=True),
        oracle.autograd.grad(loss(other).sum(), other, create_graph=True),
    )
    np.testing.assert_allclose(g.detach().numpy(), expected.detach().numpy(), rtol=1e-12)
    if expected.requires_grad:
        (h,), (expected,) = grad(g.abs().sum(), z), oracle.autograd.grad(expected.abs().sum(), other)
        np.testing.assert_allclose(h.numpy(), expected.numpy(), rtol=1e-10, atol=1e-12)


def test_9_cotangents_are_conjugated_at_every_door():
    z, v = complex_leaf(1 + 2j), tensor(np.array([3 - 4j]))
    w = 2 - 1j
    expected = (3 - 4j) * np.conj(w)
    (z * w).backward(v)
    assert z.grad.item() == expected  # in: v; out: .grad
    assert grad(z * w, z, v)[0].item() == expected  # out: grad()
    seen = []
    y = z * 1
    y.register_hook(lambda g: seen.append(g.item()) or g * 1j)  # out and in: hooks
    y.retain_grad()
    z.grad = None
    (y * w).backward(v)
    assert seen == [expected]
    assert y.grad.item() == expected * 1j
    assert z.grad.item() == expected * 1j


def test_9_functions_of_ones_own_see_pytorchs_convention():
    class Times(minitorch.autograd.Function):
        @staticmethod
        def forward(ctx, z, w):
            ctx.w = w
            return z * w

        @staticmethod
        def backward(ctx, g):
            return g * np.conj(ctx.w), None

    z = complex_leaf(1 + 2j)
    Times.apply(z, 2 - 1j).real.sum().backward()
    assert z.grad.item() == 2 + 1j


def test_9_real_leaf_gets_a_real_gradient_from_complex_company():
    x = leaf(2.0)
    (x * (1 + 2j)).imag.sum().backward()
    assert x.grad.dtype == minitorch.float64
    assert x.grad.item() == 2.0


# ---- 10: twins -------------------------------------------------------------------------------------------------------


@pytest.fixture
def cube():
    """A cube whose rule and whose twin tell when they are called."""
    called = []

    @primitive
    def cube(x):
        called.append("forward")
        return x * x * x

    def rule(g, x):
        called.append("rule")
        return g * (3 * (x * x))

    def tuned_forward(x):
        called.append("tuned forward")
        return x**3

    def tuned_rule(g, x):
        called.append("tuned rule")
        return 3 * x**2 * g

    defvjp(cube, x=rule)
    deftwin(cube, tuned_forward, x=tuned_rule)
    cube.called = called
    return cube


def test_10_twins_run_on_plain_values(cube):
    x = leaf(2.0)
    cube(x).sum().backward()
    assert cube.called == ["tuned forward", "tuned rule"]
    assert x.grad.item() == 12.0


def test_10_plain_rule_runs_under_create_graph(cube):
    x = leaf(2.0)
    (g,) = grad(cube(x), x, create_graph=True)
    assert cube.called == ["tuned forward", "rule"]
    assert grad(g, x)[0].item() == 12.0


def test_10_plain_function_is_kept_as_the_reference(cube):
    assert TABLE[cube].forward(2.0) == TABLE[cube].run(2.0) == 8.0
    assert cube.called == ["forward", "tuned forward"]


def test_10_redefined_rule_has_no_twin(cube):
    defvjp(cube, x=lambda g, x: g * 0)
    x = leaf(2.0)
    cube(x).sum().backward()
    assert x.grad.item() == 0.0


def test_10_every_twin_of_the_table_is_known():  # that they agree, to second order, is checked by tests/ops, row by row
    tuned = {
        op.name
        for op in TABLE.values()
        if (op.twins or op.run is not op.forward) and op.forward.__module__.startswith("minitorch.")
    }
    assert "prod" in tuned


def test_primitive_works_on_numbers_arrays_scalars_and_tensors_alike():
    @elementwise
    def twice_and_one(x):
        return 2 * x + 1

    defvjp(twice_and_one, x=lambda g: g * 2)
    assert twice_and_one(3.0) == 7.0
    assert twice_and_one(np.ones(2)).tolist() == [3.0, 3.0]
    x, t = Scalar(3.0), leaf(3.0)
    for v in (x, t):
        y = twice_and_one(v)
        assert type(y) is type(v)
        y.backward()
        assert v.grad.item() == 2.0
    assert isinstance(make(Tensor, np.ones(1)), Tensor)


def test_10_untuned_computes_by_the_plain_formulas_until_it_ends(cube):
    for _ in range(2):
        cube.called.clear()
        with untuned():
            cube(leaf(2.0)).sum().backward()
        assert cube.called == ["forward", "rule"]
        cube(leaf(2.0)).sum().backward()
        assert cube.called == ["forward", "rule", "tuned forward", "tuned rule"]


def test_10_untuned_ends_after_an_exception_too(cube):
    with pytest.raises(ZeroDivisionError), untuned():
        raise ZeroDivisionError
    cube(leaf(2.0))
    assert cube.called == ["tuned forward"]


def test_10_step_of_a_network_is_the_same_with_and_without_twins():
    nn, found = minitorch.nn, []
    for how in (contextlib.nullcontext, untuned):
        minitorch.manual_seed(0)
        net = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.GELU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3, groups=8),
            nn.Flatten(), nn.Linear(8 * 4, 20), nn.LayerNorm(20), nn.Softmax(1), nn.Linear(20, 17), nn.LogSoftmax(1),
        ).double()  # fmt: skip
        x = minitorch.randn(4, 3, 8, 8, dtype=minitorch.float64, requires_grad=True)
        with how():
            loss = nn.NLLLoss()(net(x), minitorch.arange(4))
            loss.backward()
        found.append([loss.item(), *(p.grad.numpy() for p in (x, *net.parameters()))])
    for tuned, plain in zip(*found, strict=True):
        np.testing.assert_allclose(tuned, plain, rtol=1e-9, atol=1e-12)
