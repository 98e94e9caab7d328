"""The cases that a newcomer's test suite forgets, by their numbers in the list.

1 (a first contribution that is used again) is in tests/engine/test_promises_graph.py; 8 and 26 (forms of indices,
writes into views) in tests/engine/test_views.py, 17, 18, 19 and 28 in tests/engine and tests/autograd/test_grad.py,
20 and 25 (modes) in tests/engine/test_promises_use.py, 24 (random cotangents) in tests/autograd/test_gradcheck.py.
Some of them stand here again, where a few words more are to be said.
"""

from __future__ import annotations

import numpy as np
import pytest

import minitorch
import minitorch.nn.functional as F
from minitorch import nn, optim, tensor
from minitorch.autograd import grad, gradcheck, gradgradcheck
from minitorch.engine import observe

NAN, INF = float("nan"), float("inf")


def leaf(*numbers, dtype=minitorch.float64):
    return tensor(list(numbers), dtype=dtype, requires_grad=True)


def randn(*shape, seed=0):
    return tensor(np.random.default_rng(seed).standard_normal(shape), requires_grad=True)


# ---- 1, 2: the same number twice ---------------------------------------------------------------------------------------


def test_01_first_contribution_comes_from_indexing_and_is_used_again():
    for z in (leaf(1.0, 2.0, 3.0), tensor(np.array([1 + 1j, 2.0, 3j]), requires_grad=True)):
        part = z[0:2]
        y = (part * 2 + part).abs().sum() + z[0].abs() + part.sum().abs()
        assert gradcheck(lambda z: (z[0:2] * 2 + z[0:2]).abs().sum() + z[0].abs(), (z,))
        y.backward()
        assert z.grad.shape == z.shape


SAME = {
    "x * x": lambda x: x * x, "x - x": lambda x: x - x, "x / x": lambda x: x / x, "x ** x": lambda x: (x * x + 1) ** x,
    "x @ x": lambda x: x @ x, "cat": lambda x: minitorch.cat([x, x, x]), "where": lambda x: minitorch.where(x > 0, x, x * x),
    "linear": lambda x: F.linear(x, x, x[0]), "einsum": lambda x: minitorch.einsum("ij,jk,ki->i", x, x, x), "x[...] = x": lambda x: written(x),
    "outer": lambda x: minitorch.outer(x[0], x[0]), "addcmul": lambda x: minitorch.addcmul(x, x, x), "lerp": lambda x: x.lerp(x * x, x),
}  # fmt: skip


def written(x):
    y = x * 1
    y[...] = y.clone() * x
    return y


@pytest.mark.parametrize("name", list(SAME))
def test_02_same_tensor_as_several_operands(name):
    x = randn(3, 3, seed=3)
    assert gradcheck(SAME[name], (x,))
    assert gradgradcheck(SAME[name], (x,))


def test_02_maximum_of_a_tensor_and_itself_passes_the_whole_gradient():
    x = leaf(1.0, 2.0)
    for f in (minitorch.maximum, minitorch.minimum):
        assert grad(f(x, x).sum(), x)[0].tolist() == [1.0, 1.0]


# ---- 3, 4, 5, 6: ties, axes, no dimensions ---------------------------------------------------------------------------


def test_03_ties_share_evenly_in_amax_and_go_to_one_index_in_max():
    x = tensor([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]], dtype=minitorch.float64, requires_grad=True)
    assert grad(x.amax(1).sum(), x)[0].tolist() == [[0, 0.5, 0.5], [1 / 3] * 3]
    assert grad(x.amin(1).sum(), x)[0].tolist() == [[1, 0, 0], [1 / 3] * 3]
    assert grad(x.max(), x)[0].tolist() == [[0, 0.5, 0.5], [0, 0, 0]]
    assert grad(x.max(1).values.sum(), x)[0].sum(1).tolist() == [1.0, 1.0]
    assert set(grad(x.max(1).values.sum(), x)[0].reshape(6).tolist()) == {0.0, 1.0}


@pytest.mark.parametrize("name", ["sum", "mean", "amax", "amin", "logsumexp", "prod", "var", "norm"])
@pytest.mark.parametrize("keepdim", [False, True])
def test_04_reduction_over_an_axis_of_length_one(name, keepdim):
    x = randn(3, 1, seed=2)
    options = {"correction": 0} if name == "var" else {}
    y = getattr(x, name)(dim=1, keepdim=keepdim, **options)
    assert y.shape == ((3, 1) if keepdim else (3,))
    expected = {"var": np.zeros((3, 1)), "norm": np.sign(x.detach().numpy())}.get(name, np.ones((3, 1)))
    np.testing.assert_allclose(grad(y.sum(), x)[0].numpy(), expected)


@pytest.mark.parametrize("dim", [(0, 1), (1, 0), (-1, 0), (0, -2), (-1,), (0, 1, 2)])
@pytest.mark.parametrize("name", ["sum", "mean", "amax", "logsumexp", "var", "std", "norm"])
def test_05_several_and_negative_axes(name, dim):
    x = randn(2, 3, 2, seed=1)
    assert gradcheck(lambda x: getattr(x, name)(dim=dim), (x,), fast_mode=True)
    if name in ("sum", "mean", "var", "std"):
        options = {"ddof": 1} if name in ("var", "std") else {}
        np.testing.assert_allclose(
            getattr(x, name)(dim=dim).detach().numpy(), getattr(np, name)(x.detach().numpy(), axis=dim, **options)
        )


@pytest.mark.parametrize("correction", [0, 1, 2])
def test_05_variance_with_corrections(correction):
    x = randn(4, 3)
    np.testing.assert_allclose(
        x.var(0, correction=correction).detach().numpy(), x.detach().numpy().var(0, ddof=correction)
    )
    assert gradcheck(lambda x: x.var(0, correction=correction), (x,))


def test_06_zero_dimensional_tensors_everywhere():
    x, y = (
        tensor(2.0, dtype=minitorch.float64, requires_grad=True),
        tensor(3.0, dtype=minitorch.float64, requires_grad=True),
    )
    for f in (
        lambda: x * y, lambda: x**y, lambda: x.sum(), lambda: x.mean(), lambda: x.max() * y, lambda: x.reshape(1)[0] * y, lambda: x.expand(3).sum(),
        lambda: minitorch.stack([x, y]).prod(), lambda: x[None] @ y[None], lambda: x.clone().mul_(y), lambda: x[...] * y, lambda: x.softmax(0) * y,
    ):  # fmt: skip
        z = f()
        assert z.numel() == 1
        for g, t in zip(grad(z.sum(), [x, y], materialize_grads=True), (x, y), strict=True):
            assert g.shape == t.shape == ()
            assert type(g.value) is np.ndarray


# ---- 7, 8: nothing, and how it is indexed ----------------------------------------------------------------------------


def test_07_empty_tensors_lists_and_masks():
    x = randn(3, 2)
    for f in (
        lambda x: x[[]], lambda x: x[x > 100], lambda x: x[minitorch.zeros(3, dtype=minitorch.bool)], lambda x: x[0:0], lambda x: x[False],
        lambda x: minitorch.cat([x[:0], x[:0]]), lambda x: x[:0] * 2, lambda x: x[:0].sum(0) * 0, lambda x: x[:0] @ x.t(),
    ):  # fmt: skip
        y = f(x)
        assert grad(y.sum(), x)[0].tolist() == np.zeros((3, 2)).tolist()
    assert x[True].shape == (1, 3, 2)
    assert grad(x[True].sum(), x)[0].tolist() == np.ones((3, 2)).tolist()
    empty = minitorch.zeros(0, dtype=minitorch.float64, requires_grad=True)
    assert (empty.sum().item(), empty.prod().item()) == (0.0, 1.0)
    (empty.sum() + empty.prod()).backward()
    assert empty.grad.shape == (0,)
    for name in ("max", "min", "argmax"):
        with pytest.raises((RuntimeError, IndexError)):
            getattr(empty, name)()


KEYS = [
    (1, None, Ellipsis, None, -1), ([0, 1], slice(None), [1, 0]), (slice(None), [0, 0, 2]), (0, [1, 1], slice(1, None)), ([[0, 1], [1, 0]],),
    (np.array([True, False]), Ellipsis), (Ellipsis, np.array([0, -1])), (np.array([True, False]), [2], None), (np.ones((2, 3), dtype=bool),), (None, -1),
    (np.int64(1), slice(None, None, 2)), (slice(None), np.array([True, False, True]), [0]),
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=[str(i) for i in range(len(KEYS))])
def test_08_forms_of_indices(key):
    x = randn(2, 3, 4)
    y = x[key]
    if key is not KEYS[3]:  # PyTorch and NumPy place the new axis differently beside an integer
        np.testing.assert_array_equal(y.detach().numpy(), x.detach().numpy()[key])
    c = np.random.default_rng(1).standard_normal(y.shape)
    expected = np.zeros((2, 3, 4))
    places = tensor(np.arange(24).reshape(2, 3, 4))[key].numpy()
    np.add.at(expected.reshape(-1), places.reshape(-1), c.reshape(-1))
    np.testing.assert_allclose(grad((y * tensor(c)).sum(), x)[0].numpy(), expected)


# ---- 9 to 12: zeros, edges, kinks ------------------------------------------------------------------------------------


def test_09_product_with_zeros():
    for numbers, slopes in (((2.0, 3.0, 4.0), (12, 8, 6)), ((2.0, 0.0, 4.0), (0, 8, 0)), ((0.0, 0.0, 4.0), (0, 0, 0))):
        x = leaf(*numbers)
        assert grad(x.prod(), x)[0].tolist() == list(slopes)
        assert grad(x.prod(), x, create_graph=True)[0].tolist() == list(slopes)
        assert gradgradcheck(lambda x: x.prod(), (x,))


@pytest.mark.parametrize(
    ("base", "exponent", "slope"),
    [(0.0, 1, 1.0), (0.0, 2, 0.0), (0.0, 0, 0.0), (-2.0, 3, 12.0), (-2.0, 2, -4.0), (2.0, -1, -0.25), (-2.0, -1, -0.25), (4.0, 0.5, 0.25), (0.0, 0.5, INF), (0.0, -1, -INF)],
)  # fmt: skip
def test_10_powers_at_the_edges(base, exponent, slope):
    x = leaf(base)
    assert grad((x**exponent).sum(), x)[0].item() == slope
    assert grad((x ** tensor([float(exponent)], dtype=minitorch.float64)).sum(), x)[0].item() == slope


def test_10_power_by_its_exponent():
    x, n = leaf(0.0, 0.0, 2.0, 1.0, 0.0), leaf(0.0, 2.0, 3.0, 5.0, -1.0)
    found = grad((x**n).sum(), n)[0].tolist()
    assert found[:2] == [0.0, 0.0]
    assert found[2] == pytest.approx(8 * np.log(2))
    assert found[3] == 0.0
    assert found[4] == -INF


def test_11_kinks_and_bounds_follow_pytorch():
    x = leaf(-1.0, 0.0, 1.0)
    for f, slopes in (
        (lambda x: x.abs(), [-1, 0, 1]), (lambda x: x.relu(), [0, 0, 1]), (lambda x: x.sign(), [0, 0, 0]), (lambda x: x.clamp(-1, 1), [1, 1, 1]),
        (lambda x: x.clamp(0, 0.5), [0, 1, 0]), (lambda x: x.clamp(min=0.0), [0, 1, 1]), (lambda x: F.leaky_relu(x, 0.25), [0.25, 0.25, 1]),
    ):  # fmt: skip
        assert grad(f(x).sum(), x)[0].tolist() == slopes


def test_11_norm_at_zero_has_the_gradient_zero():
    for p in (1, 2, 3, INF):
        x = leaf(0.0, 0.0)
        assert grad(x.norm(p), x)[0].tolist() == [0.0, 0.0]
    x = tensor([[0.0, 0.0], [3.0, 4.0]], dtype=minitorch.float64, requires_grad=True)
    np.testing.assert_allclose(grad(x.norm(dim=1).sum(), x)[0].numpy(), [[0, 0], [0.6, 0.8]])


def test_12_where_keeps_nan_of_the_other_branch_out():
    x = leaf(-1.0, 0.0, 4.0)
    y = minitorch.where(x > 0, minitorch.where(x > 0, x, 1.0).log(), x)  # the safe way, twice
    assert grad(y.sum(), x)[0].tolist() == [1.0, 1.0, 0.25]
    nan = tensor([NAN, NAN, 1.0], dtype=minitorch.float64)
    assert grad(minitorch.where(x > 0, nan, x).sum(), x)[0].tolist() == [1.0, 1.0, 0.0]
    assert grad(x.masked_fill(x <= 0, INF).sum(), x)[0].tolist() == [0.0, 0.0, 1.0]


# ---- 13, 14: products ------------------------------------------------------------------------------------------------

EINSUMS = [
    ("ii->i", (3, 3)), ("ii->", (3, 3)), ("iij,kkj->ik", (2, 2, 3), (4, 4, 3)), ("ij->", (2, 3)), ("ij,jk->ik", (2, 3), (3, 4)), ("ij,j->", (2, 3), (3,)),
    ("i...j,j...->i...", (2, 3, 4), (4, 3)), ("...ij,...jk", (2, 3, 4), (2, 4, 2)), ("b...,b...->b...", (2, 1, 3), (2, 4, 1)), ("i,j,k->ijk", (2,), (3,), (2,)),
    (",ij->ji", (), (2, 3)), ("ij,ij->ij", (2, 3), (1, 3)), ("ijk->kij", (2, 3, 4)), ("ab,bc,cd->ad", (2, 3), (3, 2), (2, 4)),
]  # fmt: skip


@pytest.mark.parametrize("case", EINSUMS, ids=[case[0] for case in EINSUMS])
def test_13_einsum(case):
    subscripts, *shapes = case
    xs = [randn(*shape, seed=i) for i, shape in enumerate(shapes)]
    y = minitorch.einsum(subscripts, *xs)
    np.testing.assert_allclose(y.detach().numpy(), np.einsum(subscripts, *[x.detach().numpy() for x in xs]), rtol=1e-12)
    assert gradcheck(lambda *xs: minitorch.einsum(subscripts, *xs), tuple(xs), fast_mode=True)
    assert gradgradcheck(lambda *xs: minitorch.einsum(subscripts, *xs), tuple(xs), fast_mode=True)


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (3,)), ((3,), (2, 3, 4)), ((2, 4, 3), (3,)), ((2, 1, 4, 3), (5, 3, 2)), ((1, 3), (3, 1)), ((0, 3), (3, 2))],
)
def test_14_products_of_vectors_and_broadcast_batches(a, b):
    x, y = randn(*a), randn(*b, seed=1)
    assert gradcheck(lambda x, y: x @ y, (x, y), fast_mode=True)
    assert gradgradcheck(lambda x, y: x @ y, (x, y), fast_mode=True)


# ---- 15, 16: memory and types ----------------------------------------------------------------------------------------

LAYOUTS = {
    "Fortran": np.asfortranarray, "reversed": lambda a: a[::-1, ::-1].copy()[::-1, ::-1], "strided": lambda a: np.repeat(a, 2, axis=1)[:, ::2],
    "frozen": lambda a: frozen(a), "transposed": lambda a: a.T.copy().T,
}  # fmt: skip


def frozen(a):
    a = a.copy()
    a.flags.writeable = False
    return a


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_15_memory_in_any_layout(layout):
    a = np.random.default_rng(0).standard_normal((3, 4))
    x, y = (minitorch.from_numpy(f(a)).requires_grad_() for f in (np.copy, LAYOUTS[layout]))
    for f in (
        lambda x: (x @ x.t()).exp().sum(),
        lambda x: x.softmax(1)[0].sum() * x.sum(),
        lambda x: x.reshape(-1).var(),
        lambda x: (x * 2).add_(1).max(),
    ):
        np.testing.assert_allclose(grad(f(y), y)[0].numpy(), grad(f(x), x)[0].numpy(), rtol=1e-12)
    assert grad(y.sum(), y)[0].is_contiguous()


@pytest.mark.parametrize("name", ["uint8", "int8", "int16", "int32", "int64"])
def test_16_labels_and_indices_of_any_width(name):
    dtype = getattr(minitorch, name)
    x, labels = randn(3, 3), tensor([0, 2, 1]).to(dtype)
    assert x[labels.long()].tolist() == x.detach().numpy()[[0, 2, 1]].tolist()
    y = x * labels[:, None]
    assert y.dtype == minitorch.float64
    assert grad(y.sum(), x)[0].tolist() == [[0, 0, 0], [2, 2, 2], [1, 1, 1]]
    if name in ("int64", "uint8"):
        assert F.cross_entropy(x, labels.long()).requires_grad


@pytest.mark.parametrize(
    ("dtype", "rtol"), [(minitorch.float16, 2e-2), (minitorch.float32, 1e-5), (minitorch.float64, 1e-12)]
)
def test_16_every_floating_type_has_its_tolerance(dtype, rtol):
    a = np.random.default_rng(0).uniform(0.5, 1.5, (3, 4))
    exact, x = tensor(a, requires_grad=True), tensor(a, dtype=dtype, requires_grad=True)
    for f in (lambda x: (x.log() * x.tanh()).sum(), lambda x: (x @ x.t()).mean(), lambda x: x.softmax(1).prod(1).sum()):
        g = grad(f(x), x)[0]
        assert g.dtype == dtype
        np.testing.assert_allclose(g.double().numpy(), grad(f(exact), exact)[0].numpy(), rtol=rtol, atol=rtol)


# ---- 17, 18, 19, 20 --------------------------------------------------------------------------------------------------


def test_17_unused_outputs_in_the_middle():
    x = randn(3, 4)
    a, _, c = x.unbind(0)
    assert grad((a * c).sum(), x)[0][1].tolist() == [0.0] * 4
    values, _ = x.sort(1)
    assert gradcheck(lambda x: x.topk(2, 1)[0], (x,))
    assert grad(values[:, 0].sum(), x)[0].sum().item() == 3.0


def test_18_third_derivative_and_mixed_ones():
    x, w = leaf(0.7), leaf(1.3)
    y = (x**3 * w**2).sum()
    (a,) = grad(y, x, create_graph=True)
    (b,) = grad(a.sum(), w, create_graph=True)
    (c,) = grad(b.sum(), x, create_graph=True)
    assert (a.item(), b.item(), c.item()) == pytest.approx((3 * 0.49 * 1.69, 3 * 0.49 * 2.6, 6 * 0.7 * 2.6))


def test_18_derivative_inside_a_derivative_keeps_the_perturbations_apart():
    def d(f):
        def slope(x):
            y = x.detach().requires_grad_() if not x.requires_grad else x * 1
            return grad(f(y).sum(), y, create_graph=True)[0]

        return slope

    x = leaf(1.0)
    assert d(lambda x: x * d(lambda y: x + y)(x))(x).item() == 1.0  # and not 2
    assert d(lambda x: x * d(lambda y: x * y)(x))(leaf(3.0)).item() == 6.0
    assert d(d(lambda x: x**4))(leaf(2.0)).item() == 48.0


def test_19_intermediate_results_may_be_deleted():
    x = leaf(1.0, 2.0)
    a = x.exp()
    b = a * a
    c = b[0] + b[1]
    del a, b
    c.backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * np.exp(2 * x.detach().numpy()))


def test_20_exception_in_the_middle_leaves_nothing_behind():
    x = leaf(1.0, 2.0)
    y = x * 1
    for f in (
        lambda: y.add_(minitorch.ones(3)),
        lambda: y.view(3),
        lambda: y[5],
        lambda: y @ minitorch.ones(3),
        lambda: y.__setitem__(0, minitorch.ones(2)),
    ):
        with pytest.raises((RuntimeError, IndexError)):
            f()
    assert (y._version, y.tolist()) == (0, [1.0, 2.0])
    assert minitorch.is_grad_enabled()
    y.sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]


# ---- 21, 22: large numbers -------------------------------------------------------------------------------------------


def test_21_long_sums_in_half_precision():
    x = minitorch.full((300_000,), 0.1, dtype=minitorch.float16, requires_grad=True)
    assert x.mean().item() == pytest.approx(0.1, rel=2e-3)
    assert x.float().sum().item() == pytest.approx(30_000, rel=1e-3)
    assert np.isfinite(grad(x.mean(), x)[0].numpy()).all()


@pytest.mark.parametrize("axis", [0, 1])
def test_21_long_sums_in_single_precision(axis):
    shape = (2**21, 2) if axis == 0 else (2, 2**21)
    x = minitorch.full(shape, 0.1)
    np.testing.assert_allclose(x.sum(axis).numpy(), 0.1 * 2**21, rtol=1e-5)


def test_22_large_logits():
    x = tensor([[1000.0, -1000.0, 0.0]], dtype=minitorch.float64, requires_grad=True)
    for f in (
        lambda x: F.softmax(x, 1), lambda x: F.log_softmax(x, 1), lambda x: x.logsumexp(1), lambda x: x.sigmoid(), lambda x: F.softplus(x), lambda x: x.tanh(),
        lambda x: F.cross_entropy(x, tensor([1])), lambda x: F.binary_cross_entropy_with_logits(x, minitorch.ones_like(x)), lambda x: F.gelu(x), lambda x: F.silu(x),
    ):  # fmt: skip
        y = f(x)
        assert np.isfinite(y.detach().numpy()).all()
        assert np.isfinite(grad(y.sum(), x)[0].numpy()).all()


# ---- 23, 24: convolution and normalisation -----------------------------------------------------------------------------

CONVOLUTIONS = [  # input, weight, options
    ((1, 2, 7), (3, 2, 3), {"stride": 3}), ((1, 2, 3), (3, 2, 1), {}), ((2, 4, 5), (4, 2, 2), {"groups": 2, "dilation": 2}), ((1, 1, 1), (1, 1, 3), {"padding": 3}),
    ((0, 2, 5), (3, 2, 3), {}), ((2, 4, 5), (4, 1, 2), {"groups": 4, "padding": 1, "stride": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("x", "w", "options"), CONVOLUTIONS)
def test_23_convolutions_at_the_edges(x, w, options):
    assert gradcheck(lambda x, w: F.conv1d(x, w, **options), (randn(*x), randn(*w, seed=1)))


def test_23_kernel_that_does_not_fit_is_refused():
    for options in ({}, {"dilation": 3}):
        with pytest.raises(RuntimeError, match="Kernel size can't be greater than actual input size"):
            F.conv1d(randn(1, 1, 4), randn(1, 1, 5 if not options else 3), **options)


NORMALISED = {
    "softmax": lambda x: F.softmax(x, 1), "log_softmax": lambda x: F.log_softmax(x, 1), "layer_norm": lambda x: F.layer_norm(x, (4,)),
    "batch_norm": lambda x: F.batch_norm(x, None, None, training=True), "group_norm": lambda x: F.group_norm(x, 1), "normalize": lambda x: F.normalize(x, dim=1),
}  # fmt: skip


@pytest.mark.parametrize("name", list(NORMALISED))
def test_24_normalisations_with_a_cotangent_that_is_not_uniform(name):
    x = randn(3, 4)
    y = NORMALISED[name](x)
    flat = grad(y, x, minitorch.ones_like(y), retain_graph=True)[0]
    bent = grad(y, x, tensor(np.random.default_rng(1).standard_normal((3, 4))))[0]
    assert flat.abs().max().item() < 1e-6 or name in ("log_softmax", "normalize")  # ones tell nothing
    assert bent.abs().max().item() > 1e-2
    assert gradcheck(NORMALISED[name], (x,))


# ---- 27, 28: the same again, and linear time ---------------------------------------------------------------------------


def test_27_training_twice_is_equal_bit_by_bit():
    def train():
        minitorch.manual_seed(1)
        model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3))
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        x, y = minitorch.randn(16, 4), minitorch.randint(0, 3, (16,))
        for _ in range(5):
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        return [p.detach().numpy().tobytes() for p in model.parameters()]

    assert train() == train()


def test_28_gradients_of_slices_of_one_tensor_take_linear_time():
    def work(n):
        """How many numbers are computed on the way back from the sum of n rows."""
        numbers = [0]

        def count(op, args, options, result):
            numbers[0] += sum(y.value.size for y in (result if isinstance(result, tuple) else (result,)))

        x = minitorch.ones(n, 8, requires_grad=True)
        y = sum(row.sum() for row in x)
        with observe(count):
            grad(y, x, create_graph=True)
        return numbers[0]

    assert work(640) < 11 * work(64)  # a quadratic way would do 100 times as much
